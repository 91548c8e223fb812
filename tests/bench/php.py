"""The console that somebody would write in PHP: nginx with php-fpm, which render `console.php` from the same data directory.

opcache is on and looks for no changed scripts, the pool is static, sessions are PHP's own. nginx has one worker, as where it
serves files, the same key and certificate, and compresses at its own default level.
"""

import functools
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from console import PASSWORD, Person
from peers import added, nginx, wait_for
from process import Server, Together

NAME = "nginx + PHP"
SCRIPT = Path(__file__).with_name("console.php").resolve()
# More than one core can use: one may wait for a file while another renders.
CHILDREN = 4


class Php:
    """The console in PHP over `data`, with the headers that ours sends."""

    def __init__(self, folder, data, pem, headers):
        self.folder, self.data, self.pem, self.headers = Path(folder), Path(data), pem, headers
        (self.folder / "sessions").mkdir(parents=True)
        self.owner = self.folder / "owner"
        script = "echo password_hash($argv[1], PASSWORD_DEFAULT);"
        self.owner.write_bytes(subprocess.run(["php", "-r", script, "--", PASSWORD], stdout=subprocess.PIPE, check=True).stdout)

    def start(self, port):
        log = open(self.folder / "log", "w", encoding="utf-8")
        # The path of a socket has 107 bytes at most: no place below the run's folder is sure to fit.
        short = tempfile.TemporaryDirectory(prefix="bench-php-")
        socket = Path(short.name) / "fpm"
        web = nginx(self.folder, port, self.pem, self.places(socket))
        started = Together(Server(self.fpm(socket), log), Server(web, log), folder=short)
        wait_for(port, started, log.name)
        until = time.monotonic() + 20
        while not socket.exists() and time.monotonic() < until:
            time.sleep(0.01)
        person = Person(port)
        person.get("/login")
        person.get("/opcache")
        told = json.loads(person.page)
        if not told["enabled"] or str(SCRIPT) not in told["scripts"]:
            raise SystemExit(f"opcache does not keep {SCRIPT}: {told}")
        return started

    def cookie(self, port):
        """Of somebody who is logged in."""
        person = Person(port)
        person.get("/login")
        person.send("/login", {"password": PASSWORD})
        return person.cookie()

    def fpm(self, socket):
        root = os.geteuid() == 0
        lines = [
            *("[global]", "error_log = /proc/self/fd/2", "log_level = warning", "[console]", f"listen = {socket}"),
            *(("user = root", "group = root") if root else ()),
            *("pm = static", f"pm.max_children = {CHILDREN}", "pm.max_requests = 0", "clear_env = yes"),
            *("php_admin_value[opcache.enable] = 1", "php_admin_value[opcache.validate_timestamps] = 0"),
            # A script that was just checked out is kept, too.
            "php_admin_value[opcache.file_update_protection] = 0",
            *(f"php_admin_value[session.save_path] = {self.folder}/sessions", "php_admin_value[session.cache_limiter] ="),
            *("php_admin_value[session.name] = __Host-session", "php_admin_value[session.use_strict_mode] = 1"),
            *("php_admin_value[session.cookie_secure] = 1", "php_admin_value[session.cookie_httponly] = 1"),
            *("php_admin_value[session.cookie_samesite] = Strict", "php_admin_value[zlib.output_compression] = 0"),
        ]
        file = self.folder / "fpm.conf"
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return [program(), "--nodaemonize", *(["--allow-to-run-as-root"] if root else []), "--fpm-config", file]

    def places(self, socket):
        told = {
            **{"SCRIPT_FILENAME": SCRIPT, "CONSOLE_DATA": self.data, "CONSOLE_OWNER": self.owner},
            **{"REQUEST_METHOD": "$request_method", "REQUEST_URI": "$request_uri", "QUERY_STRING": "$query_string"},
            **{"CONTENT_TYPE": "$content_type", "CONTENT_LENGTH": "$content_length", "SERVER_PROTOCOL": "$server_protocol"},
        }
        parameters = "\n".join(f'fastcgi_param {name} "{value}";' for name, value in told.items())
        return f"""
            gzip on; {added(self.headers)}
            location / {{ fastcgi_pass unix:{socket}; fastcgi_buffers 32 8k; {parameters} }}
        """


@functools.cache
def program():
    """php-fpm, whose command carries its version where Debian and Ubuntu install it."""
    found = sorted(path for folder in ("/usr/sbin", "/usr/bin") for path in Path(folder).glob("php-fpm*"))
    if not found:
        raise SystemExit("not installed: php-fpm (tests/bench/run installs it)")
    return found[-1]


def rows_of(page):
    """The names of a list's rows, in their order, and how many cells they have in all."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'href="/csrs/([^"/?]+)"', body), body.count("<td")


def same_rows(ours, theirs):
    """Both lists, as somebody who is logged in sees them: the same requests in the same order, as many cells."""
    pages = []
    for port, cookie in (ours, theirs):
        person = Person(port)
        person.line.request("GET", "/csrs", headers={"Cookie": cookie})
        answer = person.expected(person.line.getresponse(), "GET", "/csrs", 200)
        pages.append(rows_of(answer.read().decode()))
    if pages[0] != pages[1] or not pages[0][0]:
        raise SystemExit(f"the lists have different rows: ours {pages[0]}, {NAME} {pages[1]}")
    return len(pages[0][0])
