"""Rows of the comparison, their targets, and how they are written down."""

import datetime
import os
import platform
from dataclasses import dataclass, asdict


@dataclass
class Row:
    """One figure of ours beside another's: `least` and `median` of interleaved runs, in `unit`."""

    part: str
    what: str
    unit: str
    ours: tuple
    peer: str
    theirs: tuple
    target: float | None = None

    @property
    def ratio(self):
        """Of the medians."""
        return self.ours[1] / self.theirs[1] if self.theirs[1] else float("nan")

    @property
    def verdict(self):
        if self.target is None:
            return ""
        return "met" if self.ratio <= self.target else "missed"

    def cells(self):
        target = f"≤ {self.target:g}" if self.target is not None else ""
        return [self.what, self.unit, pair(self.ours), self.peer, pair(self.theirs), f"{self.ratio:.2f}", target, self.verdict]

    def to_json(self):
        return asdict(self)


HEAD = ["what", "unit", "Signet", "beside", "theirs", "ratio", "target", ""]

PARTS = {
    "a": "A CSR by command line",
    "b": "Pages and handshakes",
    "c": "Memory, start and size",
    "d": "Many requests, many devices",
    "e": "The wizard as a person does it",
    "f": "The first load beside other consoles'",
    "g": "From the button to the certificate",
}


def number(value):
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def pair(figures):
    least, median = figures
    return number(median) if least == median else f"{number(median)} ({number(least)})"


def lines_of(rows):
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEAD))]
    for line in cells:
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
        if line is HEAD:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def printed(rows):
    text = []
    for part, title in PARTS.items():
        of_part = [row for row in rows if row.part == part]
        if of_part:
            text += [f"## {part}) {title}", "", *lines_of(of_part), ""]
    return "\n".join(text)


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as cpus:
        for line in cpus:
            if line.startswith(("model name", "Model")):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = datetime.date.today().isoformat()
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().partition('-')[0]} ({platform.machine()}), {today}"


def document(introduction, rows, versions, notes, findings):
    """docs/performance.md."""
    judged = [row for row in rows if row.verdict]
    met = sum(row.verdict == "met" for row in judged)
    return "\n".join(
        [
            introduction.strip(),
            "",
            "## The run",
            "",
            f"- Machine: {machine()}",
            *(f"- {name}: {version}" for name, version in versions.items()),
            *(f"- {note}" for note in notes),
            "",
            f"{met} of {len(judged)} targets met.",
            "",
            printed(rows),
            findings.strip(),
            "",
        ]
    )
