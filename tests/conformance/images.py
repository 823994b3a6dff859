"""Makes small disk images of many formats in a folder, with the manifest by which tempest finds them."""

import pathlib
import random
import subprocess
import sys

MIB = 1024 * 1024
RAW = "small.raw"
CONVERT = ("convert", "-f", "raw")
# Name, disk_format, whether an image service should take it, and how qemu-img makes it.
MADE = (
    ("qcow2", "qcow2", True, (*CONVERT, "-O", "qcow2", RAW)),
    ("qcow2-v2", "qcow2", True, (*CONVERT, "-O", "qcow2", "-o", "compat=0.10", RAW)),
    ("qcow2-compressed", "qcow2", True, (*CONVERT, "-c", "-O", "qcow2", RAW)),
    ("vmdk-sparse", "vmdk", True, (*CONVERT, "-O", "vmdk", "-o", "subformat=monolithicSparse", RAW)),
    ("vmdk-stream", "vmdk", True, (*CONVERT, "-O", "vmdk", "-o", "subformat=streamOptimized", RAW)),
    ("vdi", "vdi", True, (*CONVERT, "-O", "vdi", RAW)),
    ("vhdx", "vhdx", True, (*CONVERT, "-O", "vhdx", RAW)),
    ("vmdk-flat", "vmdk", False, (*CONVERT, "-O", "vmdk", "-o", "subformat=monolithicFlat", RAW)),
    ("qcow2-backing", "qcow2", False, ("create", "-f", "qcow2", "-u", "-b", "/etc/hostname", "-F", "raw")),
    ("qcow2-data-file", "qcow2", False, ("create", "-f", "qcow2", "-o", "data_file=outside,data_file_raw=on")),
)


def main(folder):
    """Makes them."""
    folder.mkdir()
    # Neither all zeros nor the beginning of any known format.
    (folder / RAW).write_bytes(random.Random(20).randbytes(MIB) + bytes(2 * MIB))
    entries = [f"- {{name: raw, format: raw, filename: {RAW}, usable: true}}\n"]
    for name, disk_format, usable, command in MADE:
        file = RAW.replace("raw", "qcow2") if name == "qcow2" else f"{name}.image"
        size = ("3M",) if command[0] == "create" else ()
        subprocess.run(["qemu-img", *command, file, *size], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        entries.append(f"- {{name: {name}, format: {disk_format}, filename: {file}, usable: {str(usable).lower()}}}\n")
    (folder / "manifest.yaml").write_text("images:\n" + "".join(entries))


main(pathlib.Path(sys.argv[1]))
