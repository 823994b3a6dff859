"""Runs a Keystone that holds the cloud of the tests, until it is told to stop.

Its database is one of its own on the server that HALLMARK_TEST_POSTGRES names, and goes with it.
Making the cloud takes most of a minute, so that it is done once: a dump is kept in `--cache`.
"""

import argparse
import base64
import hashlib
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse

import psycopg2

import cloud

# A dump is good for as long as what it was made by.
_MAKERS = ("serve.py", "cloud.py", "requirements.txt")
# How often another port is tried, if somebody else was quicker to take one.
_ATTEMPTS = 5

_SETTINGS = """\
[DEFAULT]
log_file = {folder}/keystone.log
public_endpoint = {origin}
max_token_size = 512
[database]
connection = {connection}
[fernet_tokens]
key_repository = {folder}/token-keys
[fernet_receipts]
key_repository = {folder}/token-keys
[credential]
key_repository = {folder}/credential-keys
[identity]
# Cheap, for the tests log in all the time.
password_hash_algorithm = bcrypt
password_hash_rounds = 4
[cache]
enabled = false
"""

# An answer's connection is closed, as uWSGI does not tell clients that it will close it. There is
# one thread in a process, because with several this Keystone takes roles from one token for those
# of another. Processes part from one another once all is loaded, which takes its time; nothing is
# connected to the database before.
_SERVER = """\
[uwsgi]
http-socket = {address}
module = keystone.wsgi.api:application
virtualenv = {prefix}
master = true
no-orphans = true
processes = 4
need-app = true
die-on-term = true
buffer-size = 65535
add-header = Connection: close
disable-logging = true
logto = {folder}/uwsgi.log
"""


class Database:
    """A database on the server of the tests."""

    def __init__(self):
        server = urllib.parse.urlsplit(os.environ["HALLMARK_TEST_POSTGRES"])
        self._server = server.geturl()
        self._name = f"hallmark_keystone_{secrets.token_hex(8)}"
        self._url = server._replace(path=f"/{self._name}").geturl()
        self._on_server(f"CREATE DATABASE {self._name}")

    def _on_server(self, statement):
        server = psycopg2.connect(self._server)
        try:
            server.autocommit = True
            with server.cursor() as cursor:
                cursor.execute(statement)
        finally:
            server.close()

    @property
    def connection(self):
        """Its address, as SQLAlchemy writes it."""
        return "postgresql+psycopg2" + self._url[self._url.index("://") :]

    def dump(self, file):
        """Writes all of it to a file, which is there whole or not at all."""
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as aside:
            subprocess.run(["pg_dump", "--no-owner", "--dbname", self._url], stdout=aside, check=True)
        os.replace(aside.name, file)

    def restore(self, file):
        """Reads what `dump` has written."""
        options = ["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--single-transaction"]
        command = ["psql", *options, "--file", file, "--dbname", self._url]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    def drop(self):
        """Deletes it, whoever is still connected."""
        self._on_server(f"DROP DATABASE {self._name} WITH (FORCE)")


class Keystone:
    """The service, with its files in a folder."""

    def __init__(self, folder, connection):
        self._folder = folder
        self._connection = connection
        self._server = None
        self.url = None
        for keys in ("token-keys", "credential-keys"):
            self._make_keys(folder / keys)

    @staticmethod
    def _make_keys(folder):
        folder.mkdir(mode=0o700)
        for name in ("0", "1"):
            key = folder / name
            key.touch(mode=0o600)
            key.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))

    def _configure(self, port):
        address = f"127.0.0.1:{port}"
        origin = f"http://{address}"
        facts = {
            "folder": self._folder,
            "origin": origin,
            "connection": self._connection,
            "address": address,
            "prefix": sys.prefix,
        }
        (self._folder / "keystone.conf").write_text(_SETTINGS.format(**facts))
        (self._folder / "uwsgi.ini").write_text(_SERVER.format(**facts))
        self.url = f"{origin}/v3"

    def bootstrap(self):
        """Makes the tables, and the administrator."""
        self._configure(port=0)
        url = "$(public_endpoint)s/v3"
        self._manage("db_sync")
        self._manage(
            "bootstrap",
            *("--bootstrap-username", cloud.ADMIN, "--bootstrap-password", cloud.PASSWORD),
            *("--bootstrap-project-name", cloud.ADMIN_PROJECT, "--bootstrap-region-id", cloud.REGION),
            *("--bootstrap-public-url", url, "--bootstrap-internal-url", url),
        )

    def _manage(self, *command):
        program = pathlib.Path(sys.prefix, "bin/keystone-manage")
        settings = ("--config-file", self._folder / "keystone.conf")
        subprocess.run([program, *settings, *command], check=True)

    def start(self):
        """Starts it, and waits until it answers."""
        program = pathlib.Path(sys.prefix, "bin/uwsgi")
        environment = {**os.environ, "OS_KEYSTONE_CONFIG_FILES": str(self._folder / "keystone.conf")}
        for _ in range(_ATTEMPTS):
            self._configure(_free_port())
            command = [program, "--ini", self._folder / "uwsgi.ini"]
            self._server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
            if cloud.wait_for(self.url, alive=lambda: self._server.poll() is None):
                return
            self.stop()
        raise RuntimeError("Keystone does not answer:\n" + (self._folder / "uwsgi.log").read_text())

    def wait(self):
        """Waits until it ends, which it should not."""
        self._server.wait()

    def stop(self):
        """Ends it, if it runs."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _dump_in(cache):
    here = pathlib.Path(__file__).parent
    digest = hashlib.sha256(b"".join((here / maker).read_bytes() for maker in _MAKERS))
    cache.mkdir(parents=True, exist_ok=True)
    return cache / f"{digest.hexdigest()}.sql"


def serve(arguments, folder):
    """Runs it; the address is written to `arguments.ready` once all is there."""
    database = Database()
    keystone = Keystone(folder, database.connection)
    dump = _dump_in(arguments.cache)
    try:
        if dump.exists():
            database.restore(dump)
            keystone.start()
        else:
            keystone.bootstrap()
            keystone.start()
            cloud.furnish(keystone.url)
            database.dump(dump)
        cloud.publish(keystone.url, arguments.image_url, arguments.second_image_url)
        aside = arguments.ready.with_suffix(".aside")
        aside.write_text(keystone.url)
        aside.rename(arguments.ready)
        keystone.wait()
        sys.exit(f"Keystone has ended:\n{(folder / 'uwsgi.log').read_text()}")
    finally:
        keystone.stop()
        database.drop()


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True, help="the folder of dumps")
    parser.add_argument("--ready", type=pathlib.Path, required=True, help="gets Keystone's address, once it serves")
    parser.add_argument("--image-url", default="http://127.0.0.1:9292", help="the catalog's image service")
    parser.add_argument("--second-image-url", help="another process of it, of the type image_remote")
    arguments = parser.parse_args()
    # What was begun is ended, whichever way we are told to.
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="hallmark-keystone.") as folder:
        try:
            serve(arguments, pathlib.Path(folder))
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)


main()
