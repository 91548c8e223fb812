"""c) Resident memory idle, with 1,000 idle connections, after load; the time from start to the first answer; the binary's size."""

import subprocess
import time

import cockpit
import php
from console import Console
from peers import NAMES
from process import CLIENT_CORE, SERVER_CORE, least_and_median, pinned
from setting import free_port
from table import Row

IDLE = 1000
BINARY = 8


def measure(setting):
    data = setting.filled(50)
    site = setting.site(data)
    figures = {}
    for name in ["Signet", *NAMES]:
        port = free_port()
        figures[name] = []
        for _ in range(setting.few(1, 3)):
            server = Console(setting.signet, data, port) if name == "Signet" else site.start(name, port)
            figures[name].append(resident(setting, server, port, "/login" if name == "Signet" else "/login.html"))
            server.stop()
    kinds = [("resident, idle", 1.0), (f"resident, {IDLE:,} idle connections", 1.1), ("resident, after load", None)]
    for at, (what, target) in enumerate(kinds):
        ours = least_and_median([each[at] for each in figures["Signet"]])
        for name in NAMES:
            theirs = least_and_median([each[at] for each in figures[name]])
            yield Row("c", what, "MiB", ours, name, theirs, target if name == "lighttpd" else None)
        if at == 0:
            yield from idle_consoles(setting, data, site, what, ours)
    yield from starts(setting, data, site)
    size = (setting.signet.stat().st_size / 2**20,) * 2
    yield Row("c", "the binary", "MiB", size, "the bound", (BINARY,) * 2, 1.0)


def idle_consoles(setting, data, site, what, ours):
    """What a person would run instead."""
    for name, console, path in [(php.NAME, setting.php(data, site), "/login"), (cockpit.NAME, setting.cockpit(site), "/")]:
        port = free_port()
        server = console.start(port)
        theirs = idle_mib(setting, server, port, path)
        server.stop()
        yield Row("c", what, "MiB", ours, name, (theirs, theirs))


def idle_mib(setting, server, port, path):
    setting.load("requests", f"127.0.0.1:{port}", path, 1, 2)
    time.sleep(1)
    return server.resident_mib()


def resident(setting, server, port, path):
    idle = idle_mib(setting, server, port, path)
    command = pinned(CLIENT_CORE, [setting.client, "idle", f"127.0.0.1:{port}", path, str(IDLE)])
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    time.sleep(1)
    held = server.resident_mib()
    holder.stdin.close()
    holder.wait()
    setting.load("requests", f"127.0.0.1:{port}", path, 64, setting.few(4000, 50000))
    time.sleep(1)
    return idle, held, server.resident_mib()


def starts(setting, data, site):
    runs = setting.few(5, 31)
    times = {name: [] for name in ["Signet", *NAMES]}
    for _ in range(runs):
        for name in times:
            port = free_port()
            times[name].append(first_answer(setting, name, data, site, port))
    for name in NAMES:
        ours, theirs = least_and_median(times["Signet"]), least_and_median(times[name])
        yield Row("c", "start to first answer", "ms", ours, name, theirs, 1.1 if name == "lighttpd" else None)


def first_answer(setting, name, data, site, port):
    if name == "Signet":
        return start(setting, [setting.signet, "--data", data, "serve", "--listen", f"127.0.0.1:{port}"], port, "/login")
    environment = [f"{key}={value}" for key, value in site.environment().items()]
    return start(setting, ["env", "-i", *environment, *site.command(name, port)], port, "/login.html")


def start(setting, command, port, path):
    """Milliseconds from the server's start to the end of its first page, over a connection of its own."""
    told = setting.load("first", f"127.0.0.1:{port}", path, *pinned(SERVER_CORE, command))
    return told["seconds"] * 1000
