"""g) From the button to the certificate: http-01 at pebble without its artificial waits, beside lego at the same pebble; and the memory
of the enrolling process with 200 orders that are due at once.

Both have an account already, P-256 keys and one name. Ours ends when the browser shows the request's page with its certificate, so
that it includes the page's own reloads; lego ends when its files are written.
"""

import itertools
import os
import subprocess
import time
from pathlib import Path

from console import Console
from pebble import LEGO, Pebble
from process import SERVER_CORE, interleaved, least_and_median, pinned, run
from setting import free_port
from table import Row

KEY = ["--profile", "https-ecc", "--ec-curve", "SECP256R1"]
ORDERS = 200
# Seconds; MiB.
SOON, MOST = 2, 24
NUMBER = itertools.count()


def measure(setting):
    pebble = Pebble(setting.new("pebble"))
    data = prepared(setting, pebble, "data")
    console = Console(setting.signet, data, free_port())
    person = console.person()
    lego = Lego(setting.new("lego"), pebble)
    # Both accounts are made before.
    lego.certificate()
    by_command(setting, data)
    runs = setting.few(3, 20)
    kinds = {"button": lambda: by_button(setting, data, person), "command": lambda: by_command(setting, data)}
    figures = interleaved(runs, kinds | {"lego": lego.certificate})
    console.stop()
    seconds = {name: least_and_median([took for _, took in each]) for name, each in figures.items()}
    cpu = {name: least_and_median([cpu * 1000 for cpu, _ in figures[name]]) for name in ("command", "lego")}
    yield Row("g", f"button to page with the certificate, {runs} times", "s", seconds["button"], "lego", seconds["lego"], 1.2)
    yield Row("g", f"button to page with the certificate, {runs} times", "s", seconds["button"], "the bound", (SOON,) * 2, 1.0)
    yield Row("g", f"`csr enroll`, {runs} times", "s", seconds["command"], "lego", seconds["lego"])
    yield Row("g", f"`csr enroll`, {runs} times", "ms of CPU", cpu["command"], "lego", cpu["lego"])
    theirs = lego.peak_mib()
    peak, took = all_at_once(setting, pebble)
    pebble.stop()
    orders = setting.few(20, ORDERS)
    yield Row("g", f"most resident, {orders} orders at once", "MiB", (peak,) * 2, "the bound", (MOST,) * 2, 1.0)
    yield Row("g", f"most resident, {orders} orders at once", "MiB", (peak,) * 2, "lego, one", (theirs,) * 2)
    yield Row("g", f"{orders} orders, for each", "s", (took / orders,) * 2, "lego, one", seconds["lego"])


def prepared(setting, pebble, name):
    """A data directory with pebble as its CA, whose checks come in at pebble's port."""
    data = setting.new(name)
    command = [setting.signet, "--data", data, "ca", "add", "pebble", "--acme", pebble.url, "--root", pebble.root]
    run([*command, "--agree-terms"])
    text = f'redirect = ["127.0.0.1:{pebble.http_port}"]\n[subject]\nrequired = []\n'
    (data / "signet.toml").write_text(text, encoding="ascii")
    return data


def created(setting, data):
    name = f"web-{next(NUMBER)}"
    run([setting.signet, "--data", data, "csr", "create", "--name", name, *KEY, "--san", f"{name}.test"])
    return name


def by_button(setting, data, person):
    """CPU is not measured: three processes share the work. Seconds from the button to the request's page."""
    name = created(setting, data)
    path = f"/csrs/{name}/enroll"
    person.get(path)
    body = person.filled(path, {"ca": "pebble"})
    began = time.perf_counter()
    answer = person.expected(person.exchange("POST", path, body), "POST", path, 303)
    path = answer.getheader("Location")
    while True:
        answer = person.exchange("GET", path)
        if answer.status == 303:
            path = answer.getheader("Location")
        elif refresh := answer.getheader("Refresh"):
            time.sleep(float(refresh.split(";")[0]))
        else:
            break
    took = time.perf_counter() - began
    if answer.status != 200 or path.partition("?")[0] != f"/csrs/{name}":
        raise SystemExit(f"the order led to {path}: {answer.status}: {person.page[:2000]}")
    return 0, took


def by_command(setting, data):
    name = created(setting, data)
    return run(pinned(SERVER_CORE, [setting.signet, "--data", data, "csr", "enroll", name, "--ca", "pebble"]))


class Lego:
    def __init__(self, folder, pebble):
        self.folder, self.pebble = folder, pebble
        self.environment = {"PATH": "/usr/bin:/bin", "LEGO_CA_CERTIFICATES": str(pebble.root)}

    def command(self):
        name = f"lego-{next(NUMBER)}.test"
        self.pebble.leads_to_lego(name)
        port = f"{LEGO}:{self.pebble.http_port}"
        command = ["lego", "--server", self.pebble.url, "--email", "owner@example.com", "--accept-tos", "--path", self.folder]
        command += ["--domains", name, "--key-type", "ec256", "--http", "--http.port", port, "run"]
        return pinned(SERVER_CORE, command)

    def certificate(self):
        return run(self.command(), env=self.environment)

    def peak_mib(self):
        return watched(self.command(), "lego", env=self.environment)[0]


def all_at_once(setting, pebble):
    """The most memory that the enrolling process had, and its seconds."""
    data = prepared(setting, pebble, "many")
    orders = setting.few(20, ORDERS)
    for _ in range(orders):
        name = created(setting, data)
        run([setting.signet, "--data", data, "csr", "enroll", name, "--ca", "pebble", "--no-wait"])
    # As its unit: the console answers the checks and does not start the process itself.
    os.environ["INVOCATION_ID"] = "bench"
    console = Console(setting.signet, data, free_port())
    del os.environ["INVOCATION_ID"]
    command = pinned(SERVER_CORE, [setting.signet, "--data", data, "--json", "enroll", "--pending", "--once"])
    peak, took, said = watched(command, "signet")
    console.stop()
    if f'"issued":{orders}' not in said:
        raise SystemExit(f"{orders} orders: {said}")
    return peak, took


def watched(command, name, **more):
    """MiB of the most memory that the program of this name had, its seconds, and what it printed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    peak = 0
    while process.poll() is None:
        peak = max(peak, peak_of(process.pid, name))
        time.sleep(0.01)
    took = time.perf_counter() - began
    said, error = process.communicate()
    if process.returncode:
        raise SystemExit(f"{name}: exit {process.returncode}: {error}")
    return peak, took, said


def peak_of(pid, name):
    """Before the program itself `taskset` is in its place."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    fields = dict(line.split(":", 1) for line in lines)
    if fields["Name"].strip() != name or "VmHWM" not in fields:
        return 0
    return int(fields["VmHWM"].split()[0]) / 1024
