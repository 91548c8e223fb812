"""e) The wizard as a person does it, for every kind of key: 10 seconds of thinking at steps 3 and 4 where the key takes long to
make, none where it does not, then Save to the end of the CSR's page.
"""

import time

from console import Console
from process import at_percent
from setting import free_port
from table import Row

THINKING = 10
CURVES = ["SECP256R1", "SECP384R1", "SECP521R1", "SECP256K1", "BrainpoolP256R1", "BrainpoolP384R1", "BrainpoolP512R1", "ed25519"]
LENGTHS = ["2048", "3072", "4096"]
# Milliseconds, in nine of ten.
BOUND = 50


def measure(setting):
    console = Console(setting.signet, setting.new("data"), free_port())
    person = console.person()
    runs = setting.few(2, 10)
    for curve in CURVES:
        yield row(person, curve, {"key_type": "EC", "ec_curve": curve}, 0, runs)
    for length in LENGTHS[-1:] if setting.quick else LENGTHS:
        yield row(person, f"RSA {length}", {"key_type": "RSA", "key_length": length}, THINKING, runs)
    console.stop()


def row(person, key, options, thinking, runs):
    """The worst of the best nine in ten, and the least, beside the bound."""
    times = []
    for number in range(runs):
        person.up_to_confirm(f"{key.replace(' ', '-')}-{number}", options, lambda step: think(step, thinking))
        times.append(person.save() * 1000)
    nine = (min(times), at_percent(times, 89))
    return Row("e", f"Save to page, {key}, nine in ten of {runs} walks", "ms", nine, "the bound", (BOUND, BOUND), 1.0)


def think(step, seconds):
    if step in ("subject", "constraints"):
        time.sleep(seconds)
