"""a) A CSR by command line: `signet csr create` against `openssl req`, `certtool` and `cfssl`.

Ours keeps it, durably, with its record and a line of the audit log; the others write files and wait for no disk.
"""

import json
import shlex
import statistics

from process import interleaved, least_and_median, run
from table import Row

# Name, our flags, openssl's, certtool's, cfssl's; runs in quick and full mode. RSA's time is a lottery: more runs.
# Each is signed with the digest of the curve's size, which certtool and cfssl take by themselves, and with SHA-256 else.
KINDS = [
    ("P-256", ["EC", "SECP256R1", 256], "ec -pkeyopt ec_paramgen_curve:P-256", "--ecc --curve secp256r1", ("ecdsa", 256), (3, 20)),
    ("P-384", ["EC", "SECP384R1", 384], "ec -pkeyopt ec_paramgen_curve:P-384", "--ecc --curve secp384r1", ("ecdsa", 384), (3, 20)),
    ("brainpoolP512r1", ["EC", "BrainpoolP512R1", 512], "ec -pkeyopt ec_paramgen_curve:brainpoolP512r1", None, None, (3, 20)),
    ("Ed25519", ["EC", "ed25519", 256], "ed25519", "--key-type ed25519", None, (3, 20)),
    ("RSA 2048", ["RSA", "2048", 256], "rsa:2048", "--rsa --bits 2048", ("rsa", 2048), (5, 40)),
    ("RSA 4096", ["RSA", "4096", 256], "rsa:4096", "--rsa --bits 4096", ("rsa", 4096), (3, 40)),
]
FAST = ("P-256", "P-384", "Ed25519")
SUBJECT = "/CN=nas.example.org/C=DE/ST=Berlin/L=Berlin/O=Example GmbH/emailAddress=root@nas.local"


def measure(setting):
    folder = setting.new("csr")
    folder.mkdir()
    data = setting.new("data")
    setting.create(data, "first", "--profile", "https-ecc")
    template = write_template(folder)
    for label, (kind, value, digest), openssl, certtool, cfssl, runs in KINDS:
        contenders = {"Signet": lambda: ours(setting, data, kind, value, digest)}
        request = folder / f"{label}.csr"
        contenders["openssl"] = lambda: timed(
            ["openssl", "req", "-new", "-newkey", *openssl.split(), "-nodes", "-subj", SUBJECT, f"-sha{digest}"]
            + ["-addext", "subjectAltName=DNS:nas.local,DNS:nas.example.org", "-keyout", folder / "key", "-out", request]
        )
        if certtool:
            contenders["certtool"] = lambda: by_certtool(folder, certtool, template, request)
        if cfssl:
            asked = folder / f"{label}.json"
            asked.write_text(json.dumps(cfssl_request(*cfssl)), encoding="ascii")
            contenders["cfssl"] = lambda: timed(["cfssl", "genkey", asked], cwd=folder)
        figures = interleaved(setting.few(*runs), contenders)
        yield from compared(label, figures, 0.6 if label in FAST else 1.0)


def compared(label, figures, target):
    peers = [name for name in figures if name != "Signet"]
    for at, unit in [(0, "ms of CPU"), (1, "ms by the clock")]:
        column = {name: [each[at] * 1000 for each in of] for name, of in figures.items()}
        fastest = min(peers, key=lambda name: statistics.median(column[name]))
        for name in peers:
            judged = target if name == fastest and at == 1 else None
            yield Row("a", label, unit, least_and_median(column["Signet"]), name, least_and_median(column[name]), judged)


NUMBER = iter(range(1, 1_000_000))


def ours(setting, data, kind, value, digest):
    key = ["--key-type", kind, "--key-length" if kind == "RSA" else "--ec-curve", value]
    flags = shlex.split(
        "--country DE --state Berlin --city Berlin --organization 'Example GmbH' --email root@nas.local"
        f" --common nas.example.org --san nas.local --digest-algorithm SHA{digest}"
    )
    name = f"made-{next(NUMBER)}"
    return timed([setting.signet, "--data", data, "csr", "create", "--name", name, *key, *flags])


def by_certtool(folder, flags, template, request):
    """Two commands, as its manual has it: one for the key, one for the request."""
    key = folder / "certtool.key"
    first = timed(["certtool", "--generate-privkey", "--no-text", *flags.split(), "--outfile", key])
    command = ["certtool", "--generate-request", "--load-privkey", key, "--template", template, "--no-text"]
    second = timed([*command, "--outfile", request])
    return first[0] + second[0], first[1] + second[1]


def timed(command, **more):
    # On no core of its own: a flush waits for the kernel's threads, too, and theirs may be the busy one.
    return run(command, **more)


def write_template(folder):
    path = folder / "template"
    lines = ['cn = "nas.example.org"', 'country = "DE"', 'state = "Berlin"', 'locality = "Berlin"']
    lines += ['organization = "Example GmbH"', 'email = "root@nas.local"', 'dns_name = "nas.local"']
    path.write_text("\n".join([*lines, 'dns_name = "nas.example.org"', ""]), encoding="ascii")
    return path


def cfssl_request(algorithm, size):
    names = [{"C": "DE", "ST": "Berlin", "L": "Berlin", "O": "Example GmbH"}]
    return {
        "CN": "nas.example.org",
        "hosts": ["nas.local", "nas.example.org"],
        "key": {"algo": algorithm, "size": size},
        "names": names,
    }
