"""What a show, a list and a create cost the processor, with few images and with many."""

import concurrent.futures
import random

import lab
from cost import Cost, measure, tell

FEW = 100
MANY = 100_000
# Requests of each kind, by server.
OURS = 5_000
THEIRS = 200


def fill(server, count):
    """Creates images until there are so many, and gives some of their ids."""

    def create(number):
        connection = server.connect()
        made = []
        for index in range(number):
            body = {"name": f"image {index}", "tags": ["golden"], "os_distro": "debian"}
            made.append(server.ask(connection, "POST", "/v2/images", body)["id"])
        connection.close()
        return made

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        made = [image for part in pool.map(create, [count // 4] * 4) for image in part]
    return random.Random(1).sample(made, FEW)


def per_request(pids, server, count, path_of, body=None):
    """The cost of one request, by asking many times on one connection."""
    connection = server.connect()

    def ask():
        for index in range(count):
            server.ask(connection, "POST" if body else "GET", path_of(index), body)

    ask_some = measure(pids(), ask)
    connection.close()
    return Cost(ask_some.elapsed / count, ask_some.cpu / count)


def kinds(server, ids, count, pids):
    """The cost of each kind of request."""
    body = {"name": "one more", "disk_format": "raw", "container_format": "bare"}
    return {
        "show": per_request(pids, server, count, lambda i: f"/v2/images/{ids[i % len(ids)]}"),
        "list of 25": per_request(pids, server, count, lambda _: "/v2/images?limit=25"),
        "create": per_request(pids, server, count, lambda _: "/v2/images", body),
    }


def told(name, costs):
    """Prints the cost of each kind."""
    for kind, cost in costs.items():
        tell(f"{name}, {kind}: CPU ms", f"{cost.cpu * 1000:.3f}")
        tell(f"{name}, {kind}: ms", f"{cost.elapsed * 1000:.3f}")


def experiment(bench):
    """All of it."""
    with bench.hallmark() as server:
        ids = fill(server, FEW)
        few = kinds(server, ids, OURS, lambda: server.pids)
        postgres = bench.database == "postgres"
        database = kinds(server, ids, OURS, bench.database_pids) if postgres else {}
    with bench.hallmark() as server:
        ids = fill(server, MANY)
        many = kinds(server, ids, OURS, lambda: server.pids)
    told(f"{FEW} images", few)
    for kind, cost in database.items():
        tell(f"{FEW} images, {kind}: CPU ms of PostgreSQL", f"{cost.cpu * 1000:.3f}")
    told(f"{MANY} images", many)
    for kind in few:
        ratio = many[kind].elapsed / few[kind].elapsed
        tell(f"{kind}: {MANY} images / {FEW} images: time", f"{ratio:.2f}", "about 1")
    if peer := bench.peer():
        ids = fill(peer, FEW)
        theirs = kinds(peer, ids, THEIRS, lambda: peer.pids)
        told("glance", theirs)
        for kind, cost in theirs.items():
            tell(f"{kind}: glance / hallmark: CPU", f"{cost.cpu / few[kind].cpu:.1f}", ">= 20")


if __name__ == "__main__":
    lab.main(__doc__, experiment)
