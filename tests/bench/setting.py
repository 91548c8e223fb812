"""What the parts share: the binaries, a folder to work in, ports, and how much is run."""

import json
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cockpit import Cockpit
from console import Console, Person, make_csrs
from peers import Site
from php import Php
from process import CLIENT_CORE, pinned

FLAGS = [
    *("--country", "DE", "--state", "Berlin", "--city", "Berlin", "--organization", "Example GmbH"),
    *("--email", "root@nas.local", "--common", "nas.example.org", "--san", "nas.local"),
]


@dataclass
class Setting:
    signet: Path
    client: Path
    quick: bool
    folder: Path

    def few(self, quick, full):
        return quick if self.quick else full

    def new(self, name):
        """A path of its own below the run's folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder)) / name

    def load(self, *arguments):
        """Runs the load generator on the client's core; what it says."""
        command = pinned(CLIENT_CORE, [self.client, *map(str, arguments)])
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        return json.loads(done.stdout)

    def create(self, data, name, *more, **options):
        command = [self.signet, "--data", data, "csr", "create", "--name", name, *FLAGS, *map(str, more)]
        return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def filled(self, count, name="data"):
        """A data directory with an owner and `count` CSRs."""
        data = self.new(name)
        console = Console(self.signet, data, free_port())
        console.person()
        console.stop()
        self.create(data, "first", "--profile", "https-ecc")
        make_csrs(self.signet, data, count, "first")
        return data

    def site(self, data):
        """The console's login page and list, recorded for the peers; plain and compressed."""
        console = Console(self.signet, data, free_port())
        site = Site(self.new("site"), (data / "identity.pem").read_text(encoding="ascii"))
        visitor, owner = Person(console.port), console.person()
        for person, path, name in [(visitor, "/login", "login"), (owner, "/csrs", "list")]:
            for coding, suffix in [("identity", "html"), ("gzip", "gz")]:
                headers = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": coding, "Cookie": person.cookie()}
                person.line.request("GET", path, headers=headers)
                answer = person.line.getresponse()
                site.record(f"{name}.{suffix}", answer, answer.read())
        console.stop()
        return site

    def php(self, data, site):
        """The console in PHP over the same data directory, with the key, the certificate and the headers of ours."""
        return Php(self.new("php"), data, site.pem, site.headers["login.html"])

    def cockpit(self, site):
        return Cockpit(self.new("cockpit"), site.pem.read_text(encoding="ascii"))


def free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def installed(*commands):
    missing = [command for command in commands if not shutil.which(command, path="/usr/sbin:/usr/bin:/sbin:/bin")]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)} (tests/bench/run installs them)")
