"""What every transcript needs: images, a server to import them from, and checks that say what is wrong."""

import argparse
import filecmp
import functools
import http.server
import os
import pathlib
import pty
import random
import subprocess
import sys
import tempfile
import threading
import time

# What a user may choose when the operator has not said otherwise.
ALGORITHMS = ("sha512", "sha256", "sha1", "md5")
# The algorithm of an image whose owner has chosen none.
DEFAULT_ALGORITHM = "sha512"
# Seconds until an import must have ended.
PATIENCE = 60

MIB = 1024 * 1024


class Failed(Exception):
    """Something is not as it should be."""


def equal(what, actual, expected):
    """Fails unless `actual` is `expected`."""
    if actual != expected:
        raise Failed(f"{what} is {actual!r}, but should be {expected!r}")


def contains(what, actual, expected):
    """Fails unless `expected` is a part of `actual`."""
    if expected not in actual:
        raise Failed(f"{what} should contain {expected!r}, but is {actual!r}")


def same_bytes(what, file, original):
    """Fails unless both files hold the same bytes."""
    if not filecmp.cmp(file, original, shallow=False):
        raise Failed(f"{what}: {file} differs from {original}")


def _finish(arguments):
    # The OpenStack commands take whatever is no terminal for the data of an image.
    keyboard, terminal = pty.openpty()
    try:
        done = subprocess.run(
            [str(argument) for argument in arguments],
            stdin=terminal,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
    return done, f"$ {' '.join(done.args)}\n{done.stdout}{done.stderr}"


def run(*arguments):
    """Runs a program, which must succeed, and gives what it printed to standard output."""
    done, shown = _finish(arguments)
    if done.returncode != 0:
        raise Failed(f"exit status {done.returncode} of\n{shown}")
    return done.stdout


def refused(*arguments):
    """Runs a program, which must not succeed, and gives all that it printed."""
    done, shown = _finish(arguments)
    if done.returncode == 0:
        raise Failed(f"this should have been refused:\n{shown}")
    return shown


def wait_until(what, wanted, look):
    """Looks again and again until `look()` gives `wanted`."""
    end = time.monotonic() + PATIENCE
    while (seen := look()) != wanted:
        if time.monotonic() > end:
            raise Failed(f"{what} is still {seen!r} after {PATIENCE} s, not {wanted!r}")
        time.sleep(0.1)


class Original:
    """A file that becomes an image."""

    def __init__(self, path, disk_format, base_url):
        self.path = path
        self.disk_format = disk_format
        self.size = path.stat().st_size
        self.url = f"{base_url}/{path.name}"

    def digest(self, algorithm):
        """The hexadecimal digest, as coreutils compute it."""
        return run(f"{algorithm}sum", self.path).split()[0]


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Materials:
    """A folder to work in, two originals in it, and a web server that gives them out.

    `small` is a QCOW2 disk of a few MiB as `qemu-img` makes it; `large` is raw, of more than
    64 MiB, and its size is no multiple of anything.
    """

    def __init__(self, folder):
        self.folder = folder
        served = folder / "served"
        served.mkdir()
        handler = functools.partial(_QuietHandler, directory=served)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        base_url = f"http://127.0.0.1:{self._server.server_port}"

        content = random.Random(20)
        disk = folder / "disk.raw"
        disk.write_bytes(content.randbytes(3 * MIB) + bytes(5 * MIB))
        small = served / "small.qcow2"
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk, small)
        large = served / "large.raw"
        large.write_bytes(b"".join(content.randbytes(MIB) for _ in range(64)) + b"and a rest")

        self.small = Original(small, "qcow2", base_url)
        self.large = Original(large, "raw", base_url)

    def file(self, name):
        """A path in the folder for a file that is still to be written."""
        return self.folder / name


def image_is(what, image, original, algorithm):
    """Holds an image, as the API shows it, against the file that it was made from."""
    equal(f"the status of {what}", image["status"], "active")
    equal(f"the size of {what}", image["size"], original.size)
    equal(f"os_hash_algo of {what}", image["os_hash_algo"], algorithm)
    equal(f"os_hash_value of {what}", image["os_hash_value"], original.digest(algorithm))
    equal(f"checksum of {what}", image["checksum"], original.digest("md5"))


def tell(transcript):
    """Runs `transcript(url, materials)` as a program, whose exit status says whether all was right."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("url", help="the registry, without /v2: http://127.0.0.1:9292")
    url = parser.parse_args().url.rstrip("/")
    # The clients shall see this registry, and no cloud that the environment names.
    for name in [name for name in os.environ if name.startswith("OS_")]:
        del os.environ[name]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1"
    with tempfile.TemporaryDirectory(prefix="hallmark-clients.") as folder:
        # glanceclient keeps the registry's schemas there.
        os.environ["HOME"] = folder
        try:
            transcript(url, Materials(pathlib.Path(folder)))
        except Failed as failed:
            sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {failed}")
    print(f"{pathlib.Path(sys.argv[0]).name}: all as it should be")
