//! What is accepted: findings against what the owner declared.

use crate::inspect::{
    danger::{Danger, Printable},
    findings::{Detected, Findings, Variant},
    format::Format,
};

/// What an image's owner says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared<'a> {
    /// The `disk_format`.
    pub disk_format: &'a str,
    /// The `container_format`; only what is `bare` is inspected.
    pub container_format: &'a str,
}

/// What the operator allows: `[image_format]`, with Glance's names and defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Whether the content must be of the declared format. What is unsafe is rejected always.
    pub require_image_format_match: bool,
    /// The `createType`s a VMDK may have, in any letter case; none: no VMDK is accepted.
    pub vmdk_allowed_types: Vec<String>,
    /// The checks of partition tables that reject nothing: `mbr` (any table in the boot record),
    /// `gptmbr` (one that protects a GPT), `gpt`.
    pub gpt_safety_checks_nonfatal: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            require_image_format_match: true,
            vmdk_allowed_types: vec!["streamOptimized".into(), "monolithicSparse".into()],
            gpt_safety_checks_nonfatal: Vec::new(),
        }
    }
}

/// An image that is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The size of the disk in bytes; `None` if it is not known, or nothing.
    pub virtual_size: Option<u64>,
    /// What would have been rejected under stricter settings; worth a warning.
    pub tolerated: Vec<Rejection>,
}

/// Why an image is rejected. The texts are for the image's owner, and begin as Glance's do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The content is of another format.
    #[error("Image disk_format {declared} does not match stream data {found}")]
    Mismatch {
        /// What the owner said.
        declared: String,
        /// What the content is.
        found: Format,
    },
    /// The content is of several formats at once, and readers may differ.
    #[error("Multiple formats detected: {}", words(.found))]
    Several {
        /// Those formats.
        found: Vec<Format>,
    },
    /// The content would endanger whoever opens it.
    #[error("Image failed safety checks: the {found} image {}", sentences(.dangers))]
    Unsafe {
        /// What the content is.
        found: Format,
        /// What is wrong; at least one.
        dangers: Vec<Danger>,
    },
}

impl Rules {
    /// Judges what was found. Findings of a stream that goes on are rejected only if nothing that
    /// may come can change that.
    ///
    /// | found | is accepted for |
    /// | --- | --- |
    /// | one format | that format, and `raw` |
    /// | none | `raw`, and formats that cannot be told (`ami`, `ari`, `aki`, `ploop`) |
    /// | a partition table | `gpt`, `raw`, and formats that cannot be told |
    /// | a partition table and an ISO | what an ISO is accepted for: it boots from USB sticks too |
    /// | a partition table and the footer of a fixed VHD | `vhd`, and `raw` |
    /// | several formats otherwise | nothing |
    ///
    /// # Errors
    ///
    /// Why the image is rejected.
    pub fn judge(
        &self,
        declared: Declared<'_>,
        findings: &Findings,
    ) -> Result<Judgement, Rejection> {
        if declared.container_format != "bare" {
            return Ok(Judgement::default());
        }
        let mut judgement = Judgement::default();
        match match_format(declared.disk_format, findings) {
            Ok(size) => judgement.virtual_size = size.filter(|size| *size > 0),
            Err(mismatch) if self.require_image_format_match => return Err(mismatch),
            Err(mismatch) => judgement.tolerated.push(mismatch),
        }
        for found in &findings.detected {
            let (tolerated, fatal) = self.weigh(declared.disk_format, found, findings);
            if !fatal.is_empty() {
                return Err(unsafe_image(found, fatal));
            }
            if !tolerated.is_empty() {
                judgement.tolerated.push(unsafe_image(found, tolerated));
            }
        }
        Ok(judgement)
    }

    /// The dangers of one detected format that are tolerated, and those that are not.
    fn weigh(
        &self,
        disk_format: &str,
        found: &Detected,
        findings: &Findings,
    ) -> (Vec<Danger>, Vec<Danger>) {
        let is_set_aside = found.format == Format::Gpt && is_boot_code(disk_format, findings);
        let dangers = found.dangers.iter().cloned().chain(self.bad_type(found));
        dangers.partition(|danger| is_set_aside || self.is_nonfatal(danger))
    }

    fn is_nonfatal(&self, danger: &Danger) -> bool {
        let Danger::Partition { .. } = danger else {
            return false;
        };
        let check = danger.check();
        self.gpt_safety_checks_nonfatal
            .iter()
            // Glance puts both tables of the boot record under the one name.
            .any(|name| name == check || (name == "mbr" && check == "gptmbr"))
    }

    fn bad_type(&self, found: &Detected) -> Option<Danger> {
        let Some(Variant::CreateType(create_type)) = &found.variant else {
            return None;
        };
        let allowed = &self.vmdk_allowed_types;
        let is_allowed = allowed
            .iter()
            .any(|word| word.eq_ignore_ascii_case(create_type));
        (!is_allowed).then(|| Danger::TypeNotAllowed {
            create_type: Printable::new(create_type.as_bytes()),
            allowed: if allowed.is_empty() {
                "none".into()
            } else {
                allowed.join(", ")
            },
        })
    }
}

impl Findings {
    /// Whether nothing but `format` was found; a partition table is part of a raw disk, and of one
    /// with a footer behind it.
    ///
    /// # Errors
    ///
    /// [`Rejection::Mismatch`], or [`Rejection::Several`]
    pub fn check_only(&self, format: Format) -> Result<(), Rejection> {
        let formats = self.formats();
        match formats.as_slice() {
            [found] if *found == format => Ok(()),
            [Format::Gpt] if format == Format::Raw => Ok(()),
            [Format::Vhd, Format::Gpt] if format == Format::Vhd && is_fixed_vhd(self) => Ok(()),
            [found] => Err(Rejection::Mismatch {
                declared: format.to_string(),
                found: *found,
            }),
            _ => Err(Rejection::Several { found: formats }),
        }
    }
}

fn unsafe_image(found: &Detected, dangers: Vec<Danger>) -> Rejection {
    Rejection::Unsafe {
        found: found.format,
        dangers,
    }
}

/// The size of the disk, if the content is what it is declared to be.
fn match_format(disk_format: &str, findings: &Findings) -> Result<Option<u64>, Rejection> {
    let formats = findings.formats();
    let found = match formats.as_slice() {
        [found] => *found,
        [Format::Iso, Format::Gpt] => Format::Iso,
        [Format::Vhd, Format::Gpt] if is_fixed_vhd(findings) => Format::Vhd,
        _ => return Err(Rejection::Several { found: formats }),
    };
    if disk_format == Format::Raw.as_str() {
        return Ok(findings.length);
    }
    if disk_format == found.as_str() {
        return Ok(findings.find(found).and_then(|found| found.virtual_size));
    }
    let is_any_disk = matches!(found, Format::Raw | Format::Gpt);
    // The footer of a fixed VHD is the last that comes.
    let may_become = findings.length.is_none() && disk_format == Format::Vhd.as_str();
    if is_any_disk && (may_become || !Format::is_told(disk_format)) {
        return Ok(None);
    }
    Err(Rejection::Mismatch {
        declared: disk_format.to_owned(),
        found,
    })
}

/// Whether a partition table at the start is no business of ours, because the content is accepted
/// as something else: a kernel may well carry a boot sector's signature, and a disc a boot loader.
fn is_boot_code(disk_format: &str, findings: &Findings) -> bool {
    let is_disc = findings.formats() == [Format::Iso, Format::Gpt];
    let is_vhd = disk_format == Format::Vhd.as_str()
        && (findings.length.is_none() || is_fixed_vhd(findings));
    is_disc || is_vhd || !Format::is_told(disk_format)
}

fn is_fixed_vhd(findings: &Findings) -> bool {
    let vhd = findings.find(Format::Vhd);
    vhd.is_some_and(|vhd| vhd.variant == Some(Variant::Fixed))
}

fn words(formats: &[Format]) -> String {
    let words: Vec<_> = formats.iter().map(|format| format.as_str()).collect();
    words.join(",")
}

fn sentences(dangers: &[Danger]) -> String {
    let sentences: Vec<_> = dangers.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}
