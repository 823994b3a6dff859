"""Does with the command `openstack` what a user of images does."""

import json
import pathlib
import sys

from transcript import (
    DEFAULT_ALGORITHM,
    contains,
    equal,
    image_is,
    refused,
    run,
    same_bytes,
    tell,
)


class OpenStack:
    """The command `openstack image`."""

    def __init__(self, url):
        program = pathlib.Path(sys.executable).with_name("openstack")
        self._command = [program, "--os-auth-type", "none", "--os-endpoint", url, "image"]

    def __call__(self, *arguments):
        """Runs it, and gives what it printed."""
        return run(*self._command, *arguments)

    def refused(self, *arguments):
        """Runs it, expects it to fail, and gives what it printed."""
        return refused(*self._command, *arguments)

    def create(self, name, original, *options):
        """Creates an image with the format of this file, and gives its id."""
        formats = ("--disk-format", original.disk_format, "--container-format", "bare")
        return json.loads(self("create", "--format", "json", *formats, *options, name))["id"]

    def show(self, image):
        """The image, with its properties beside its attributes."""
        shown = json.loads(self("show", "--format", "json", image))
        return {**shown.pop("properties"), **shown}

    def downloads(self, image, materials, original):
        """Saves an image, which the client checks against its hash, and compares."""
        copy = materials.file("saved.copy")
        self("save", "--file", copy, image)
        same_bytes(f"the saved image {image}", copy, original.path)


def uploads(openstack, materials):
    """Creates an image from a file, with a chosen hash."""
    original = materials.small
    choice = ("--property", "os_hash_algo=sha256")
    image_id = openstack.create("uploaded", original, *choice, "--file", original.path)
    image_is("the uploaded image", openstack.show(image_id), original, "sha256")
    openstack.downloads("uploaded", materials, original)
    return image_id


def changes(openstack, image_id):
    """Sets and unsets properties and tags; the hash cannot be set."""
    openstack("set", "--property", "hw_disk_bus=scsi", "--tag", "golden", "--min-disk", "3", image_id)
    changed = openstack.show(image_id)
    equal("a property that was set", changed.get("hw_disk_bus"), "scsi")
    equal("the tags", changed["tags"], ["golden"])
    equal("min_disk", changed["min_disk"], 3)
    equal("os_hash_algo after a change", changed["os_hash_algo"], "sha256")
    contains("the list by tag", openstack("list", "--tag", "golden"), image_id)

    openstack("unset", "--property", "hw_disk_bus", "--tag", "golden", image_id)
    changed = openstack.show(image_id)
    equal("a property that was unset", changed.get("hw_disk_bus"), None)
    equal("the tags", changed["tags"], [])

    refusal = openstack.refused("set", "--property", "os_hash_algo=sha512", image_id)
    contains("the refusal to change the hash", refusal, "403")


def imports(openstack, materials):
    """Imports one image from the web, and one from the staging area."""
    original = materials.large
    fetched = openstack.create("fetched", original, "--property", "os_hash_algo=sha1")
    openstack("import", "--wait", "--method", "web-download", "--uri", original.url, fetched)
    image_is("the fetched image", openstack.show(fetched), original, "sha1")
    openstack.downloads(fetched, materials, original)

    original = materials.small
    staged = openstack.create("staged", original)
    openstack("stage", "--file", original.path, staged)
    equal("the status of a staged image", openstack.show(staged)["status"], "uploading")
    openstack("import", "--wait", "--method", "glance-direct", staged)
    image_is("the staged image", openstack.show(staged), original, DEFAULT_ALGORITHM)
    openstack.downloads(staged, materials, original)
    return [fetched, staged]


def transcript(url, materials):
    """The whole of it."""
    openstack = OpenStack(url)
    uploaded = uploads(openstack, materials)
    changes(openstack, uploaded)
    refusal = openstack.refused("create", "--property", "os_hash_algo=crc32", "refused")
    contains("the refusal of crc32", refusal, "crc32")

    made = [uploaded, *imports(openstack, materials)]
    listed = [image["ID"] for image in json.loads(openstack("list", "--format", "json"))]
    equal("the images not listed", sorted(set(made) - set(listed)), [])
    openstack("set", "--deactivate", uploaded)
    equal("the status after it", openstack.show(uploaded)["status"], "deactivated")
    openstack("set", "--activate", uploaded)
    equal("the status after it", openstack.show(uploaded)["status"], "active")
    openstack("delete", *made)
    for image_id in made:
        contains("the answer for a deleted image", openstack.refused("show", image_id), image_id)


tell(transcript)
