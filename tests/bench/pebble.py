"""An ACME server: Debian's pebble without its artificial waits, on the client's core, with a name server of its own."""

import json
import subprocess
import urllib.request

from peers import wait_for
from process import CLIENT_CORE, RUNNING, pinned
from setting import free_port

# Where lego answers checks: the console has the same port at 127.0.0.1.
LEGO = "127.0.0.2"


class Pebble:
    """Names that begin with `lego` lead to LEGO, all others to 127.0.0.1."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.root = certificates(folder)
        self.http_port = free_port()
        acme, management, tls, dns, control = (free_port() for _ in range(5))
        self.url, self.control = f"https://localhost:{acme}/dir", control
        settings = {
            "listenAddress": f"127.0.0.1:{acme}",
            "managementListenAddress": f"127.0.0.1:{management}",
            "certificate": str(folder / "server.pem"),
            "privateKey": str(folder / "server.key"),
            "httpPort": self.http_port,
            "tlsPort": tls,
            "ocspResponderURL": "",
        }
        (folder / "pebble.json").write_text(json.dumps({"pebble": settings}), encoding="ascii")
        without = [word for kind in ("http01", "https01", "tlsalpn01", "defaultIPv6") for word in (f"-{kind}", "")]
        names = ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}", "-management", f"127.0.0.1:{control}", *without]
        server = ["pebble", "-strict", "-dnsserver", f"127.0.0.1:{dns}", "-config", folder / "pebble.json"]
        waits = {"PATH": "/usr/bin:/bin", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        self.log = open(folder / "log", "w", encoding="utf-8")
        quiet = {"stdin": subprocess.DEVNULL, "stdout": self.log, "stderr": self.log}
        self.processes = [subprocess.Popen(pinned(CLIENT_CORE, command), env=waits, **quiet) for command in (names, server)]
        RUNNING.add(self)
        wait_for(acme, self, self.log.name)

    def has_ended(self):
        return any(process.poll() is not None for process in self.processes)

    def leads_to_lego(self, name):
        body = json.dumps({"host": name, "addresses": [LEGO]}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control}/add-a", body, timeout=10):
            pass

    def stop(self):
        RUNNING.discard(self)
        for process in self.processes:
            process.kill()
            process.wait()
        self.log.close()


def certificates(folder):
    """A root, and `server.pem` with its key for localhost below it; the root's file."""

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, stderr=subprocess.DEVNULL)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root", "-days", 30)
    openssl("req", "-new", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n", encoding="ascii")
    above = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"]
    openssl("x509", "-req", "-in", "server.csr", *above, "-extfile", "names", "-days", 30, "-out", "server.pem")
    return folder / "root.pem"
