"""A client of the image API that takes little of the processors it shares with the server."""

import http.client
import json
import os
import socket
import time
import urllib.parse

from cost import KIB, MIB, measure

# Seconds that a server has to answer, and an import to end.
PATIENCE = 120


class Http:
    """The image API of a server, and the processes behind it."""

    def __init__(self, name, url, pids, token=None):
        self.name = name
        self.url = urllib.parse.urlsplit(url)
        self.pids = pids
        self.headers = {"X-Auth-Token": token} if token else {}

    def connect(self):
        """A connection that is kept for several requests."""
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=PATIENCE)

    def ask(self, connection, method, path, body=None):
        """Sends one request, which must succeed, and gives its JSON."""
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {text[:300]!r}")
        if answer.will_close:
            connection.close()
        return json.loads(text) if text else None

    def once(self, method, path, body=None):
        """The same on a connection of its own."""
        connection = self.connect()
        try:
            return self.ask(connection, method, path, body)
        finally:
            connection.close()

    def create(self, algorithm=None):
        """Creates an image that takes raw data, and gives its id."""
        image = {"name": "measured", "disk_format": "raw", "container_format": "bare"}
        if algorithm:
            image["os_hash_algo"] = algorithm
        return self.once("POST", "/v2/images", image)["id"]

    def delete(self, image_id):
        """Deletes an image."""
        self.once("DELETE", f"/v2/images/{image_id}")

    def upload(self, image_id, file):
        """Sends a file as an image's data."""
        self.put(f"/v2/images/{image_id}/file", file)

    def measured_upload(self, file, algorithm=None):
        """The cost of an upload to an image that lives no longer than that."""
        image_id = self.create(algorithm)
        cost = measure(self.pids, lambda: self.upload(image_id, file))
        self.delete(image_id)
        return cost

    def measured_import(self, url):
        """The cost of an import to an image that lives no longer than that."""
        image_id = self.create()
        cost = measure(self.pids, lambda: self.import_from(image_id, url))
        self.delete(image_id)
        return cost

    def put(self, path, file):
        """Sends a file with as little work for the sender as can be."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        with socket.create_connection((self.url.hostname, self.url.port), PATIENCE) as sock:
            with open(file, "rb") as data:
                sock.sendall(
                    f"PUT {path} HTTP/1.1\r\nHost: {self.url.netloc}\r\n{head}"
                    "Content-Type: application/octet-stream\r\nConnection: close\r\n"
                    f"Content-Length: {os.path.getsize(file)}\r\n\r\n".encode()
                )
                sock.sendfile(data)
            answer = sock.recv(64 * KIB)
        if not answer.startswith((b"HTTP/1.1 201", b"HTTP/1.1 204")):
            raise RuntimeError(f"{self.name}: PUT {path}: {answer[:300]!r}")

    def download(self, path, size, span=None):
        """Takes `size` bytes, which the kernel throws away, so that they cost no copy."""
        head = dict(self.headers)
        if span:
            head["Range"] = f"bytes={span[0]}-{span[1]}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        with socket.create_connection((self.url.hostname, self.url.port), PATIENCE) as sock:
            sock.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {self.url.netloc}\r\n{lines}"
                "Connection: close\r\n\r\n".encode()
            )
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += sock.recv(4 * KIB)
            if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")):
                raise RuntimeError(f"{self.name}: GET {path}: {answer[:300]!r}")
            left = size - len(answer.partition(b"\r\n\r\n")[2])
            buffer = bytearray(MIB)
            while left > 0:
                got = sock.recv_into(buffer, min(left, MIB), socket.MSG_TRUNC)
                if got == 0:
                    raise RuntimeError(f"{self.name}: GET {path}: {left} bytes are missing")
                left -= got

    def import_from(self, image_id, url):
        """Lets the server fetch an image, and waits until it is active."""
        method = {"name": "web-download", "uri": url}
        connection = self.connect()
        self.ask(connection, "POST", f"/v2/images/{image_id}/import", {"method": method})
        end = time.monotonic() + PATIENCE
        status = None
        while status != "active":
            time.sleep(0.01)
            status = self.ask(connection, "GET", f"/v2/images/{image_id}")["status"]
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name}: the import did not end: the image is {status}")
        connection.close()
