"""The comparison: `main.py SIGNET FOLDER [--quick] [PART...]`, with what ships and the folder of what measures it.
`tests/bench/run` calls it, after it has installed and built.
"""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cockpit
import csr
import enroll
import first_load
import many
import memory
import php
import table
import wire
import wizard
from process import CORES, SERVER_CORE
from setting import Setting, installed

REPORT = Path("docs/performance.md")
INTRODUCTION, FINDINGS = (Path("tests/bench") / name for name in ("introduction.md", "findings.md"))


def main(arguments):
    signet, built = (Path(argument).resolve() for argument in arguments[:2])
    quick, parts = "--quick" in arguments, [part for part in arguments[2:] if not part.startswith("-")]
    if unknown := set(parts) - set(table.PARTS):
        raise SystemExit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(table.PARTS)}")
    installed("nginx", "lighttpd", "caddy", "php", "openssl", "certtool", "cfssl", "pebble", "lego", "taskset")
    signal.signal(signal.SIGTERM, end)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir="target") as folder:
        setting = Setting(signet, built / "bench-client", quick=quick, folder=Path(folder).resolve())
        measures = {"a": csr, "b": wire, "c": memory, "d": many, "e": wizard, "f": first_load, "g": enroll}
        for part in parts or table.PARTS:
            began = time.monotonic()
            print(f"== {part}) {table.PARTS[part]}", file=sys.stderr, flush=True)
            rows += measures[part].measure(setting)
            print(f"   {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(table.printed(rows), flush=True)
    notes = [] if len(CORES) > 1 else [f"One core only ({SERVER_CORE}): servers and load share it; rates say little here"]
    if quick:
        notes.append("A quick run, on a machine that did other things, too: it shows that everything runs, and proves nothing")
    if parts or quick and "--write" not in arguments:
        print(f"{REPORT} is written by a full run of all parts alone.", file=sys.stderr)
        return
    introduction, findings = (file.read_text(encoding="utf-8") for file in (INTRODUCTION, FINDINGS))
    REPORT.write_text(table.document(introduction, rows, versions(signet), notes, findings), encoding="utf-8")
    print(f"written: {REPORT}", file=sys.stderr)


def end(*_):
    """Stops the servers and removes the folder. A second signal must not break that off."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


def versions(signet):
    """Who took part, in their own words."""
    asked = {
        "Signet": [signet, "--version"],
        "nginx": ["nginx", "-v"],
        "lighttpd": ["lighttpd", "-v"],
        "caddy": ["caddy", "version"],
        "PHP": [php.program(), "-v"],
        "Cockpit": [cockpit.program(), "--version"],
        "OpenSSL": ["openssl", "version"],
        "certtool": ["certtool", "--version"],
        "cfssl": ["cfssl", "version"],
        "lego": ["lego", "--version"],
    }
    told = {}
    for name, command in asked.items():
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        told[name] = (done.stdout.splitlines() or ["?"])[0].strip()
    size = signet.stat().st_size / 2**20
    told["Signet"] += f", as it ships ({signet.parent.name}), {size:.2f} MiB"
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
