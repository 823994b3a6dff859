"""How fast data is given out, against nginx on the same file; what a range costs."""

import random

import lab
from cost import GIB, KIB, by_turns, measure, tell, tell_transfer

RANGES = 400
RANGE_SIZE = 256 * KIB


def whole(server, path):
    """The cost of the whole file."""
    return measure(server.pids, lambda: server.download(path, GIB))


def ranges(server, path):
    """The cost of many small ranges from all over the file."""
    places = random.Random(1)

    def take():
        for _ in range(RANGES):
            start = places.randrange(GIB - RANGE_SIZE)
            server.download(path, RANGE_SIZE, (start, start + RANGE_SIZE - 1))

    return measure(server.pids, take)


def stored_file(server, image_id):
    """Where the store keeps the image."""
    return next(path for path in server.folder.rglob(image_id) if path.is_file())


def costs(bench, source):
    """The cost of each thing that is compared."""
    peer = bench.peer()
    with bench.hallmark() as hallmark:
        image_id = hallmark.create()
        hallmark.upload(image_id, source)
        path = f"/v2/images/{image_id}/file"
        file = stored_file(hallmark, image_id)
        with bench.nginx(file.parent) as nginx:
            things = {
                "hallmark": lambda: whole(hallmark, path),
                "hallmark, ranges": lambda: ranges(hallmark, path),
                "nginx": lambda: whole(nginx, f"/{file.name}"),
                "nginx, ranges": lambda: ranges(nginx, f"/{file.name}"),
            }
            if peer:
                theirs = peer.create()
                peer.upload(theirs, source)
                things["glance"] = lambda: whole(peer, f"/v2/images/{theirs}/file")
            taken = by_turns(things)
            if peer:
                peer.delete(theirs)
            return taken


def experiment(bench):
    """All of it."""
    cost = costs(bench, bench.source())
    ours, nginx = cost["hallmark"], cost["nginx"]
    tell_transfer("download", ours)
    tell_transfer("nginx, download", nginx)
    tell("download / nginx: speed", f"{nginx.elapsed / ours.elapsed:.2f}", ">= 0.75")

    some = cost["hallmark, ranges"]
    tell_transfer(f"{RANGES} ranges of {RANGE_SIZE // KIB} KiB", some, RANGES * RANGE_SIZE)
    tell_transfer("nginx, the same ranges", cost["nginx, ranges"], RANGES * RANGE_SIZE)
    ratio = some.elapsed / cost["nginx, ranges"].elapsed
    tell("a range / nginx: time", f"{ratio:.2f}")
    tell("a range / the whole: time", f"{some.elapsed / RANGES / ours.elapsed:.4f}", "near 0")
    if glance := cost.get("glance"):
        tell_transfer("glance, download", glance)
        tell("download / glance: speed", f"{glance.elapsed / ours.elapsed:.2f}")
        tell("download / glance: CPU", f"{ours.cpu / glance.cpu:.2f}")


if __name__ == "__main__":
    lab.main(__doc__, experiment)
