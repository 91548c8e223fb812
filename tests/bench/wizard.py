"""f) The wizard as a person does it: RSA 4096, 20 seconds of thinking at steps 3 and 4, then Save to the end of the CSR's page.

Here, and by qemu-user where a binary for aarch64 was built (`cross/build aarch64-unknown-linux-musl`).
"""

import shutil
import subprocess
import time
from pathlib import Path

from console import Console
from process import at_percent, least_and_median
from setting import free_port
from table import Row

THINKING = 20
CROSS = Path("target/dist/aarch64-unknown-linux-musl/signet")
QEMU = ["qemu-aarch64", "qemu-aarch64-static"]
RSA = {"key_type": "RSA", "key_length": "4096"}
EC = {"key_type": "EC", "ec_curve": "SECP256R1"}
BOUND = 50
HANDSHAKES = 40


def measure(setting, skipped):
    console = Console(setting.signet, setting.new("data"), free_port())
    person = console.person()
    times = [walked(person, f"here-{number}", RSA, think) * 1000 for number in range(setting.few(1, 10))]
    console.stop()
    nine = at_percent(times, 89)
    yield Row("f", f"Save to page, RSA 4096, {len(times)} walks", "ms", least_and_median(times), "the bound", (BOUND, BOUND), 1.0)
    yield Row("f", "the same, the worst of the best nine in ten", "ms", (nine, nine), "the bound", (BOUND, BOUND), 1.0)
    yield from emulated(setting, skipped)


def emulated(setting, skipped):
    qemu = next(filter(None, map(shutil.which, QEMU)), None)
    if not CROSS.exists() or not qemu:
        skipped.append(f"f) under qemu: needs {CROSS} (cross/build makes it) and qemu-user")
        return
    data = setting.new("data")
    console = Console(CROSS, data, free_port(), runner=[qemu])
    person = console.person()
    rsa, ec = [], []
    for number in range(setting.few(1, 5)):
        ec.append(walked(person, f"ec-{number}", EC, lambda step: None) * 1000)
        rsa.append(walked(person, f"rsa-{number}", RSA, think) * 1000)
    console.stop()
    sign = signature_under(setting, qemu)
    allowed = tuple(each + sign for each in least_and_median(ec))
    yield Row("f", "Save to page, RSA 4096, aarch64 under qemu", "ms", least_and_median(rsa), "P-256 + an RSA signature", allowed, 1.0)


def think(step):
    if step in ("subject", "constraints"):
        time.sleep(THINKING)


def walked(person, name, options, thinking):
    person.up_to_confirm(name, options, thinking)
    return person.save()


def signature_under(setting, qemu):
    """Milliseconds of an RSA 4096 signature there: what a handshake costs more with such a certificate than with P-256."""
    costs = []
    for key in ["rsa:4096", "ec -pkeyopt ec_paramgen_curve:P-256"]:
        data = setting.new("data")
        Console(CROSS, data, free_port(), runner=[qemu]).stop()
        made = ["openssl", "req", "-x509", "-newkey", *key.split(), "-nodes", "-subj", "/CN=localhost", "-days", "3650"]
        pem = run_for_output([*made, "-keyout", "-"])
        (data / "identity.pem").write_bytes(pem)
        console = Console(CROSS, data, free_port(), runner=[qemu])
        before = console.cpu()
        setting.load("handshakes", f"127.0.0.1:{console.port}", "full", HANDSHAKES)
        costs.append((console.cpu() - before) / HANDSHAKES * 1000)
        console.stop()
    return costs[0] - costs[1]


def run_for_output(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
