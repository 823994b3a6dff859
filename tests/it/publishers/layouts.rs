//! The layouts that distributions publish, signed by a key of the test's own.

use serde_json::{Value, json};

use super::{DATA, assert_failed, digest, imported, published, sha256};
use crate::support::{Engine, Origin, Publisher, Registry, on_every_engine};

on_every_engine![
    images_of_every_publisher_are_held_against_their_checksum_files,
    images_that_are_not_what_their_publisher_says_never_become_active,
];

/// How a distribution publishes an image.
struct Layout {
    distribution: &'static str,
    /// The path of the image.
    image: &'static str,
    /// The path of its checksum file.
    sums: &'static str,
    /// What that file says.
    text: String,
    signature: Signature,
}

/// How the checksum file is signed.
enum Signature {
    /// Not at all.
    None,
    /// Within itself.
    Inside,
    /// At this path, without armour.
    Binary(&'static str),
    /// At this path, in armour.
    Armour(&'static str),
}

fn layouts() -> Vec<Layout> {
    [debian_and_its_kin(), fedora_and_its_kin(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn debian_and_its_kin() -> Vec<Layout> {
    vec![
        Layout {
            distribution: "Debian",
            image: "/bookworm/latest/debian-12-generic-amd64.raw",
            sums: "/bookworm/latest/SHA512SUMS",
            text: format!(
                "{}  debian-12-generic-amd64.json\n{}  debian-12-generic-amd64.raw\n",
                digest("sha512", b"json"),
                digest("sha512", DATA)
            ),
            signature: Signature::Armour("/bookworm/latest/SHA512SUMS.sign"),
        },
        Layout {
            distribution: "Ubuntu",
            image: "/noble/current/noble-server-cloudimg-amd64.img",
            sums: "/noble/current/SHA256SUMS",
            text: super::sums("noble-server-cloudimg-amd64.img", DATA),
            signature: Signature::Binary("/noble/current/SHA256SUMS.gpg"),
        },
    ]
}

fn fedora_and_its_kin() -> Vec<Layout> {
    let line = |image: &str| {
        format!(
            "# {image}: {} bytes\nSHA256 ({image}) = {}\n",
            DATA.len(),
            sha256(DATA)
        )
    };
    vec![
        Layout {
            distribution: "Fedora",
            image: "/43/Fedora-Cloud-Base-Generic-43-1.6.x86_64.raw",
            sums: "/43/Fedora-Cloud-43-1.6-x86_64-CHECKSUM",
            text: line("Fedora-Cloud-Base-Generic-43-1.6.x86_64.raw"),
            signature: Signature::Inside,
        },
        Layout {
            distribution: "CentOS Stream",
            image: "/10-stream/CentOS-Stream-GenericCloud-10-latest.x86_64.raw",
            sums: "/10-stream/CHECKSUM",
            text: line("CentOS-Stream-GenericCloud-10-latest.x86_64.raw"),
            signature: Signature::Armour("/10-stream/CHECKSUM.asc"),
        },
    ]
}

fn others() -> Vec<Layout> {
    vec![
        Layout {
            distribution: "openSUSE",
            image: "/leap/Leap-16.0-Minimal-VM.x86_64-Cloud.raw",
            sums: "/leap/Leap-16.0-Minimal-VM.x86_64-Cloud.raw.sha256",
            text: format!("{}  Leap-16.0-Minimal-VM.x86_64-Cloud.raw\n", sha256(DATA)),
            signature: Signature::Armour("/leap/Leap-16.0-Minimal-VM.x86_64-Cloud.raw.sha256.asc"),
        },
        Layout {
            distribution: "Alpine",
            image: "/v3.22/generic_alpine-3.22.1-x86_64-bios-cloudinit-r0.raw",
            sums: "/v3.22/generic_alpine-3.22.1-x86_64-bios-cloudinit-r0.raw.sha512",
            text: digest("sha512", DATA),
            signature: Signature::None,
        },
        Layout {
            distribution: "Arch",
            image: "/iso/latest/archlinux-x86_64.raw",
            sums: "/iso/latest/sha256sums.txt",
            text: format!("{}  ./archlinux-x86_64.raw\r\n", sha256(DATA)),
            signature: Signature::Binary("/iso/latest/sha256sums.txt.sig"),
        },
    ]
}

impl Layout {
    /// A server of this layout, with `data` as the image; and what an import says of it.
    async fn serve(&self, publisher: &Publisher, data: &[u8]) -> (Origin, Value) {
        let text = self.text.as_bytes();
        let (sums, signature) = match self.signature {
            Signature::None => (text.to_vec(), None),
            Signature::Inside => (publisher.clear_sign(&self.text), None),
            Signature::Binary(path) => (text.to_vec(), Some((path, publisher.sign(text)))),
            Signature::Armour(path) => {
                (text.to_vec(), Some((path, publisher.sign_in_armour(text))))
            }
        };
        let mut files = vec![
            (self.image.to_owned(), data.to_vec()),
            (self.sums.to_owned(), sums),
        ];
        let path = signature.as_ref().map(|(path, _)| *path);
        files.extend(signature.map(|(path, bytes)| (path.to_owned(), bytes)));
        let origin = Origin::of_files(files).await;
        let mut more = json!({"checksum_url": origin.url(&self.sums[1..])});
        if let Some(path) = path {
            more["signature_url"] = origin.url(&path[1..]).into();
        }
        if !matches!(self.signature, Signature::None) {
            more["publisher"] = "example".into();
        }
        (origin, more)
    }
}

async fn images_of_every_publisher_are_held_against_their_checksum_files(engine: Engine) {
    let publisher = Publisher::new();
    let registry = Registry::with(engine, &publisher.settings("")).await;
    for layout in layouts() {
        let name = layout.distribution;
        let (origin, more) = layout.serve(&publisher, DATA).await;
        let id = imported(&registry, &origin, &layout.image[1..], more).await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active", "{name}: {image}");
        let found = published(&registry, &id).await;
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0]["secure"], true, "{name}");
        let publication = &found[0]["publication"];
        let value = found[0]["value"].as_str().expect("a value");
        let line = publication["line"].as_str().expect("a line");
        assert!(line.contains(value) && layout.text.contains(line), "{name}");
        assert_eq!(publication["url"], origin.url(&layout.sums[1..]), "{name}");
        if matches!(layout.signature, Signature::None) {
            assert_eq!(publication.get("publisher"), None, "{name}");
        } else {
            assert_eq!(publication["publisher"], "example", "{name}");
            assert_eq!(publication["key"], publisher.fingerprint(), "{name}");
            assert_eq!(publication["signing_key"], publisher.fingerprint());
            assert!(publication["signed_at"].is_string(), "{name}");
        }
    }
}

async fn images_that_are_not_what_their_publisher_says_never_become_active(engine: Engine) {
    let publisher = Publisher::new();
    let registry = Registry::with(engine, &publisher.settings("")).await;
    for layout in layouts() {
        let (origin, more) = layout.serve(&publisher, b"other bytes").await;
        let id = imported(&registry, &origin, &layout.image[1..], more).await;
        let reason = assert_failed(&registry, &id, "CHECKSUM_VERIFICATION_FAILED").await;
        assert!(reason.contains("expected sha"), "{reason}");
        assert_eq!(registry.files(), Vec::<String>::new());
    }
}
