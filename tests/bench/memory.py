"""How much memory the registry holds, idle and under eight uploads, and how soon it answers."""

import concurrent.futures
import statistics

import lab
from cost import memory_mib, tell

UPLOADS = 8
STARTS = 5


def experiment(bench):
    """All of it."""
    starts = []
    for _ in range(STARTS):
        with bench.hallmark() as server:
            starts.append(server.first_answer * 1000)
    source = bench.source()
    with bench.hallmark() as server:
        idle = memory_mib(server.pids, "VmRSS")
        ids = [server.create() for _ in range(UPLOADS)]
        with concurrent.futures.ThreadPoolExecutor(UPLOADS) as pool:
            list(pool.map(lambda image_id: server.upload(image_id, source), ids))
        peak = memory_mib(server.pids, "VmHWM")
        after = memory_mib(server.pids, "VmRSS")
    tell("start to first answer, no database yet: ms", f"{statistics.median(starts):.0f}", "<= 150")
    tell("idle: MiB", f"{idle:.1f}", "<= 40")
    what = f"{UPLOADS} uploads of 1 GiB at once"
    tell(f"{what}, peak above idle: MiB", f"{peak - idle:.1f}", "<= 64")
    tell(f"{what}, still held afterwards: MiB", f"{after - idle:.1f}")
    if peer := bench.peer():
        theirs = memory_mib(peer.pids, "VmRSS")
        tell("glance: MiB", f"{theirs:.1f}")
        tell("idle / glance", f"{idle / theirs:.2f}")


if __name__ == "__main__":
    lab.main(__doc__, experiment)
