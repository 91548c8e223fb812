#!/usr/bin/env python3
"""What the memory budget costs a request: tests/bench/budget.py [SIGNET CLIENT]

Counts the instructions of the login page, the cheapest page there is, by callgrind (valgrind), and among them those of
`src/net/budget` with all that they call. Fails where they are more than 3 % of the page without them. Counts differ little from run
to run, whatever else the machine does. Without a console, which must have its names, and a bench-client, both are built with the
profile that ships; that needs cargo and some minutes.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from console import Console
from process import CORES, pinned
from setting import free_port

MOST = 0.03
CONNECTIONS = 8
# Two runs, so that the start and the first answers of a connection are not counted.
FEW, MANY = 200, 1200
BUDGET_FILE = re.compile(r"src/net/budget/")
# Functions of the budget, and what drops what it gave.
BUDGET = re.compile(r"^<?signet_net::budget::|(drop_in_place|drop_slow).*signet_net::budget::|^_R.*6budget|^_ZN.*6budget")


def main(arguments):
    signet, client = (Path(argument).resolve() for argument in arguments or build())
    with tempfile.TemporaryDirectory(prefix="budget-") as folder:
        data = Path(folder) / "data"
        console = Console(signet, data, free_port())
        console.person()
        console.stop()
        few, many = (counted(signet, client, Path(folder), data, requests) for requests in (FEW, MANY))
    total, budget = ((of_many - of_few) / (MANY - FEW) for of_few, of_many in zip(few, many))
    share = budget / (total - budget)
    print(f"login page: {total:,.0f} instructions, of which {budget:,.0f} are the budget's: {share:.2%} more than without it")
    if not budget:
        raise SystemExit("the budget was not found: the program has no names or lines, or its functions have others")
    if share > MOST:
        raise SystemExit(f"that is more than {MOST:.0%}")


def build():
    """A console that has its names and lines, and the load generator."""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "CARGO_PROFILE_DIST_STRIP": "none", "CARGO_PROFILE_DIST_DEBUG": "line-tables-only"}
    command = ["cargo", "build", "--quiet", "--locked", "--profile", "dist", "--target-dir", root / "target/budget"]
    subprocess.run([*command, "-p", "signet-bench", "-p", "signet"], cwd=root, env=environment, check=True)
    return root / "target/budget/dist/signet", root / "target/budget/dist/bench-client"


def counted(signet, client, folder, data, requests):
    """Instructions in all, and the budget's, of a console that answers so many requests."""
    out, wrapper = folder / f"callgrind-{requests}", folder / "signet"
    options = f"--tool=callgrind --callgrind-out-file={out} --compress-strings=no --compress-pos=no"
    wrapper.write_text(f'#!/bin/sh\nexec valgrind --quiet {options} {signet} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    console = Console(wrapper, data, free_port())
    command = [client, "requests", f"127.0.0.1:{console.port}", "/login", CONNECTIONS, requests]
    subprocess.run(pinned(CORES[-1], command), stdout=subprocess.DEVNULL, check=True)
    console.stop()
    # `writes_code` asks the program for its help, which leaves a file, too: the console's is the last one.
    return read(out)


def read(file):
    """The sums of a callgrind file: all instructions, and those of the budget with what it calls."""
    total = budget = 0
    function = source = ""
    callee = None
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        key, is_assigned, value = line.partition("=")
        if is_assigned and key in ("fl", "fi", "fe", "fn", "cfn", "calls"):
            if key == "fn":
                function = value
            elif key == "cfn":
                callee = value
            elif key != "calls":
                source = value
            continue
        if not re.match(r"[0-9+*-]", line):
            continue
        cost = int(line.split()[1])
        of_budget = BUDGET.search(function)
        if callee is None:
            total += cost
        # Inlined parts are told by their file. What the budget itself calls is in it once, where it is entered.
        if callee is None:
            budget += cost if not of_budget and BUDGET_FILE.search(source) else 0
        elif not of_budget and (BUDGET.search(callee) or BUDGET_FILE.search(source)):
            budget += cost
        callee = None
    return total, budget


if __name__ == "__main__":
    main(sys.argv[1:])
