"""Does with openstacksdk what a program that uses images does."""

import openstack
from transcript import ALGORITHMS, DEFAULT_ALGORITHM, Failed, equal, image_is, same_bytes, tell, wait_until


def as_shown(image):
    """The image under the names that the API has for its attributes."""
    return {
        "status": image.status,
        "size": image.size,
        "os_hash_algo": image.hash_algo,
        "os_hash_value": image.hash_value,
        "checksum": image.checksum,
    }


def is_from(images, image_id, original, algorithm):
    """Holds the image against its file."""
    image_is(f"the image with {algorithm}", as_shown(images.get_image(image_id)), original, algorithm)


def downloads(images, image_id, materials, original):
    """Downloads an image in one piece and as a stream of pieces, and compares."""
    copy = materials.file("downloaded.copy")
    images.download_image(image_id, output=str(copy))
    same_bytes("the downloaded image", copy, original.path)

    answer = images.download_image(image_id, stream=True)
    with copy.open("wb") as file:
        for chunk in answer.iter_content(1024 * 1024):
            file.write(chunk)
    same_bytes("the streamed image", copy, original.path)


def uploads(images, materials, algorithm):
    """Creates an image from a file with a chosen hash; the client checks what arrived."""
    original = materials.small
    image = images.create_image(
        f"uploaded-{algorithm}",
        filename=str(original.path),
        disk_format=original.disk_format,
        container_format="bare",
        validate_checksum=True,
        wait=True,
        os_hash_algo=algorithm,
    )
    is_from(images, image.id, original, algorithm)
    downloads(images, image.id, materials, original)
    return image.id


def queued(images, name, original, **choice):
    """Creates an image that has no data yet."""
    return images.create_image(
        name, disk_format=original.disk_format, container_format="bare", allow_duplicates=True, **choice
    )


def imports(images, materials):
    """Imports one image from the web, and one from the staging area."""
    original = materials.large
    fetched = queued(images, "fetched", original, os_hash_algo="sha256")
    equal("the hash that was chosen", fetched.hash_algo, "sha256")
    images.import_image(fetched, method="web-download", uri=original.url)
    wait_until("the fetched image", "active", lambda: images.get_image(fetched.id).status)
    is_from(images, fetched.id, original, "sha256")
    downloads(images, fetched.id, materials, original)
    equal("the tasks of the import", [task.status for task in images.image_tasks(fetched)], ["success"])

    staged = queued(images, "staged", original)
    with original.path.open("rb") as data:
        images.stage_image(staged, data=data)
    images.import_image(staged, method="glance-direct")
    wait_until("the staged image", "active", lambda: images.get_image(staged.id).status)
    is_from(images, staged.id, original, DEFAULT_ALGORITHM)
    return [fetched.id, staged.id]


def shares(images, image_id):
    """Adds, accepts and removes a member."""
    project = "0123456789abcdef0123456789abcdef"
    images.add_member(image_id, member_id=project)
    equal("the members", [member.member_id for member in images.members(image_id)], [project])
    images.update_member(project, image_id, status="accepted")
    equal("the member's status", images.get_member(project, image_id).status, "accepted")
    images.remove_member(project, image_id)
    equal("the members left", list(images.members(image_id)), [])


def changes(images, image_id):
    """Tags an image and changes it."""
    images.add_tag(image_id, "golden")
    equal("the images with the tag", [image.id for image in images.images(tag="golden")], [image_id])
    images.remove_tag(image_id, "golden")
    equal("the tags left", images.get_image(image_id).tags, [])

    images.update_image(image_id, name="renamed", os_distro="debian", min_ram=512)
    renamed = images.find_image("renamed")
    equal("the image found by its new name", renamed and renamed.id, image_id)
    equal("the property that was set", renamed.os_distro, "debian")
    equal("min_ram", renamed.min_ram, 512)

    images.deactivate_image(image_id)
    equal("the status after it", images.get_image(image_id).status, "deactivated")
    images.reactivate_image(image_id)
    equal("the status after it", images.get_image(image_id).status, "active")


def refuses(images):
    """Asks for a hash that is not allowed."""
    try:
        images.create_image("refused", os_hash_algo="crc32", allow_duplicates=True)
    except openstack.exceptions.BadRequestException:
        equal("the image that was refused", images.find_image("refused"), None)
    else:
        raise Failed("os_hash_algo=crc32 was accepted")


def transcript(url, materials):
    """The whole of it."""
    images = openstack.connect(load_envvars=False, auth_type="none", endpoint=url).image
    made = [uploads(images, materials, algorithm) for algorithm in ALGORITHMS]
    made += imports(images, materials)
    shares(images, made[0])
    changes(images, made[0])
    refuses(images)
    listed = {image.id for image in images.images(limit=2)}
    equal("the images not listed", sorted(set(made) - listed), [])
    for image_id in made:
        images.delete_image(image_id)
        equal("a deleted image", images.find_image(image_id), None)


tell(transcript)
