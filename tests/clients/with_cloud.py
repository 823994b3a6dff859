"""Does with `openstack --os-cloud` what the users of a cloud may do, and tries what they may not.

The cloud is that of tests/keystone, which HALLMARK_TEST_KEYSTONE names.
"""

import json
import os
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

# The users, and the projects where they work, by the names of their clouds.
WHO = {
    "admin": ("ada", "operations"),
    "member": ("mia", "alpha"),
    "reader": ("rob", "alpha"),
    "stranger": ("sam", "beta"),
}
# How the command tells what a user may not do, and what is not there for a user.
FORBIDDEN = "403"
UNSEEN = "No Image found"
# `save` takes the answer that refuses the data for the data.
NOT_SAVED = "checksum mismatch"


class Cloud:
    """The command `openstack`, as one user calls it."""

    def __init__(self, name):
        program = pathlib.Path(sys.executable).with_name("openstack")
        self._command = [program, "--os-cloud", name]

    def __call__(self, *arguments):
        """Runs `openstack image`, and gives what it printed."""
        return run(*self._command, "image", *arguments)

    def refused(self, why, *arguments):
        """Runs it, and expects it to fail with a message that contains `why`."""
        contains("the refusal", refused(*self._command, "image", *arguments), why)

    def project(self):
        """The id of the project where the user works."""
        issued = run(*self._command, "token", "issue", "--format", "json")
        return json.loads(issued)["project_id"]

    def create(self, name, original, *options):
        """Creates an image with the format of this file, and gives its id."""
        formats = ("--disk-format", original.disk_format, "--container-format", "bare")
        return json.loads(self("create", "--format", "json", *formats, *options, name))["id"]

    def show(self, image_id):
        """The image, with its properties beside its attributes."""
        shown = json.loads(self("show", "--format", "json", image_id))
        return {**shown.pop("properties"), **shown}

    def lists(self, image_id, *options):
        """Whether the image is in a list."""
        listed = json.loads(self("list", "--format", "json", *options))
        return image_id in [image["ID"] for image in listed]

    def saves(self, image_id, materials, original):
        """Saves an image, which the client checks against its hash, and compares."""
        copy = materials.file("saved.copy")
        self("save", "--file", copy, image_id)
        same_bytes(f"the saved image {image_id}", copy, original.path)


def write_clouds(url, materials):
    """Writes a `clouds.yaml`, and gives each user's command."""
    clouds = {}
    for name, (user, project) in WHO.items():
        auth = {
            "auth_url": os.environ["HALLMARK_TEST_KEYSTONE"],
            "username": user,
            "password": "only-for-tests",
            "project_name": project,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        # The registry that is tested has an address of its own, which is not in the catalog.
        clouds[name] = {"auth": auth, "region_name": "RegionOne", "image_endpoint_override": url}
    file = materials.file("clouds.yaml")
    # JSON is YAML.
    file.write_text(json.dumps({"clouds": clouds}))
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(file)
    return {name: Cloud(name) for name in WHO}


def member_works(member, materials):
    """Creates, finds, changes and saves an image; gives its id."""
    original = materials.small
    image_id = member.create("disk", original, "--property", "os_type=linux", "--file", original.path)
    shown = member.show(image_id)
    image_is("the created image", shown, original, DEFAULT_ALGORITHM)
    equal("its owner", shown["owner"], member.project())
    equal("its visibility", shown["visibility"], "shared")
    equal("that its owner finds it by its name", member.lists(image_id, "--name", "disk"), True)
    member.saves("disk", materials, original)

    member("set", "--name", "boot", "--property", "os_distro=debian", "--tag", "golden", image_id)
    changed = member.show(image_id)
    equal("its name after set", changed["name"], "boot")
    equal("a property after set", changed.get("os_distro"), "debian")
    equal("its tags after set", changed["tags"], ["golden"])
    member("unset", "--property", "os_distro", "--tag", "golden", image_id)
    changed = member.show(image_id)
    equal("a property after unset", changed.get("os_distro"), None)
    equal("its tags after unset", changed["tags"], [])

    member("set", "--protected", image_id)
    member.refused(FORBIDDEN, "delete", image_id)
    member("set", "--unprotected", image_id)
    return image_id


def member_imports(member, materials):
    """Imports an image from the web, and one from the staging area; gives their ids."""
    original = materials.small
    fetched = member.create("fetched", original)
    member("import", "--wait", "--method", "web-download", "--uri", original.url, fetched)
    image_is("the fetched image", member.show(fetched), original, DEFAULT_ALGORITHM)
    staged = member.create("staged", original)
    member("stage", "--file", original.path, staged)
    member("import", "--wait", "--method", "glance-direct", staged)
    image_is("the staged image", member.show(staged), original, DEFAULT_ALGORITHM)
    return [fetched, staged]


def reader_only_looks(reader, image_id, materials):
    """Sees what the project has, but neither gets its data nor changes anything."""
    equal("that a reader finds it", reader.lists(image_id), True)
    reader.refused(NOT_SAVED, "save", "--file", materials.file("of-a-reader"), image_id)
    formats = ("--disk-format", "raw", "--container-format", "bare")
    for attempt in (
        ("create", *formats, "of-a-reader"),
        ("set", "--property", "os_distro=debian", image_id),
        ("unset", "--property", "os_type", image_id),
        ("add", "project", image_id, "somebody"),
        ("delete", image_id),
    ):
        reader.refused(FORBIDDEN, *attempt)
    # The command does not tell that this is refused.
    reader("set", "--deactivate", image_id)
    equal("the status after all that", reader.show(image_id)["status"], "active")


def stranger_gets_what_is_shared(clouds, image_id, materials):
    """Sees an image from when it is shared until it is not, and changes nothing."""
    member, stranger = clouds["member"], clouds["stranger"]
    project = stranger.project()

    def status():
        listed = json.loads(member("member", "list", "--format", "json", image_id))
        return [(entry["Member ID"], entry["Status"]) for entry in listed]

    stranger.refused(UNSEEN, "show", image_id)
    stranger.refused(UNSEEN, "save", "--file", materials.file("unseen"), image_id)
    stranger.refused(UNSEEN, "add", "project", image_id, project)
    # Here the command guesses why it cannot.
    stranger.refused("", "delete", image_id)

    member("add", "project", image_id, project)
    equal("the members once it is shared", status(), [(project, "pending")])
    equal("that it is listed before it is accepted", stranger.lists(image_id), False)
    stranger("set", "--accept", image_id)
    equal("the members once it is accepted", status(), [(project, "accepted")])
    equal("that it is listed once it is accepted", stranger.lists(image_id), True)
    stranger.saves(image_id, materials, materials.small)
    stranger.refused(FORBIDDEN, "set", "--property", "os_distro=debian", image_id)
    stranger.refused(FORBIDDEN, "delete", image_id)
    stranger("set", "--reject", image_id)
    equal("that it is listed once it is rejected", stranger.lists(image_id), False)

    member("remove", "project", image_id, project)
    equal("the members at the end", status(), [])
    stranger.refused(UNSEEN, "show", image_id)


def admin_does_everything(clouds, image_id, materials):
    """Sees, changes and shares what belongs to others, and publishes."""
    admin, member, stranger = clouds["admin"], clouds["member"], clouds["stranger"]
    admin.saves(image_id, materials, materials.small)
    admin("set", "--property", "reviewed=yes", image_id)
    equal("a property that an administrator set", member.show(image_id).get("reviewed"), "yes")
    admin("unset", "--property", "reviewed", image_id)

    # An administrator may look up projects, and so may name them.
    admin("add", "project", image_id, "beta")
    equal("the id of a shared image", stranger.show(image_id)["id"], image_id)
    admin("remove", "project", image_id, "beta")

    member.refused(FORBIDDEN, "set", "--public", image_id)
    admin("set", "--public", image_id)
    equal("that a public image is listed", stranger.lists(image_id, "--public"), True)
    admin("set", "--deactivate", image_id)
    member.refused(NOT_SAVED, "save", "--file", materials.file("unseen"), image_id)
    admin("set", "--activate", image_id)

    original = materials.small
    own = admin.create("of-the-operators", original, "--file", original.path)
    imported = admin.create("imported", original)
    admin("import", "--wait", "--method", "web-download", "--uri", original.url, imported)
    image_is("the administrator's import", admin.show(imported), original, DEFAULT_ALGORITHM)
    equal("that an administrator finds images of others", admin.lists(image_id), True)
    equal("that others find it", member.lists(own), False)
    admin("delete", own, imported)
    admin.refused(UNSEEN, "show", own)


def transcript(url, materials):
    """The whole of it."""
    clouds = write_clouds(url, materials)
    member = clouds["member"]
    image_id = member_works(member, materials)
    made = [image_id, *member_imports(member, materials)]
    reader_only_looks(clouds["reader"], image_id, materials)
    stranger_gets_what_is_shared(clouds, image_id, materials)
    admin_does_everything(clouds, image_id, materials)
    member("delete", *made)
    for gone in made:
        member.refused(UNSEEN, "show", gone)


tell(transcript)
