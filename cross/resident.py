#!/usr/bin/env python3
"""Prints the resident memory of a process in KiB: resident.py PID [GUEST_BASE].

With the base of an emulated program's memory (qemu's QEMU_GUEST_BASE) only what lies above it and below the
emulator's own libraries and stacks is counted: 64 GiB, more than any guest of ours maps.
"""

import re
import subprocess
import sys

pid, base = sys.argv[1], int(sys.argv[2], 16) if len(sys.argv) > 2 else None
span = range(base, base + (1 << 36)) if base is not None else None
total, counted = 0, False
path = f"/proc/{pid}/smaps"
try:
    with open(path, encoding="ascii", errors="replace") as smaps:
        lines = smaps.readlines()
except PermissionError:
    # The memory of a process that is not dumpable is root's to look at.
    cat = subprocess.run(["sudo", "-n", "cat", path], check=True, capture_output=True)
    lines = cat.stdout.decode("ascii", "replace").splitlines()
for line in lines:
    if head := re.match(r"([0-9a-f]+)-[0-9a-f]+ ", line):
        counted = span is None or int(head.group(1), 16) in span
    elif counted and line.startswith("Rss:"):
        total += int(line.split()[1])
print(total)
