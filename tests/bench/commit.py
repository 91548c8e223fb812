"""c) The durable commit alone against SQLite's insert of the same bytes; Save to its 303 with the key ready, and without.

All on one file system. The disk's time is what counts here: by the clock, in turn, one commit each.
"""

import sqlite3
import subprocess
import time

from console import Console
from process import SERVER_CORE, Server, least_and_median, pinned
from setting import free_port
from table import Row

# Seconds that a key of 2048 bits takes at most where it is not very slow.
READY = 4.0


class Commits:
    """The durable commit alone, as our store makes it: one each time it is asked for, in milliseconds."""

    def __init__(self, setting, data, folder):
        command = pinned(SERVER_CORE, [setting.commit, data, "first", folder])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def one(self):
        self.process.stdin.write("\n")
        return int(self.process.stdout.readline()) / 1e6

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure(setting):
    data, folder = setting.new("data"), setting.new("commits")
    setting.create(data, "first", "--profile", "https-ecc")
    commits = Commits(setting, data, folder)
    yield from commit_alone(setting, commits, (data / "csrs" / "first.pem").read_bytes(), folder.parent)
    yield from saves(setting, commits)
    commits.end()


def commit_alone(setting, commits, content, folder):
    contenders = {"Signet": lambda number: commits.one()}
    for journal, label in [("DELETE", "SQLite, rollback journal"), ("WAL", "SQLite, WAL")]:
        line = sqlite3.connect(folder / f"{journal}.db", isolation_level=None)
        line.execute(f"PRAGMA journal_mode={journal}")
        line.execute("PRAGMA synchronous=FULL")
        line.execute("CREATE TABLE csrs (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
        contenders[label] = lambda number, line=line: insert(line, number, content)
    figures = {name: [] for name in contenders}
    for number in range(setting.few(50, 500)):
        for name, one in contenders.items():
            figures[name].append(one(number))
    for label, target in [("SQLite, rollback journal", 0.6), ("SQLite, WAL", 1.8)]:
        what = f"durable commit of {len(content):,} bytes"
        yield Row("c", what, "ms", least_and_median(figures["Signet"]), label, least_and_median(figures[label]), target)


def insert(line, number, content):
    began = time.perf_counter()
    line.execute("INSERT INTO csrs VALUES (?, ?)", (f"commit-{number}", content))
    return (time.perf_counter() - began) * 1e3


def saves(setting, commits):
    """Against the sum that it may cost at most: two commits, a request, and for RSA the signature; each made beside it."""
    console = Console(setting.signet, setting.new("data"), free_port())
    person = console.person()
    kinds = [
        ("P-256", {"key_type": "EC", "ec_curve": "SECP256R1"}, setting.few(20, 200), 0, 0.0),
        ("RSA 2048, key ready", {"key_type": "RSA", "key_length": "2048"}, setting.few(3, 20), READY, signature(2048)),
        ("RSA 4096, key ready", {"key_type": "RSA", "key_length": "4096"}, setting.few(2, 10), READY * 3, signature(4096)),
        ("RSA 2048, no key", {"key_type": "RSA", "key_length": "2048"}, setting.few(3, 20), 0, None),
    ]
    for label, options, runs, wait, more in kinds:
        times, allowed = [], []
        for number in range(runs):
            person.up_to_confirm(f"save-{label.translate(NAME)}-{number}", options)
            until_ready(console, wait)
            allowed.append(2 * commits.one() + timed(person, "GET", "/csrs") + (more or 0))
            body = person.filled("/wizard/confirm", {}, "save", person.confirm)
            times.append(timed(person, "POST", "/wizard/confirm", body))
            person.expected(person.answer, "POST", "/wizard/confirm", 303)
            while person.exchange("GET", "/wizard/progress").getheader("Refresh"):
                time.sleep(0.1)
        beside = "2 commits + a request" + (" + a signature" if more else "")
        target = None if more is None else 1.0
        yield Row("c", f"Save to 303, {label}", "ms", least_and_median(times), beside, least_and_median(allowed), target)
    console.stop()


NAME = str.maketrans(" ,", "--")


def timed(person, method, path, body=None):
    began = time.perf_counter()
    person.exchange(method, path, body)
    return (time.perf_counter() - began) * 1e3


def until_ready(console: Server, longest):
    """The forge rests once the key is there: until no CPU is used any more."""
    if not longest:
        return
    until, before = time.monotonic() + longest * 10, -1.0
    while time.monotonic() < until and (now := console.cpu()) != before:
        before = now
        time.sleep(0.3)


def signature(bits):
    """Milliseconds of one RSA signature, by openssl's own measure on the server's core."""
    command = pinned(SERVER_CORE, ["openssl", "speed", "-seconds", "1", "-mr", f"rsa{bits}"])
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("+F2:"))
    return 1000 / float(line.split(":")[3])
