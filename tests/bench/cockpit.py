"""Cockpit's login page, by `cockpit-ws` without systemd.

As a service Cockpit has a TLS proxy (`cockpit-tls`) before it, which hands each request on by a socket of systemd's. Here
`cockpit-ws` does its TLS itself: one process less, so that what is measured is the least that the page costs there.
"""

from pathlib import Path

from peers import wait_for
from process import Server

NAME = "Cockpit"
PROGRAMS = [Path(folder) / "cockpit-ws" for folder in ("/usr/lib/cockpit", "/usr/libexec")]


def program():
    found = next((path for path in PROGRAMS if path.exists()), None)
    if not found:
        raise SystemExit("not installed: cockpit-ws (tests/bench/run installs it)")
    return found


class Cockpit:
    """A login page behind the console's own certificate."""

    def __init__(self, folder, identity):
        self.folder = Path(folder)
        certificates = self.folder / "cockpit" / "ws-certs.d"
        certificates.mkdir(parents=True)
        for kind, suffix in [("CERTIFICATE", "cert"), ("PRIVATE KEY", "key")]:
            (certificates / f"0-bench.{suffix}").write_text(blocks(identity, kind), encoding="ascii")

    def start(self, port):
        log = open(self.folder / "log", "w", encoding="utf-8")
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "XDG_CONFIG_DIRS": str(self.folder)}
        started = Server([program(), "--address", "127.0.0.1", "--port", port], log, env=environment)
        wait_for(port, started, log.name)
        return started


def blocks(pem, kind):
    begin, end = f"-----BEGIN {kind}-----", f"-----END {kind}-----\n"
    return "".join(begin + part.partition(end)[0] + end for part in pem.split(begin)[1:])
