"""What work costs: time by the clock, time of the processors, memory."""

import contextlib
import dataclasses
import os
import pathlib
import statistics
import time

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

# How often a measurement is repeated; the median counts.
ROUNDS = 3


def _stat(pid):
    """The fields of /proc/PID/stat after the name, which may hold anything."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pids):
    """Processor time that these processes have used, with that of their ended children."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):
            total += sum(map(int, _stat(pid)[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def family(pid):
    """A process and its children."""
    children = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if int(_stat(entry.name)[1]) == pid:
                    children.append(int(entry.name))
    return [pid, *children]


def memory_mib(pids, what):
    """A line of /proc/PID/status, summed up: VmRSS is resident now, VmHWM was so at most."""
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                total += int(line.split()[1])
    return total / KIB


def listeners(port):
    """The processes that listen on a port of the loopback."""
    sockets = set()
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            sockets.add(f"socket:[{fields[9]}]")
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if any(os.readlink(fd) in sockets for fd in (entry / "fd").iterdir()):
                    found.append(int(entry.name))
    return found


@dataclasses.dataclass
class Cost:
    """What something took: seconds by the clock, and of the server's processors."""

    elapsed: float
    cpu: float

    def speed(self, size):
        """MiB a second."""
        return size / MIB / self.elapsed

    def cpu_per_gib(self, size):
        """Processor seconds for each GiB."""
        return self.cpu / (size / GIB)


def measure(pids, act):
    """Does something once, and tells what it cost these processes."""
    cpu = cpu_seconds(pids)
    start = time.perf_counter()
    act()
    elapsed = time.perf_counter() - start
    return Cost(elapsed, cpu_seconds(pids) - cpu)


def by_turns(measurements):
    """Takes named measurements by turns, so that they meet the same machine: the median of each."""
    taken = {name: [] for name in measurements}
    for _ in range(ROUNDS):
        for name, take in measurements.items():
            taken[name].append(take())
    return {
        name: Cost(
            statistics.median(cost.elapsed for cost in costs),
            statistics.median(cost.cpu for cost in costs),
        )
        for name, costs in taken.items()
    }


def tell(what, value, goal=None):
    """Prints one line: what was measured, the value, and what it should be."""
    print(f"{what:<58} {value:>12}{'   goal ' + goal if goal else ''}", flush=True)


def tell_transfer(what, cost, size=GIB):
    """Prints the speed and the price of a transfer."""
    tell(f"{what}: MiB/s", f"{cost.speed(size):.0f}")
    tell(f"{what}: CPU-s/GiB", f"{cost.cpu_per_gib(size):.2f}")
