"""Processes and what they cost: CPU time as the kernel accounts it, resident memory, the core they run on.

CPU time is the figure that a busy machine spares; the clock's time is told beside it.
"""

import atexit
import ctypes
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

# Server and client on a core each; one that has a single core shares it, and the report says so.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def pinned(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def children_of(pid):
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children_of(int(child))
    return found


def cpu_clock(pid):
    """clock_getcpuclockid(3); `/proc/PID/stat` knows ticks of 10 ms only."""
    clock = ctypes.c_int()
    if error := ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(error, os.strerror(error))
    return clock.value


def rolled_up(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


RUNNING = set()


@atexit.register
def stop_all():
    """However the bench ends, none of its servers stays."""
    for server in list(RUNNING):
        server.stop()


class Server:
    """A server process with its workers, pinned to the server's core."""

    def __init__(self, command, log, env=None):
        self.process = subprocess.Popen(
            pinned(SERVER_CORE, command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
        )
        RUNNING.add(self)

    def cpu(self):
        """Seconds of CPU that all of its processes have used so far, to the nanosecond, with threads that have ended."""
        return sum(time.clock_gettime(cpu_clock(pid)) for pid in children_of(self.process.pid))

    def resident_mib(self):
        """Resident memory of all of its processes; what workers share with the first is counted once."""
        first, *workers = (rolled_up(pid) for pid in children_of(self.process.pid))
        private = sum(worker["Private_Clean"] + worker["Private_Dirty"] for worker in workers)
        return (first["Rss"] + private) / 1024

    def has_ended(self):
        return self.process.poll() is not None

    def stop(self):
        RUNNING.discard(self)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Together:
    """Servers that are one for a visitor, such as a web server and what renders its pages: all of them are counted."""

    def __init__(self, *servers, folder):
        """`folder` is a temporary directory that lasts as long as they do."""
        self.servers, self.folder = servers, folder

    def cpu(self):
        return sum(server.cpu() for server in self.servers)

    def resident_mib(self):
        return sum(server.resident_mib() for server in self.servers)

    def has_ended(self):
        return any(server.has_ended() for server in self.servers)

    def stop(self):
        for server in reversed(self.servers):
            server.stop()
        self.folder.cleanup()


def run(command, **more):
    """A command to its end: seconds of its CPU (its children's too), and by the clock."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - began
    child.stderr.close()
    if child.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {child.returncode}: {error.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, took


def interleaved(runs, contenders):
    """Calls each contender in turn, A B C A B C; the figures of each, in the contenders' order."""
    figures = {name: [] for name in contenders}
    for _ in range(runs):
        for name, measure in contenders.items():
            figures[name].append(measure())
    return figures


def least_and_median(figures):
    return min(figures), statistics.median(figures)


def at_percent(figures, percent):
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
