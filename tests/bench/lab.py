"""The servers that are measured, and the folder and files that they work with."""

import argparse
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

from client import PATIENCE, Http
from cost import GIB, MIB, family, listeners


def free_port():
    """A port of the loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, path="/"):
    """Waits until a server answers, and gives the seconds that this took."""
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return time.perf_counter() - start
        except OSError:
            time.sleep(0.001)
        finally:
            connection.close()
    raise RuntimeError(f"nothing answers on port {port}")


def end(process):
    """Ends a process that was started here."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Lab:
    """A folder to work in, and the servers that run from it."""

    def __init__(self, arguments, folder):
        self.binary = pathlib.Path(arguments.server_bin).resolve()
        self.database = arguments.database
        self.folder = folder
        self._count = 0

    def new_folder(self, name):
        """A folder that is used once."""
        self._count += 1
        folder = self.folder / f"{self._count}-{name}"
        folder.mkdir()
        return folder

    def source(self, size=GIB):
        """A file of incompressible bytes."""
        path = self.folder / f"source-{size}"
        if not path.exists():
            with path.open("wb") as file:
                for _ in range(size // (8 * MIB)):
                    file.write(os.urandom(8 * MIB))
        return path

    def connection(self, folder):
        """A database that holds nothing, as the setting `connection` names it."""
        if self.database == "sqlite":
            return f"sqlite:{folder}/hallmark.db"
        server = os.environ["HALLMARK_TEST_POSTGRES"]
        name = f"bench_{os.getpid()}_{self._count}"
        statement = f"CREATE DATABASE {name}"
        subprocess.run(["psql", "-q", "-d", server, "-c", statement], check=True)
        return urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()

    def database_pids(self):
        """The processes of the PostgreSQL server."""
        port = urllib.parse.urlsplit(os.environ["HALLMARK_TEST_POSTGRES"]).port
        return sorted({pid for process in listeners(port) for pid in family(process)})

    @contextlib.contextmanager
    def hallmark(self, legacy_checksum=True):
        """A registry on an empty database; `folder` is where its data is."""
        folder = self.new_folder("hallmark")
        port = free_port()
        settings = folder / "hallmark.toml"
        settings.write_text(
            f'[DEFAULT]\nbind_host = "127.0.0.1"\nbind_port = {port}\n'
            f'[database]\nconnection = "{self.connection(folder)}"\n'
            f"[verification]\nlegacy_checksum = {str(legacy_checksum).lower()}\n"
            '[fetch]\nallowed_networks = ["127.0.0.0/8"]\n'
            "[import_filtering_opts]\nallowed_ports = []\n"
        )
        environment = {**os.environ, "HALLMARK_DATA_DIR": str(folder / "data")}
        if self.database == "postgres":
            sync = [self.binary, "db", "sync", "--config-file", settings]
            subprocess.run(sync, env=environment, check=True, stdout=subprocess.DEVNULL)
        with (folder / "log").open("wb") as log:
            start = time.perf_counter()
            process = subprocess.Popen(
                [self.binary, "serve", "--config-file", settings],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        try:
            wait_for(port)
            server = Http("hallmark", f"http://127.0.0.1:{port}", [process.pid])
            server.first_answer = time.perf_counter() - start
            server.folder = folder
            yield server
        finally:
            end(process)
            shutil.rmtree(folder)

    @contextlib.contextmanager
    def nginx(self, root):
        """nginx, which serves a folder, and takes files into it by PUT."""
        folder = self.new_folder("nginx")
        port = free_port()
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = folder / "nginx.conf"
        configuration.write_text(
            f"user root; daemon off; worker_processes 1; pid {folder}/pid;\n"
            f"error_log {folder}/log; events {{}}\n"
            f"http {{ access_log off; sendfile on; {temporary} client_max_body_size 0;\n"
            f"server {{ listen 127.0.0.1:{port}; root {root}; dav_methods PUT; }} }}\n"
        )
        process = subprocess.Popen(["nginx", "-c", configuration], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield Http("nginx", f"http://127.0.0.1:{port}", family(process.pid))
        finally:
            end(process)
            shutil.rmtree(folder)

    def peer(self):
        """A real Glance that runs already, if the environment names one."""
        url = os.environ.get("HALLMARK_BENCH_PEER")
        if not url:
            return None
        pids = listeners(urllib.parse.urlsplit(url).port)
        return Http("glance", url, pids, os.environ.get("HALLMARK_BENCH_PEER_TOKEN"))


def arguments(description):
    """The arguments that every measurement takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server-bin", default="target/release/hallmark", metavar="FILE")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument(
        "--work",
        metavar="FOLDER",
        default="/dev/shm",
        help="where images are written; in memory by default, so that no disk is the limit",
    )
    return parser


def main(description, experiment):
    """Runs `experiment(lab)` as a program."""
    given = arguments(description).parse_args()
    with tempfile.TemporaryDirectory(prefix="hallmark-bench.", dir=given.work) as folder:
        experiment(Lab(given, pathlib.Path(folder)))
