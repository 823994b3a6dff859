"""What schemathesis cannot know of the Image API by itself."""

import json

import schemathesis


@schemathesis.serializer(
    "application/openstack-images-v2.1-json-patch",
    "application/openstack-images-v2.0-json-patch",
)
def patch(_context, value):
    """A patch is JSON, by a media type of its own."""
    return json.dumps(value).encode()
