//! The layouts that distributions publish.

use super::*;

fn sha256() -> String {
    digits("ab", 64)
}

fn sha512() -> String {
    digits("cd", 128)
}

/// Reads `text` as the file `file_name`, and holds what it says of `image`.
fn assert_says(file_name: &str, text: &str, image: &str, expected: &str) {
    let file = read_as(file_name, text.as_bytes()).expect("a checksum file");
    assert_eq!(found(&file, image).as_deref(), Ok(expected));
}

#[test]
fn debian_lists_every_file_of_a_folder() {
    let (image, digest) = ("debian-12-generic-amd64.qcow2", sha512());
    let other = digits("1", 128);
    let text = format!("{other}  debian-12-generic-amd64.json\n{digest}  {image}\n");
    assert_says("SHA512SUMS", &text, image, &format!("sha512:{digest}"));
}

#[test]
fn ubuntu_marks_names_with_a_star() {
    let (image, digest) = ("noble-server-cloudimg-amd64.img", sha256());
    let other = digits("ef", 64);
    let text = format!("{other} *noble-server-cloudimg-amd64-root.tar.xz\n{digest} *{image}\n");
    assert_says("SHA256SUMS", &text, image, &format!("sha256:{digest}"));
}

#[test]
fn fedora_signs_lines_of_bsd_in_the_file_itself() {
    let (image, digest) = ("Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2", sha256());
    let text = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n\
         # {image}: 583532544 bytes\nSHA256 ({image}) = {digest}\n\
         -----BEGIN PGP SIGNATURE-----\n\niQIz\n-----END PGP SIGNATURE-----\n"
    );
    let file_name = "Fedora-Cloud-43-1.6-x86_64-CHECKSUM";
    assert_says(file_name, &text, image, &format!("sha256:{digest}"));
}

#[test]
fn centos_stream_writes_lines_of_bsd() {
    let image = "CentOS-Stream-GenericCloud-10-20251001.0.x86_64.qcow2";
    let digest = sha256();
    let text = format!("# {image}: 1048576 bytes\nSHA256 ({image}) = {digest}\n");
    assert_says("CHECKSUM", &text, image, &format!("sha256:{digest}"));
    let file_name = format!("{image}.SHA256SUM");
    let text = format!("SHA256 ({image}) = {digest}\n");
    assert_says(&file_name, &text, image, &format!("sha256:{digest}"));
}

#[test]
fn opensuse_and_arch_put_one_line_beside_the_image() {
    for (image, ending) in [
        ("openSUSE-Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2", "sha256"),
        ("Arch-Linux-x86_64-cloudimg.qcow2", "SHA256"),
    ] {
        let digest = sha256();
        let (file_name, text) = (format!("{image}.{ending}"), format!("{digest}  {image}\n"));
        assert_says(&file_name, &text, image, &format!("sha256:{digest}"));
    }
}

#[test]
fn alpine_puts_a_digest_alone_beside_the_image() {
    let image = "generic_alpine-3.22.1-x86_64-bios-cloudinit-r0.qcow2";
    let digest = sha512();
    let file_name = format!("{image}.sha512");
    assert_says(&file_name, &digest, image, &format!("sha512:{digest}"));
}

#[test]
fn the_bsds_write_their_lines_also_behind_a_signature_of_another_kind() {
    let (image, digest) = ("FreeBSD-14.3-RELEASE-amd64.qcow2.xz", sha512());
    let text = format!("SHA512 ({image}) = {digest}\n");
    assert_says("CHECKSUM.SHA512", &text, image, &format!("sha512:{digest}"));
    let (image, digest) = ("install77.img", sha256());
    let text = format!(
        "untrusted comment: verify with openbsd-77-base.pub\nRWQ0\nSHA256 ({image}) = {digest}\n"
    );
    assert_says("SHA256.sig", &text, image, &format!("sha256:{digest}"));
}
