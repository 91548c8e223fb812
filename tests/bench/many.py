"""d) The list, `csr list` and the start over 10, 1,010 and 10,010 CSRs; provisioning of 250 and of 1,000 devices."""

import time

from console import Console
from memory import start
from process import SERVER_CORE, least_and_median, pinned, run
from setting import free_port
from table import Row

FEW, MANY = 10, (1010, 10010)


def measure(setting):
    folders = {count: setting.filled(count, f"data-{count}") for count in (FEW, *MANY)}
    consoles = {count: Console(setting.signet, data, free_port()) for count, data in folders.items()}
    lists, searches, saves = ({count: [] for count in folders} for _ in range(3))
    people = {count: console.person() for count, console in consoles.items()}
    requests, rounds = setting.few(2000, 10000), setting.few(2, 5)
    first = {}
    for count, person in people.items():
        before = consoles[count].cpu()
        person.get("/csrs")
        first[count] = [(consoles[count].cpu() - before) * 1000]
    for _ in range(rounds):
        for count, console in consoles.items():
            cookie = f"Cookie: {people[count].cookie()}"
            # The last page of each has ten rows: the same work but for what they are chosen from.
            page = f"/csrs?page={count // 50 + 1}"
            lists[count].append(cpu_of(setting, console, page, requests, cookie))
            searches[count].append(cpu_of(setting, console, "/csrs?q=unit-00003", requests // 10, cookie))
    for number in range(setting.few(3, 30)):
        for count, person in people.items():
            person.up_to_confirm(f"late-{number}", {"key_type": "EC", "ec_curve": "SECP256R1"})
            body = person.filled("/wizard/confirm", {}, "save")
            began = time.perf_counter()
            person.expected(person.exchange("POST", "/wizard/confirm", body), "POST", "/wizard/confirm", 303)
            saves[count].append((time.perf_counter() - began) * 1e3)
    for console in consoles.values():
        console.stop()
    yield from grown("first list after a start, which reads all", "ms of CPU", first, None)
    yield from grown("list, the page with the last 10", "µs of CPU", lists, 1.3)
    yield from grown("search for one", "µs of CPU", searches, None)
    yield from grown("Save to 303, P-256", "ms", saves, None)
    yield from starts(setting, folders)
    yield from commands(setting, folders)
    yield from factory(setting)


def cpu_of(setting, console, path, count, cookie):
    before = console.cpu()
    setting.load("requests", f"127.0.0.1:{console.port}", path, 8, count, cookie)
    time.sleep(0.02)
    return (console.cpu() - before) / (count + 8) * 1e6


def grown(what, unit, figures, target):
    for count in MANY:
        ours, few = least_and_median(figures[count]), least_and_median(figures[FEW])
        yield Row("d", f"{what}, {count:,} CSRs", unit, ours, f"{FEW} CSRs", few, target if count == MANY[-1] else None)


def starts(setting, folders):
    times = {count: [] for count in folders}
    for _ in range(setting.few(3, 15)):
        for count, data in folders.items():
            port = free_port()
            command = [setting.signet, "--data", data, "serve", "--listen", f"127.0.0.1:{port}"]
            times[count].append(start(setting, command, port, "/login"))
    yield from grown("start to first answer", "ms", times, None)


def commands(setting, folders):
    times = {count: [] for count in folders}
    for _ in range(setting.few(2, 7)):
        for count, data in folders.items():
            cpu, _ = run(pinned(SERVER_CORE, [setting.signet, "--data", data, "csr", "list"]))
            times[count].append(cpu * 1000)
    yield from grown("`csr list`", "ms of CPU", times, None)


def factory(setting):
    requests = setting.new("factory")
    requests.mkdir()
    asked = requests / "requests.toml"
    subject = 'country = "DE"\nstate = "Berlin"\ncity = "Berlin"\norganization = "Example GmbH"\nemail = "root@nas.local"\n'
    names = 'common = "{hostname}.local"\nsan = ["{hostname}.local"]\n'
    asked.write_text(f'[[csr]]\nname = "factory"\nprofile = "https-ecc"\n{subject}{names}', encoding="ascii")
    costs = {}
    for units in (setting.few(25, 250), setting.few(100, 1000)):
        table = requests / f"{units}.csv"
        rows = [f"BX{unit:06},Vault 4,vault-{unit:06},02:00:5e:{unit >> 16:02x}:{unit >> 8 & 255:02x}:{unit & 255:02x}" for unit in range(1, units + 1)]
        table.write_text("\n".join(["serial,model,hostname,mac", *rows, ""]), encoding="ascii")
        out, manifest = requests / f"out-{units}", requests / f"manifest-{units}.jsonl"
        command = [setting.signet, "provision", "--batch", table, "--out", out, "--jobs", "1", "--requests", asked]
        cpu, _ = run(pinned(SERVER_CORE, [*command, "--manifest", manifest]))
        costs[units] = (cpu / units * 1000,) * 2
    few, many = costs
    yield Row("d", f"provisioning, a device of {many:,}", "ms of CPU", costs[many], f"a device of {few}", costs[few])
