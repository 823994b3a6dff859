"""Uploads, imports, downloads and compares images with curl."""

import json

from transcript import (
    DEFAULT_ALGORITHM,
    contains,
    equal,
    image_is,
    run,
    same_bytes,
    tell,
    wait_until,
)


class Curl:
    """curl, and what the answers were."""

    def __init__(self, url):
        self.url = url

    def __call__(self, status, path, *options):
        """Sends one request, which must be answered with `status`, and gives the body."""
        printed = run(
            "curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *options, self.url + path
        )
        body, _, code = printed.rpartition("\n")
        equal(f"the status of the answer to {path} ({body})", int(code), status)
        return body

    def send(self, status, path, document):
        """The same with a JSON document, by POST."""
        headers = ("--header", "Content-Type: application/json")
        return self(status, path, *headers, "--data", json.dumps(document))

    def show(self, image_id):
        """The image as the API shows it."""
        return json.loads(self(200, f"/v2/images/{image_id}"))


def described(original, **more):
    """The body of a request that creates an image for this file."""
    return {"disk_format": original.disk_format, "container_format": "bare", **more}


def uploads(curl, materials):
    """Creates an image with a chosen hash, uploads its data, compares, downloads, compares."""
    original = materials.small
    wanted = described(original, name="uploaded", os_hash_algo="sha256")
    image = json.loads(curl.send(201, "/v2/images", wanted))
    equal("the status of a new image", image["status"], "queued")
    equal("os_hash_algo of a new image", image["os_hash_algo"], "sha256")
    equal("os_hash_value of a new image", image["os_hash_value"], None)

    path = f"/v2/images/{image['id']}"
    octets = ("--header", "Content-Type: application/octet-stream")
    curl(204, f"{path}/file", *octets, "--upload-file", original.path)
    image_is("the uploaded image", curl.show(image["id"]), original, "sha256")

    copy = materials.file("uploaded.copy")
    curl(200, f"{path}/file", "--output", copy)
    same_bytes("the uploaded image", copy, original.path)
    curl(206, f"{path}/file", "--range", "70000-99999", "--output", copy)
    equal("a range of the image", copy.read_bytes(), original.path.read_bytes()[70000:100000])
    return image["id"]


def imports(curl, materials, chosen):
    """Lets the registry fetch an image, compares, downloads, compares."""
    original = materials.large
    choice = {"os_hash_algo": chosen} if chosen else {}
    wanted = described(original, name="imported", **choice)
    image_id = json.loads(curl.send(201, "/v2/images", wanted))["id"]
    method = {"name": "web-download", "uri": original.url}
    curl.send(202, f"/v2/images/{image_id}/import", {"method": method})
    wait_until("the imported image", "active", lambda: curl.show(image_id)["status"])
    image_is("the imported image", curl.show(image_id), original, chosen or DEFAULT_ALGORITHM)

    copy = materials.file("imported.copy")
    curl(200, f"/v2/images/{image_id}/file", "--output", copy)
    same_bytes("the imported image", copy, original.path)
    return image_id


def refuses(curl):
    """Asks for a hash that is not allowed."""
    answer = curl.send(400, "/v2/images", {"name": "refused", "os_hash_algo": "crc32"})
    contains("the refusal of crc32", answer, "crc32")
    contains("the refusal of crc32", answer, "sha256")
    listed = json.loads(curl(200, "/v2/images?name=refused"))
    equal("the images made by a refused request", listed["images"], [])


def transcript(url, materials):
    """The whole of it."""
    curl = Curl(url)
    made = [
        uploads(curl, materials),
        imports(curl, materials, "sha256"),
        imports(curl, materials, None),
    ]
    refuses(curl)
    for image_id in made:
        curl(204, f"/v2/images/{image_id}", "--request", "DELETE")
        curl(404, f"/v2/images/{image_id}")


tell(transcript)
