"""b) Keep-alive requests of the login page and of the list of 50, beside consoles that render them and servers of the same
bytes as files; handshakes.
"""

import statistics
import time
from collections import namedtuple

import cockpit
import php
from console import Console
from peers import NAMES
from process import least_and_median
from setting import free_port
from table import Row

CONNECTIONS = 8
GZIP = ["Accept-Encoding: gzip", "Sec-Fetch-Site: same-origin"]
# CPU beside the better of the consoles that render the page, and p99 beside it.
TARGETS = {"login": (0.5, None), "list": (0.25, 0.5)}

# A server as the load sees it: its process, its port, its paths by page, and the cookie of somebody who is logged in.
Contender = namedtuple("Contender", "server port paths cookie", defaults=[None])


def measure(setting):
    data = setting.filled(50)
    site = setting.site(data)
    console = Console(setting.signet, data, free_port())
    ours = Contender(console, console.port, {"login": "/login", "list": "/csrs"}, console.person().cookie())
    rendering = consoles(setting, data, site)
    files = {}
    for name in NAMES:
        port = free_port()
        files[name] = Contender(site.start(name, port), port, {})
    servers = {"Signet": ours, **rendering, **files}
    try:
        php.same_rows((ours.port, ours.cookie), (rendering[php.NAME].port, rendering[php.NAME].cookie))
        yield from pages(setting, ours, rendering, files)
        yield from handshakes(setting, {"Signet": ours, **files})
    finally:
        for contender in servers.values():
            contender.server.stop()


def consoles(setting, data, site):
    """What a person would run instead."""
    ports = free_port(), free_port()
    console = setting.php(data, site)
    server = console.start(ports[0])
    return {
        php.NAME: Contender(server, ports[0], {"login": "/login", "list": "/csrs"}, console.cookie(ports[0])),
        cockpit.NAME: Contender(setting.cockpit(site).start(ports[1]), ports[1], {"login": "/"}),
    }


def pages(setting, ours, rendering, files):
    rounds = setting.few(2, 5)
    count, of_files = setting.few(400, 2000), setting.few(4000, 20000)
    for page, label in [("login", "login page"), ("list", "list of 50")]:
        for suffix, coding, headers in [("html", "plain", []), ("gz", "gzip", GZIP)]:
            beside = {name: contender for name, contender in rendering.items() if page in contender.paths}
            figures = {name: [] for name in ("Signet", *beside, *files)}
            for _ in range(rounds):
                for name, contender in {"Signet": ours, **beside}.items():
                    cookie = [f"Cookie: {contender.cookie}"] if page == "list" else []
                    # Cockpit waits 40 ms for each answer: fewer of them say as much of its CPU.
                    many = count // 4 if name == cockpit.NAME else count
                    figures[name].append(load(setting, contender, contender.paths[page], many, [*headers, *cookie]))
                for name, contender in files.items():
                    figures[name].append(load(setting, contender, f"/{page}.{suffix}", of_files, headers))
            sizes = {name: of[0]["body"] for name, of in figures.items()}
            what = f"{label}, {coding}, {sizes['Signet']:,} bytes"
            alike(what, sizes, files)
            yield from beside_consoles(what, figures, beside, *TARGETS[page])
            yield from beside_files(what, figures, files)


def alike(what, sizes, files):
    """Files: the same bytes but for what differs in each answer, the tokens and what gzip makes of them. PHP: as many, nearly,
    for its pages have no empty lines and another name, and gzip has another level there.
    """
    for names, share, more in [(files, 0.05, 64), ([php.NAME], 0.3, 64)]:
        some = [sizes["Signet"], *(sizes[name] for name in names)]
        if max(some) - min(some) > share * max(some) + more:
            raise SystemExit(f"{what}: not the same page: {sizes}")


def load(setting, contender, path, count, headers):
    before = contender.server.cpu()
    told = setting.load("requests", f"127.0.0.1:{contender.port}", path, CONNECTIONS, count, *headers)
    time.sleep(0.02)
    told["cpu_us"] = (contender.server.cpu() - before) / (count + CONNECTIONS) * 1e6
    return told


def column(figures, name, key):
    return least_and_median([told[key] for told in figures[name]])


def beside_consoles(what, figures, names, cpu_target, p99_target):
    for key, unit, target in [("cpu_us", "µs of CPU a request", cpu_target), ("p99_us", "µs, p99", p99_target)]:
        better = min(names, key=lambda name: statistics.median(told[key] for told in figures[name]))
        for name in names:
            judged = target if name == better else None
            yield Row("b", what, unit, column(figures, "Signet", key), name, column(figures, name, key), judged)


def beside_files(what, figures, names):
    for name in names:
        ours, theirs = (column(figures, who, "cpu_us") for who in ("Signet", name))
        yield Row("b", what, "µs of CPU a request", ours, f"a file by {name}", theirs)


def handshakes(setting, servers):
    count, rounds = setting.few(300, 1000), setting.few(2, 5)
    for kind, what, target in [
        ("full", "full TLS 1.3 handshake, X25519, P-256", 0.65),
        ("resumed", "resumed TLS 1.3 handshake, X25519, and a login page", None),
        ("hybrid", "full handshake as browsers ask for it (ours X25519MLKEM768)", None),
    ]:
        figures = {name: [] for name in servers}
        for _ in range(rounds):
            for name, (server, port, *_) in servers.items():
                before = server.cpu()
                path = [] if kind != "resumed" else ["/login" if name == "Signet" else "/login.html"]
                told = setting.load("handshakes", f"127.0.0.1:{port}", kind, count, *path)
                time.sleep(0.02)
                if name == "Signet" and told["resumed"] != (count if kind == "resumed" else 0):
                    raise SystemExit(f"{what}: {told['resumed']} of {count} were resumed")
                figures[name].append({**told, "cpu_us": (server.cpu() - before) / count * 1e6})
        for name in NAMES:
            # A server that gives this client no ticket it can come back with has nothing to be compared with.
            if kind == "resumed" and any(told["resumed"] < count for told in figures[name]):
                continue
            for key, unit in [("cpu_us", "µs of CPU each"), ("p50_us", "µs, p50, one after the other")]:
                ours, theirs = (column(figures, who, key) for who in ("Signet", name))
                judged = target if name == "lighttpd" and key == "cpu_us" else None
                yield Row("b", what, unit, ours, name, theirs, judged)
