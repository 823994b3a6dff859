"""How fast an import by web-download is, against an upload of the same file."""

import lab
from cost import by_turns, tell, tell_transfer


def experiment(bench):
    """All of it."""
    source = bench.source()
    peer = bench.peer()
    with bench.nginx(source.parent) as nginx, bench.hallmark() as hallmark:
        url = f"{nginx.url.geturl()}/{source.name}"
        things = {
            "upload": lambda: hallmark.measured_upload(source),
            "import": lambda: hallmark.measured_import(url),
        }
        if peer:
            things["glance"] = lambda: peer.measured_import(url)
        cost = by_turns(things)
    upload, fetched = cost["upload"], cost["import"]
    tell_transfer("upload, md5 + sha512", upload)
    tell_transfer("web-download, md5 + sha512", fetched)
    tell("web-download / upload: speed", f"{upload.elapsed / fetched.elapsed:.2f}", ">= 0.90")
    if glance := cost.get("glance"):
        tell_transfer("glance, web-download", glance)
        tell("web-download / glance: speed", f"{glance.elapsed / fetched.elapsed:.2f}")
        tell("web-download / glance: CPU", f"{fetched.cpu / glance.cpu:.2f}")


if __name__ == "__main__":
    lab.main(__doc__, experiment)
