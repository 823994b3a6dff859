"""Does with the command `glance` what an operator of images does."""

import pathlib
import re
import sys

from transcript import (
    ALGORITHMS,
    DEFAULT_ALGORITHM,
    contains,
    equal,
    image_is,
    refused,
    run,
    same_bytes,
    tell,
    wait_until,
)

# A line of a table with two columns, which is how this client prints a record.
ROW = re.compile(r"^\| (\S+) +\| (.*?) +\|$", re.MULTILINE)


class Glance:
    """The command `glance`."""

    def __init__(self, url):
        program = pathlib.Path(sys.executable).with_name("glance")
        # It knows no other way without Keystone than a token, which the registry does not look at.
        self._command = [program, "--os-image-url", url, "--os-auth-token", "none"]

    def __call__(self, *arguments):
        """Runs it, and gives what it printed."""
        return run(*self._command, *arguments)

    def refused(self, *arguments):
        """Runs it, expects it to fail, and gives what it printed."""
        return refused(*self._command, *arguments)

    def create(self, original, *options, command="image-create"):
        """Creates an image with the format of this file, and gives its id."""
        formats = ("--disk-format", original.disk_format, "--container-format", "bare")
        return dict(ROW.findall(self(command, *formats, *options)))["id"]

    def show(self, image_id):
        """The image; what it printed is text."""
        shown = dict(ROW.findall(self("image-show", "--max-column-width", "200", image_id)))
        return {**shown, "size": int(shown["size"]) if shown["size"].isdigit() else None}

    def becomes_active(self, image_id, original, algorithm):
        """Waits for the end of an import, and holds the image against its file."""
        wait_until("the import", "active", lambda: self.show(image_id)["status"])
        image_is("the imported image", self.show(image_id), original, algorithm)

    def downloads(self, image_id, materials, original):
        """Downloads an image, which the client checks against its hash, and compares."""
        copy = materials.file("downloaded.copy")
        self("image-download", "--file", copy, image_id)
        same_bytes("the downloaded image", copy, original.path)


def uploads(glance, materials, algorithm):
    """Creates an image with a chosen hash, and uploads its data."""
    original = materials.small
    choice = ("--property", f"os_hash_algo={algorithm}")
    image_id = glance.create(original, "--name", f"uploaded-{algorithm}", *choice)
    glance("image-upload", "--file", original.path, image_id)
    image_is("the uploaded image", glance.show(image_id), original, algorithm)
    glance.downloads(image_id, materials, original)
    return image_id


def imports(glance, materials):
    """Imports images from the web, in one command and in two, and one from the staging area."""
    original = materials.large
    from_web = ("--import-method", "web-download", "--uri", original.url)
    choice = ("--property", "os_hash_algo=sha256")
    at_once = glance.create(original, *choice, *from_web, command="image-create-via-import")
    glance.becomes_active(at_once, original, "sha256")
    glance.downloads(at_once, materials, original)

    in_two = glance.create(original, "--property", "os_hash_algo=md5")
    glance("image-import", *from_web, in_two)
    glance.becomes_active(in_two, original, "md5")

    staged = glance.create(original)
    glance("image-stage", "--file", original.path, staged)
    glance("image-import", "--import-method", "glance-direct", staged)
    glance.becomes_active(staged, original, DEFAULT_ALGORITHM)
    glance.downloads(staged, materials, original)
    return [at_once, in_two, staged]


def shares(glance, image_id):
    """Adds, accepts and removes a member."""
    project = "0123456789abcdef0123456789abcdef"
    contains("the new member", glance("member-create", image_id, project), "pending")
    glance("member-update", image_id, project, "accepted")
    contains("the members", glance("member-list", "--image-id", image_id), "accepted")
    glance("member-delete", image_id, project)
    equal("the members left", project in glance("member-list", "--image-id", image_id), False)


def changes(glance, image_id):
    """Tags an image, changes it, takes it out of use and back."""
    glance("image-tag-update", image_id, "golden")
    contains("the images with the tag", glance("image-list", "--tag", "golden"), image_id)
    glance("image-tag-delete", image_id, "golden")
    equal("the tags left", glance.show(image_id)["tags"], "[]")
    glance("image-update", "--property", "os_distro=debian", image_id)
    equal("the property that was set", glance.show(image_id).get("os_distro"), "debian")
    glance("image-update", "--remove-property", "os_distro", image_id)
    equal("the property that was removed", glance.show(image_id).get("os_distro"), None)
    glance("image-deactivate", image_id)
    equal("the status after it", glance.show(image_id)["status"], "deactivated")
    glance("image-reactivate", image_id)
    equal("the status after it", glance.show(image_id)["status"], "active")


def transcript(url, materials):
    """The whole of it."""
    glance = Glance(url)
    contains("the import methods", glance("import-info"), "web-download")
    made = [uploads(glance, materials, algorithm) for algorithm in ALGORITHMS]
    found = glance("image-list", "--hash", materials.small.digest(ALGORITHMS[0]))
    contains("the images with a hash", found, made[0])
    shares(glance, made[0])
    changes(glance, made[0])
    made += imports(glance, materials)
    contains(
        "the refusal of crc32",
        glance.refused("image-create", "--property", "os_hash_algo=crc32"),
        "crc32",
    )
    for image_id in made:
        glance("image-delete", image_id)
    contains("the answer for a deleted image", glance.refused("image-show", made[0]), made[0])


tell(transcript)
