"""Prints the settings of Hallmark, or those of tempest, for one profile of the conformance tests.

Hallmark gets them as the operator of a Glance would have written them.
"""

import argparse
import configparser
import os
import pathlib
import sys

# Where the two stores are, and how much they are preferred.
STORES = {"fast": 200, "slow": 100}


def hallmark(arguments):
    """`glance-api.conf`: two stores, a staging area and Keystone; with `full` more."""
    folder = arguments.folder
    # The user for it in tests/keystone/cloud.py.
    service = {
        "auth_type": "password",
        "auth_url": arguments.keystone,
        "username": "glance",
        "password": "only-for-tests",
        "user_domain_name": "Default",
    }
    settings = {
        "DEFAULT": {
            "enabled_backends": ",".join(f"{store}:file" for store in STORES),
            "enabled_import_methods": "[glance-direct,web-download,copy-image]",
        },
        "database": {"connection": arguments.database},
        "paste_deploy": {"flavor": "keystone"},
        "keystone_authtoken": {
            **service,
            "www_authenticate_uri": arguments.keystone,
            "project_name": "service",
            "project_domain_name": "Default",
        },
        "glance_store": {"default_backend": "fast"},
        "os_glance_staging_store": {"filesystem_store_datadir": folder / "staging"},
        # The server to import from is on this machine, at any port.
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
    }
    for store, weight in STORES.items():
        settings[store] = {"filesystem_store_datadir": folder / store, "weight": weight}
    if arguments.profile != "base":
        settings["DEFAULT"]["enabled_backends"] += ",web:http"
        settings["DEFAULT"] |= {
            "enabled_import_methods": "[glance-direct,web-download,copy-image,glance-download]",
            "show_image_direct_url": "true",
            "show_multiple_locations": "true",
            "use_keystone_limits": "true",
        }
        # The tests register locations of which nothing, or something wrong, is known.
        settings["verification"] = {"trust_locations": "true"}
        settings["DEFAULT"]["do_secure_hash"] = str(arguments.profile == "full").lower()
        settings["paste_deploy"]["flavor"] = "keystone+cachemanagement"
        settings["image_format"] = {"require_image_format_match": "false"}
        settings["image_import_opts"] = {"image_import_plugins": "[image_conversion]"}
        settings["image_conversion"] = {"output_format": "raw"}
        settings["oslo_limit"] = {
            **service,
            "system_scope": "all",
            "endpoint_service_type": "image",
            "endpoint_region_name": "RegionOne",
            "endpoint_interface": "public",
        }
    return settings


def tempest(arguments):
    """`tempest.conf`: the cloud that OS_* names, and which of an image service's powers it has."""
    everything = arguments.profile != "base"
    cloud = os.environ
    settings = {
        "DEFAULT": {"log_dir": arguments.folder, "log_file": "tempest.log", "debug": True},
        "oslo_concurrency": {"lock_path": arguments.folder / "locks"},
        "auth": {
            "admin_username": cloud["OS_USERNAME"],
            "admin_password": cloud["OS_PASSWORD"],
            "admin_project_name": cloud["OS_PROJECT_NAME"],
            "admin_domain_name": "Default",
            "create_isolated_networks": False,
        },
        "identity": {
            "uri_v3": cloud["OS_AUTH_URL"],
            "region": cloud.get("OS_REGION_NAME", "RegionOne"),
            "v3_endpoint_type": "public",
        },
        "enforce_scope": {"glance": True, "keystone": True},
        # The tests of disk formats are skipped where there is no compute service, although those
        # that are run need none.
        "service_available": {
            "glance": True,
            "nova": True,
            **dict.fromkeys(("cinder", "horizon", "neutron", "swift"), False),
        },
        "image": {
            "http_image": f"{arguments.www}/small.raw",
            "http_qcow2_image": f"{arguments.www}/small.qcow2",
            "images_manifest_file": arguments.folder / "images" / "manifest.yaml",
            # A vhd is left out, as qemu-img has another name for it, by which conversions fail.
            "disk_formats": "raw,qcow2,vmdk,vdi,iso,vhdx",
            "container_formats": "bare,ovf,ova",
            "image_caching_enabled": everything,
            # Seconds that an import may take; the images are of a few MiB.
            "build_timeout": 60,
        },
        "image-feature-enabled": {
            "do_secure_hash": arguments.profile != "nohash",
            "store_weight_enabled": True,
            "image_format_enforcement": not everything,
            **dict.fromkeys(("http_store_enabled", "image_conversion", "manage_locations"), everything),
        },
    }
    if everything:
        settings["image"]["alternate_image_endpoint"] = "image_remote"
    return settings


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", required=True, help="base, full or nohash")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where all files are")
    programs = parser.add_subparsers(dest="program", required=True)
    for_hallmark = programs.add_parser("hallmark")
    for_hallmark.add_argument("--keystone", required=True, help="its URL, with /v3")
    for_hallmark.add_argument("--database", required=True, help="the URL of an empty database")
    programs.add_parser("tempest").add_argument("--www", required=True, help="the URL to import from")
    arguments = parser.parse_args()

    written = configparser.RawConfigParser()
    written.read_dict(hallmark(arguments) if arguments.program == "hallmark" else tempest(arguments))
    written.write(sys.stdout)


main()
