"""How fast data is taken in, against the digests' own speed and what the transport costs."""

import os
import subprocess
import time

import lab
from cost import Cost, by_turns, measure, tell, tell_transfer

ALGORITHMS = ("md5", "sha512", "sha256")


def digest(binary, source, algorithm):
    """The cost of `hallmark hash`."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [binary, "hash", "-a", algorithm, source], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"hallmark hash -a {algorithm} failed")
    return Cost(elapsed, usage.ru_utime + usage.ru_stime)


def costs(bench, source):
    """The cost of each thing that is compared."""
    peer = bench.peer()
    with (
        bench.hallmark() as with_checksum,
        bench.hallmark(legacy_checksum=False) as without,
        bench.nginx(bench.new_folder("root")) as nginx,
    ):
        things = {"both": lambda: with_checksum.measured_upload(source, "sha512")}
        for name in ALGORITHMS:
            things[name] = lambda name=name: without.measured_upload(source, name)
            things[f"hash {name}"] = lambda name=name: digest(bench.binary, source, name)
        # Takes the file in, and does nothing with it but to keep it.
        things["nginx"] = lambda: measure(nginx.pids, lambda: nginx.put("/uploaded", source))
        if peer:
            things["glance"] = lambda: peer.measured_upload(source)
        return by_turns(things)


def experiment(bench):
    """All of it."""
    cost = costs(bench, bench.source())
    both, nginx = cost["both"], cost["nginx"]
    tell_transfer("upload, md5 + sha512", both)
    for name in ALGORITHMS:
        tell_transfer(f"upload, {name} alone", cost[name])
    for name in ALGORITHMS:
        tell_transfer(f"hallmark hash, {name}", cost[f"hash {name}"])
    tell_transfer("nginx, PUT of the same file", nginx)

    slower = max(cost["md5"].elapsed, cost["sha512"].elapsed)
    tell("md5 + sha512 / the slower alone: speed", f"{slower / both.elapsed:.2f}", ">= 0.90")
    own = cost["hash md5"].cpu + cost["hash sha512"].cpu + nginx.cpu
    tell("md5 + sha512 / both digests + transport: CPU", f"{both.cpu / own:.2f}", "<= 1.15")
    ratio = cost["hash sha256"].elapsed / cost["sha256"].elapsed
    tell("sha256 alone / the digest's own speed", f"{ratio:.2f}", ">= 0.85")
    if glance := cost.get("glance"):
        tell_transfer("glance, upload, md5 + sha512", glance)
        tell("md5 + sha512 / glance: speed", f"{glance.elapsed / both.elapsed:.2f}")
        tell("md5 + sha512 / glance: CPU", f"{both.cpu / glance.cpu:.2f}")


if __name__ == "__main__":
    lab.main(__doc__, experiment)
