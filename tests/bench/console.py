"""The console as a person uses it: first boot, login, the wizard; over one keep-alive connection, by the forms as they come."""

import functools
import http.client
import re
import ssl
import subprocess
import time
import urllib.parse
from html.parser import HTMLParser
from pathlib import Path

from peers import wait_for
from process import Server

CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
PASSWORD = "correct horse battery staple"
SUBJECT = {
    "country": "DE",
    "state": "Berlin",
    "city": "Berlin",
    "organization": "Example GmbH",
    "email": "root@nas.local",
    "common": "nas.example.org",
    "san": "nas.local\n192.0.2.7",
}


@functools.cache
def writes_code(binary):
    """Whether this version shows its setup code only on a terminal, and in a file that it is given."""
    said = subprocess.run([binary, "serve", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return "--setup-code-file" in said


class Console(Server):
    """A console that serves `data`; the owner is made where there is none."""

    def __init__(self, binary, data, port):
        self.data, self.port = Path(data), port
        log = open(f"{data}.log", "w+", encoding="utf-8")
        self.log, self.code_file = log, Path(f"{data}.code")
        self.code_file.unlink(missing_ok=True)
        code = ["--setup-code-file", self.code_file] if writes_code(binary) else []
        super().__init__([binary, "--data", data, "serve", "--listen", f"127.0.0.1:{port}", *code], log)
        wait_for(port, self, log.name)
        self.code = "" if (self.data / "owner.json").exists() else self.setup_code()

    def setup_code(self):
        """Where it is written: the file, or what versions without it say."""
        until = time.monotonic() + 60
        while time.monotonic() < until and not self.has_ended():
            files = [file for file in (self.code_file, Path(self.log.name)) if file.exists()]
            if code := CODE.search("".join(file.read_text(encoding="utf-8") for file in files)):
                return code[0]
            time.sleep(0.01)
        raise SystemExit(f"the console shows no setup code: {Path(self.log.name).read_text(encoding='utf-8')}")

    def person(self):
        """Somebody who is logged in."""
        person = Person(self.port)
        if (self.data / "owner.json").exists():
            person.get("/login")
            person.send("/login", {"password": PASSWORD}, expect=303)
        else:
            person.get("/setup")
            words = {"setup_code": self.code, "password": PASSWORD, "password_confirm": PASSWORD}
            person.send("/setup", words, expect=303)
        return person


def make_csrs(binary, data, count, template):
    """Fills the folder by copies of one CSR's file with a record's id and a name of their own: as many saves would leave it."""
    folder = Path(data) / "csrs"
    text = (folder / f"{template}.pem").read_bytes()
    for number in range(count):
        (folder / f"unit-{number:05}.pem").write_bytes(text)
        (folder / f"unit-{number:05}.pem").chmod(0o600)
    subprocess.run([binary, "--data", data, "csr", "delete", template, "--yes"], check=True, stdout=subprocess.DEVNULL)


class Person:
    """A browser: cookies, the page that it is on, and nothing in parallel."""

    def __init__(self, port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.authority = f"127.0.0.1:{port}"
        self.line = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=120)
        self.cookies, self.page = {}, ""

    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def exchange(self, method, path, body=None):
        headers = {"Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            headers["Cookie"] = self.cookie()
        if body is not None:
            headers |= {"Origin": f"https://{self.authority}", "Content-Type": "application/x-www-form-urlencoded"}
        self.line.request(method, path, body, headers)
        self.answer = answer = self.line.getresponse()
        self.page = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, content = value.split(";")[0].partition("=")
                self.cookies[key] = content
                if not content or "Max-Age=0" in value:
                    del self.cookies[key]
        return answer

    def get(self, path, expect=200):
        return self.expected(self.exchange("GET", path), "GET", path, expect)

    def expected(self, answer, method, path, expect):
        if answer.status != expect:
            raise SystemExit(f"{method} {path}: {answer.status} where {expect} was expected: {self.page[:2000]}")
        return answer

    def filled(self, action, typed, button=None, page=None):
        """The body of the page's form that goes to `action`."""
        fields = fields_of(page or self.page, action) | typed | ({button: "on"} if button else {})
        return urllib.parse.urlencode(fields)

    def send(self, action, typed, button=None, expect=303):
        return self.expected(self.exchange("POST", action, self.filled(action, typed, button)), "POST", action, expect)

    def up_to_confirm(self, name, options, think=lambda step: None):
        """The wizard to its last page."""
        answer = self.exchange("GET", "/wizard")
        if answer.status == 200:
            self.send("/wizard", {})
        steps = [("identity", {"name": name}), ("options", options), ("subject", SUBJECT), ("constraints", {})]
        for step, typed in steps:
            self.get(f"/wizard/{step}")
            think(step)
            self.send(f"/wizard/{step}", typed, "next")
        self.get("/wizard/confirm")
        self.confirm = self.page

    def save(self):
        """Seconds from pressing Save to the end of the CSR's page, with every page between them."""
        body = self.filled("/wizard/confirm", {}, "save")
        began = time.perf_counter()
        answer = self.expected(self.exchange("POST", "/wizard/confirm", body), "POST", "/wizard/confirm", 303)
        path = answer.getheader("Location")
        while True:
            answer = self.exchange("GET", path)
            if answer.status == 303:
                path = answer.getheader("Location")
            elif refresh := answer.getheader("Refresh"):
                time.sleep(float(refresh.split(";")[0]))
            else:
                break
        took = time.perf_counter() - began
        if answer.status != 200 or not path.startswith("/csrs/"):
            raise SystemExit(f"Save led to {path}: {answer.status}")
        return took


class Fields(HTMLParser):
    """What a browser would send of one form, its buttons left out."""

    def __init__(self, action):
        super().__init__()
        self.action, self.inside, self.fields = action, False, {}
        self.area, self.list = None, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name, kind = attributes.get("name"), attributes.get("type", "text")
        if tag == "form":
            self.inside = attributes.get("action", "").split("#")[0].split("?")[0] == self.action
        elif not self.inside:
            pass
        elif tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in attributes:
                self.fields[name] = attributes.get("value", "on")
        elif tag == "input" and name and kind not in ("submit", "file", "button"):
            self.fields[name] = attributes.get("value", "")
        elif tag == "textarea":
            self.area = name
            self.fields[name] = ""
        elif tag == "select":
            self.list = name
        elif tag == "option" and self.list and ("selected" in attributes or self.list not in self.fields):
            self.fields[self.list] = attributes.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = None
        elif tag == "select":
            self.list = None

    def handle_data(self, data):
        if self.inside and self.area:
            self.fields[self.area] += data


def fields_of(page, action):
    reader = Fields(action)
    reader.feed(page)
    if "csrf_token" not in reader.fields:
        raise SystemExit(f"no form to {action} in: {page[:2000]}")
    return reader.fields
