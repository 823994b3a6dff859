"""The cloud of the tests: its projects, its users, and what they may do there (see README.md)."""

import time

import requests

REGION = "RegionOne"
# The password of every user.
PASSWORD = "only-for-tests"
ADMIN = "ada"
ADMIN_PROJECT = "operations"
PROJECTS = ("alpha", "beta", "service")
# Who has which role where: a project, or "system".
GRANTS = (
    ("max", "manager", "alpha"),
    ("mia", "member", "alpha"),
    ("rob", "reader", "alpha"),
    ("sam", "member", "beta"),
    ("sue", "reader", "system"),
    ("glance", "service", "service"),
    ("glance", "reader", "system"),
)
# What a project may have unless a limit of its own says otherwise: MiB, MiB, images, images.
REGISTERED_LIMITS = {
    "image_size_total": 1000,
    "image_stage_total": 1000,
    "image_count_total": 100,
    "image_count_uploading": 100,
}

# Seconds that one answer may take.
_PATIENCE = 60
_DOMAIN = {"id": "default"}
_SYSTEM = {"system": {"all": True}}


class Identity:
    """A Keystone, as its administrator sees it with a token for the system."""

    def __init__(self, url):
        self._url = url
        self._http = requests.Session()
        # No proxy and no .netrc of the machine has a part in this.
        self._http.trust_env = False
        password = {"user": {"name": ADMIN, "domain": _DOMAIN, "password": PASSWORD}}
        identity = {"methods": ["password"], "password": password}
        answer = self._send("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": _SYSTEM}})
        self._http.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]

    def _send(self, method, path, body=None):
        answer = self._http.request(method, self._url + path, json=body, timeout=_PATIENCE)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def make(self, kind, **attributes):
        """Creates a resource, such as a `user`, and gives its id."""
        return self._send("POST", f"/{kind}s", {kind: attributes}).json()[kind]["id"]

    def find(self, kinds, name):
        """The id of the one resource of that name."""
        (found,) = self._send("GET", f"/{kinds}?name={name}").json()[kinds]
        return found["id"]

    def grant(self, user, role, place):
        """Gives a user a role in a `place`: a path below /v3."""
        self._send("PUT", f"{place}/users/{user}/roles/{role}")

    def register_limits(self, service):
        """Says what a project may have of a service's resources."""
        limits = [
            {"service_id": service, "region_id": REGION, "resource_name": name, "default_limit": limit}
            for name, limit in REGISTERED_LIMITS.items()
        ]
        self._send("POST", "/registered_limits", {"registered_limits": limits})

    def publish(self, service, service_url):
        """Puts a service's address into the catalog."""
        for interface in ("public", "internal"):
            self.make("endpoint", service_id=service, region_id=REGION, interface=interface, url=service_url)


def furnish(url):
    """Fills a Keystone that knows nobody but its administrator; no catalog entry has an address yet."""
    identity = Identity(url)
    projects = {name: identity.make("project", name=name, domain_id="default") for name in PROJECTS}
    places = {name: f"/projects/{project}" for name, project in projects.items()} | {"system": "/system"}
    users = {}
    for name, role, place in GRANTS:
        if name not in users:
            users[name] = identity.make("user", name=name, domain_id="default", password=PASSWORD)
        identity.grant(users[name], identity.find("roles", role), places[place])
    admin = identity.find("users", ADMIN), identity.find("roles", "admin")
    identity.grant(*admin, "/domains/default")
    identity.register_limits(identity.make("service", type="image", name="glance"))


def publish(url, image_url, second_image_url=None):
    """Puts the addresses of the image service into a catalog that has none.

    The second one is another process of the same service; it has a type of its own,
    `image_remote`, by which tests find it.
    """
    identity = Identity(url)
    identity.publish(identity.find("services", "glance"), image_url)
    if second_image_url is not None:
        identity.publish(identity.make("service", type="image_remote", name="glance_remote"), second_image_url)


def wait_for(url, alive):
    """Waits until a Keystone answers; false if it will not, because `alive()` no longer holds."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and alive():
        try:
            with requests.Session() as http:
                http.trust_env = False
                if http.get(url, timeout=_PATIENCE).ok:
                    return True
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    return False
