#!/usr/bin/env python3
"""Prints what each large part of an unstripped binary weighs, in KiB: weigh.py BINARY [PATH...].

By symbol, as cargo-bloat does: generic code counts for the crate whose function it is, C for all C together. With paths, such as
`hyper::client` or `signet::cli::ca`, what has one of them in its name, generic code of other crates for it, too; a symbol with several
counts for the first.
"""

import collections
import re
import subprocess
import sys

# Their functions and tables carry no crate's name.
C = "aws-lc and musl (C)"


def crate(symbol):
    name = re.sub(r"^<+&?(mut )?(dyn )?", "", symbol)
    head = re.match(r"([a-z_][a-z0-9_]*)(\[[0-9a-f]+\])?::", name)
    return head.group(1) if head else C


def part(symbol, paths):
    if not paths:
        return crate(symbol)
    name = re.sub(r"\[[0-9a-f]+\]", "", symbol)
    return next((path for path in paths if re.search(rf"(?<![a-z_]){path}(?![a-z0-9_])", name)), None)


def main():
    paths = sys.argv[2:]
    listing = subprocess.run(
        ["llvm-nm", "--print-size", "--size-sort", "--demangle", sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True)
    code, data = collections.Counter(), collections.Counter()
    for line in listing.stdout.splitlines():
        fields = line.split(maxsplit=3)
        if len(fields) < 4 or fields[2] in "bB":
            continue
        _, size, kind, symbol = fields
        if name := part(symbol, paths):
            (code if kind in "tTwW" else data)[name] += int(size, 16)
    parts = sorted(code.keys() | data.keys(), key=lambda name: -(code[name] + data[name]))
    print(f"{'part':<32}{'code':>8}{'data':>8}")
    for name in paths or parts[:30]:
        print(f"{name:<32}{code[name] / 1024:8.0f}{data[name] / 1024:8.0f}")
    print(f"{'all':<32}{sum(code.values()) / 1024:8.0f}{sum(data.values()) / 1024:8.0f}")


main()
