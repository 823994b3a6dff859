"""Runs a Barbican that takes tokens of the Keystone of the tests, until it is told to stop.

Its database is a file that goes with it. Making the tables takes some seconds, so that it is done
once: a copy is kept in `--cache`. It can be prepared while Keystone is still being started.
"""

import argparse
import base64
import hashlib
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import requests

# A copy of the tables is good for as long as what it was made by.
_MAKERS = ("serve.py", "requirements.txt")
# How often another port is tried, if somebody else was quicker to take one.
_ATTEMPTS = 5
# Seconds that one answer, or the start, may take.
_PATIENCE = 120

_SETTINGS = """\
[DEFAULT]
host_href = {origin}
transport_url = fake://
log_file = {folder}/barbican.log
[database]
connection = sqlite:///{folder}/barbican.db
[keystone_authtoken]
auth_type = password
auth_url = {keystone}
username = glance
password = only-for-tests
user_domain_name = Default
project_name = service
project_domain_name = Default
[secretstore]
enabled_secretstore_plugins = store_crypto
[crypto]
enabled_crypto_plugins = simple_crypto
[simple_crypto_plugin]
kek = {key}
"""

_SERVER = """\
[uwsgi]
http-socket = {address}
wsgi-file = {folder}/application.py
virtualenv = {prefix}
master = true
no-orphans = true
processes = 1
need-app = true
die-on-term = true
buffer-size = 65535
add-header = Connection: close
disable-logging = true
logto = {folder}/uwsgi.log
"""

# What Barbican's own module does with a file below /etc.
_APPLICATION = """\
from paste import deploy

application = deploy.loadapp("config:{folder}/.barbican/barbican-api-paste.ini")
"""


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _session():
    http = requests.Session()
    # No proxy and no .netrc of the machine has a part in this.
    http.trust_env = False
    return http


class Barbican:
    """The service, with its files in a folder."""

    def __init__(self, folder):
        self._folder = folder
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self._server = None
        self._home = folder / ".barbican"
        self._home.mkdir()
        shutil.copy(pathlib.Path(sys.prefix, "etc/barbican/barbican-api-paste.ini"), self._home)
        self.url = None

    def _configure(self, port, keystone):
        address = f"127.0.0.1:{port}"
        facts = {
            "folder": self._folder,
            "origin": f"http://{address}",
            "address": address,
            "keystone": keystone,
            "key": self._key,
            "prefix": sys.prefix,
        }
        (self._home / "barbican.conf").write_text(_SETTINGS.format(**facts))
        (self._folder / "uwsgi.ini").write_text(_SERVER.format(**facts))
        (self._folder / "application.py").write_text(_APPLICATION.format(**facts))
        self.url = f"http://{address}"

    @property
    def _environment(self):
        return {**os.environ, "HOME": str(self._folder)}

    def prepare(self, cache):
        """Makes the tables, or takes them from `cache`."""
        here = pathlib.Path(__file__).parent
        digest = hashlib.sha256(b"".join((here / maker).read_bytes() for maker in _MAKERS))
        kept = cache / f"{digest.hexdigest()}.db"
        database = self._folder / "barbican.db"
        if not kept.exists():
            self._configure(0, "http://127.0.0.1:1/v3")
            program = pathlib.Path(sys.prefix, "bin/barbican-manage")
            command = [program, "--config-file", self._home / "barbican.conf", "db", "upgrade"]
            subprocess.run(command, env=self._environment, check=True)
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=cache, delete=False) as aside:
                aside.write(database.read_bytes())
            os.replace(aside.name, kept)
        shutil.copy(kept, database)

    def start(self, keystone):
        """Starts it, and waits until it answers."""
        program = pathlib.Path(sys.prefix, "bin/uwsgi")
        for _ in range(_ATTEMPTS):
            self._configure(_free_port(), keystone)
            command = [program, "--ini", self._folder / "uwsgi.ini"]
            self._server = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL)
            if self._answers():
                return
            self.stop()
        raise RuntimeError("Barbican does not answer:\n" + self._log())

    def _log(self):
        return (self._folder / "uwsgi.log").read_text()

    def _answers(self):
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self._server.poll() is None:
            try:
                with _session() as http:
                    if http.get(f"{self.url}/healthcheck", timeout=_PATIENCE).ok:
                        return True
            except requests.ConnectionError:
                pass
            time.sleep(0.1)
        return False

    def wait(self):
        """Waits until it ends, which it should not."""
        self._server.wait()
        sys.exit("Barbican has ended:\n" + self._log())

    def stop(self):
        """Ends it, if it runs."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()


def _await(file):
    """What is in the file, once it is there."""
    while not file.exists():
        time.sleep(0.1)
    return file.read_text().strip()


def publish(keystone, url):
    """Puts the service into Keystone's catalog."""
    domain = {"id": "default"}
    password = {"user": {"name": "ada", "domain": domain, "password": "only-for-tests"}}
    identity = {"methods": ["password"], "password": password}
    with _session() as http:

        def send(path, body):
            answer = http.post(keystone + path, json=body, timeout=_PATIENCE)
            if not answer.ok:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
            return answer

        answer = send("/auth/tokens", {"auth": {"identity": identity, "scope": {"system": {"all": True}}}})
        http.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]
        service = send("/services", {"service": {"type": "key-manager", "name": "barbican"}})
        service = service.json()["service"]["id"]
        for interface in ("public", "internal"):
            endpoint = {"service_id": service, "region_id": "RegionOne", "interface": interface, "url": url}
            send("/endpoints", {"endpoint": endpoint})


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True, help="the folder of tables")
    parser.add_argument("--ready", type=pathlib.Path, required=True, help="gets Barbican's address, once it serves")
    parser.add_argument(
        "--keystone", type=pathlib.Path, required=True, help="the file that has Keystone's address, once it serves"
    )
    arguments = parser.parse_args()
    # What was begun is ended, whichever way we are told to.
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="hallmark-barbican.") as folder:
        barbican = Barbican(pathlib.Path(folder))
        try:
            barbican.prepare(arguments.cache)
            keystone = _await(arguments.keystone)
            barbican.start(keystone)
            publish(keystone, barbican.url)
            aside = arguments.ready.with_suffix(".aside")
            aside.write_text(barbican.url)
            aside.rename(arguments.ready)
            barbican.wait()
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
        finally:
            barbican.stop()


main()
