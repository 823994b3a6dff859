"""How fast digests of files are computed, against the programs that do nothing else."""

import os
import subprocess
import time

import lab
from cost import GIB, KIB, MIB, Cost, by_turns, tell

LARGE = 4 * GIB
MANY, SMALL = 10_000, 64 * KIB

# Digests that are computed together.
TOGETHER = (
    ("sha256", "sha512", "blake3"),
    ("md5", "sha1", "sha256"),
    ("md5", "sha256", "sha512"),
)


def ran(command):
    """What a command and its children cost."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} failed")
    cost = Cost(elapsed, usage.ru_utime + usage.ru_stime)
    cost.peak = usage.ru_maxrss / KIB
    return cost


def small_files(folder):
    """Many files of incompressible bytes in a hundred folders."""
    for place in range(MANY):
        path = folder / f"{place % 100:02}" / f"{place:05}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(SMALL))
    return folder


def hashed(binary, file, *algorithms):
    """The command of ours."""
    options = (word for name in algorithms for word in ("-a", name))
    return [binary, "hash", *options, file]


def one_file(bench):
    """A large file, by each algorithm and program."""
    file, binary = bench.source(LARGE), bench.binary
    alone = sorted({name for names in TOGETHER for name in names})
    commands = {
        "sha256sum": ["sha256sum", file],
        "openssl": ["openssl", "dgst", "-sha256", file],
        "b3sum": ["b3sum", file],
        "b3sum, reading": ["b3sum", "--no-mmap", file],
    }
    for names in (*((name,) for name in alone), *TOGETHER):
        commands[names] = hashed(binary, file, *names)
    cost = by_turns({name: lambda it=it: ran(it) for name, it in commands.items()})
    for names, taken in cost.items():
        what = names if isinstance(names, str) else f"hash {' + '.join(names)}"
        tell(f"{what}: MiB/s", f"{taken.speed(LARGE):.0f}")
    for peer in ("sha256sum", "openssl"):
        ratio = cost[peer].elapsed / cost["sha256",].elapsed
        tell(f"hash sha256 / {peer}: speed", f"{ratio:.2f}", ">= 1.00")
    b3sum = min(cost["b3sum"].elapsed, cost["b3sum, reading"].elapsed)
    tell("hash blake3 / b3sum: speed", f"{b3sum / cost['blake3',].elapsed:.2f}", ">= 0.95")
    for names in TOGETHER:
        slowest = max(cost[name,].elapsed for name in names)
        ratio = f"{slowest / cost[names].elapsed:.2f}"
        tell(f"hash {' + '.join(names)} / the slowest alone: speed", ratio, ">= 0.90")


def many_files(bench):
    """Many small files."""
    folder = small_files(bench.new_folder("small"))
    together = f"find {folder} -type f -print0 | xargs -0 -n 64 -P {os.cpu_count()} sha256sum"
    cost = by_turns(
        {
            "ours": lambda: ran([bench.binary, "hash", "-r", folder]),
            "theirs": lambda: ran(["sh", "-c", together]),
        }
    )
    for name, taken in cost.items():
        tell(f"{MANY} files, {name}: files/s", f"{MANY / taken.elapsed:.0f}")
    ratio = cost["theirs"].elapsed / cost["ours"].elapsed
    tell("hash -r / sha256sum by xargs on all processors: speed", f"{ratio:.2f}", ">= 1.00")


def memory(bench):
    """The peak of memory by size."""
    for size in (64 * MIB, LARGE):
        for names in (("sha256",), ("blake3",), TOGETHER[0]):
            taken = ran(hashed(bench.binary, bench.source(size), *names))
            what = f"hash {' + '.join(names)}, {size // MIB} MiB: peak MiB"
            tell(what, f"{taken.peak:.1f}")


def experiment(bench):
    """All of it."""
    one_file(bench)
    many_files(bench)
    memory(bench)


if __name__ == "__main__":
    lab.main(__doc__, experiment)
