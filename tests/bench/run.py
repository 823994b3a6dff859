"""Runs the measurements, all of them or those that are named."""

import pathlib
import subprocess
import sys

import lab

NAMES = ("upload", "download", "web_download", "small_requests", "memory", "files")


def main():
    """Each measurement is a program of its own, so that none sees what another left."""
    parser = lab.arguments(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(NAMES)}")
    given = parser.parse_args()
    for name in given.names or NAMES:
        if name not in NAMES:
            parser.error(f"{name} is no measurement; there are: {', '.join(NAMES)}")
    for name in given.names or NAMES:
        print(f"\n{name}, {given.database}", flush=True)
        program = pathlib.Path(__file__).with_name(f"{name}.py")
        options = ("--server-bin", given.server_bin, "--database", given.database)
        subprocess.run([sys.executable, program, *options, "--work", given.work], check=True)


main()
