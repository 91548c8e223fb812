"""c) The durable commit alone against SQLite's insert of the same bytes; Save to its 303 with the key ready, and without.

All on one file system. The disk's time is what counts here: by the clock, in turn, one commit each.
"""

import sqlite3
import subprocess
import time

from console import Console
from process import CLIENT_CORE, SERVER_CORE, Server, least_and_median, pinned
from setting import free_port
from table import Row

READY, ABSENT = 4.0, 0.0


def measure(setting):
    data = setting.new("data")
    setting.create(data, "first", "--profile", "https-ecc")
    commits = yield from commit_alone(setting, data)
    yield from saves(setting, commits)


def commit_alone(setting, data):
    folder = setting.new("commits")
    content = (data / "csrs" / "first.pem").read_bytes()
    databases = {}
    for journal, label in [("DELETE", "SQLite, rollback journal"), ("WAL", "SQLite, WAL")]:
        line = sqlite3.connect(folder.parent / f"{journal}.db", isolation_level=None)
        line.execute(f"PRAGMA journal_mode={journal}")
        line.execute("PRAGMA synchronous=FULL")
        line.execute("CREATE TABLE csrs (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
        databases[label] = line
    command = pinned(CLIENT_CORE, [setting.commit, data, "first", folder])
    ours = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    figures = {name: [] for name in ["Signet", *databases]}
    for number in range(setting.few(50, 500)):
        ours.stdin.write("\n")
        figures["Signet"].append(int(ours.stdout.readline()) / 1e6)
        for label, line in databases.items():
            began = time.perf_counter()
            line.execute("INSERT INTO csrs VALUES (?, ?)", (f"commit-{number}", content))
            figures[label].append((time.perf_counter() - began) * 1e3)
    ours.stdin.close()
    ours.wait()
    for label, target in [("SQLite, rollback journal", 0.6), ("SQLite, WAL", 1.8)]:
        what = f"durable commit of {len(content):,} bytes"
        yield Row("c", what, "ms", least_and_median(figures["Signet"]), label, least_and_median(figures[label]), target)
    return figures["Signet"]


def saves(setting, commits):
    """Against the sum that it may cost at most: two commits, a request, and for RSA the signature."""
    console = Console(setting.signet, setting.new("data"), free_port())
    person = console.person()
    requests = [timed_request(person) for _ in range(setting.few(20, 200))]
    kinds = [
        ("P-256", {"key_type": "EC", "ec_curve": "SECP256R1"}, setting.few(20, 200), ABSENT, 0.0),
        ("RSA 2048, key ready", {"key_type": "RSA", "key_length": "2048"}, setting.few(3, 20), READY, signature(2048)),
        ("RSA 4096, key ready", {"key_type": "RSA", "key_length": "4096"}, setting.few(2, 10), READY * 3, signature(4096)),
        ("RSA 2048, no key", {"key_type": "RSA", "key_length": "2048"}, setting.few(3, 20), ABSENT, None),
    ]
    for label, options, runs, wait, more in kinds:
        times = []
        for number in range(runs):
            person.up_to_confirm(f"save-{label.translate(NAME)}-{number}", options)
            if wait:
                until_ready(console, wait)
            body = person.filled("/wizard/confirm", {}, "save")
            began = time.perf_counter()
            answer = person.exchange("POST", "/wizard/confirm", body)
            times.append((time.perf_counter() - began) * 1e3)
            person.expected(answer, "POST", "/wizard/confirm", 303)
            while person.exchange("GET", "/wizard/progress").getheader("Refresh"):
                time.sleep(0.1)
        allowed = tuple(2 * a + b for a, b in zip(least_and_median(commits), least_and_median(requests)))
        beside = "2 commits + a request" + (" + a signature" if more else "")
        allowed = tuple(each + (more or 0) for each in allowed)
        target = None if more is None else 1.0
        yield Row("c", f"Save to 303, {label}", "ms", least_and_median(times), beside, allowed, target)
    console.stop()


NAME = str.maketrans(" ,", "--")


def timed_request(person):
    began = time.perf_counter()
    person.exchange("GET", "/csrs")
    return (time.perf_counter() - began) * 1e3


def until_ready(console: Server, longest):
    """The forge rests once the key is there: until no CPU is used any more."""
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
