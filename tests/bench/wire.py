"""b) Keep-alive requests of the login page and of the list of 50, and handshakes, against servers that send the same bytes."""

import time

from console import Console
from peers import NAMES
from process import least_and_median
from setting import free_port
from table import Row

GZIP = ["Accept-Encoding: gzip", "Sec-Fetch-Site: same-origin"]


def measure(setting):
    data = setting.filled(50)
    site = setting.site(data)
    console = Console(setting.signet, data, free_port())
    cookie = console.person().cookie()
    servers = {"Signet": (console, console.port)}
    for name in NAMES:
        port = free_port()
        servers[name] = (site.start(name, port), port)
    try:
        yield from pages(setting, servers, cookie)
        yield from handshakes(setting, servers)
    finally:
        for server, _ in servers.values():
            server.stop()


def pages(setting, servers, cookie):
    count, rounds = setting.few(4000, 30000), setting.few(2, 5)
    for page, label, cpu_target, rate_target in [("login", "login page", 0.8, 1.2), ("list", "list of 50", 1.0, 1.0)]:
        for suffix, coding, headers in [("html", "plain", []), ("gz", "gzip", GZIP)]:
            ours = [*headers, f"Cookie: {cookie}"] if page == "list" else headers
            for connections in (8, 64):
                places = {name: (f"/{page}.{suffix}", headers) for name in NAMES}
                places["Signet"] = ("/csrs" if page == "list" else "/login", ours)
                figures = {name: [] for name in servers}
                for _ in range(rounds):
                    for name, (server, port) in servers.items():
                        path, head = places[name]
                        figures[name].append(load(setting, server, port, path, connections, count, head))
                sizes = {name: of[0]["body"] for name, of in figures.items()}
                what = f"{label}, {coding}, {sizes['Signet']:,} bytes, {connections} connections"
                alike(what, sizes)
                yield from compared(what, figures, cpu_target, rate_target)


def alike(what, sizes):
    """The same bytes but for what differs in each answer: the forms' tokens, and what gzip makes of them."""
    if max(sizes.values()) - min(sizes.values()) > 0.05 * max(sizes.values()) + 64:
        raise SystemExit(f"{what}: not the same bytes: {sizes}")


def load(setting, server, port, path, connections, count, headers):
    before = server.cpu()
    told = setting.load("requests", f"127.0.0.1:{port}", path, connections, count, *headers)
    time.sleep(0.02)
    told["cpu_us"] = (server.cpu() - before) / (count + connections) * 1e6
    return told


def compared(what, figures, cpu_target, rate_target):
    for name in NAMES:
        judged = name == "lighttpd"
        for key, unit, target, more in [
            ("cpu_us", "µs of CPU a request", cpu_target, False),
            ("rate", "requests a second", rate_target, True),
            ("p99_us", "µs, p99", 1.0, False),
        ]:
            ours, theirs = ([told[key] for told in figures[who]] for who in ("Signet", name))
            best = best_and_median if more else least_and_median
            yield Row("b", what, unit, best(ours), name, best(theirs), target if judged else None, more)


def best_and_median(figures):
    return max(figures), least_and_median(figures)[1]


def handshakes(setting, servers):
    count, rounds = setting.few(300, 2000), setting.few(2, 5)
    for kind, what, target in [
        ("full", "full TLS 1.3 handshake, X25519, P-256", 0.65),
        ("resumed", "resumed TLS 1.3 handshake, X25519, and a login page", None),
        ("hybrid", "full handshake as browsers ask for it (ours X25519MLKEM768)", None),
    ]:
        figures = {name: [] for name in servers}
        for _ in range(rounds):
            for name, (server, port) in servers.items():
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
            for key, unit in [("cpu_us", "µs of CPU each"), ("rate", "a second, one after the other")]:
                ours, theirs = ([told[key] for told in figures[who]] for who in ("Signet", name))
                more = key == "rate"
                best = best_and_median if more else least_and_median
                judged = target if name == "lighttpd" and not more else None
                yield Row("b", what, unit, best(ours), name, best(theirs), judged, more)
