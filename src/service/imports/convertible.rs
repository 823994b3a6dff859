//! The plugin `image_conversion`: what is converted, and what another program may look at.

use futures_util::TryStreamExt as _;
use tokio::{fs::File, task::yield_now};
use tokio_util::io::ReaderStream;

use crate::{
    domain::Image,
    inspect::{Declared, Findings, Format, Inspector, Rejection, Rules},
    service::{PluginError, ServiceError},
    stream::Outgoing,
};

/// How many bytes one step reads.
const STEP: usize = 256 * 1024;

/// What becomes of an image by its declared format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convertible {
    /// It is converted from this format, whose name `qemu-img` spells so.
    From(Format, &'static str),
    /// It has the format already.
    Already,
    /// It is no disk of a machine, and stays as it is.
    Left,
}

/// What becomes of `image` where disks are stored as `to`.
///
/// # Errors
///
/// [`PluginError::Inconvertible`]
pub(super) fn of(image: &Image, to: Format) -> Result<Convertible, PluginError> {
    let declared = image.disk_format.as_deref().unwrap_or_default();
    let (format, word) = match declared {
        "raw" | "gpt" => (Format::Raw, "raw"),
        "qcow2" => (Format::Qcow2, "qcow2"),
        "vhd" => (Format::Vhd, "vpc"),
        "vhdx" => (Format::Vhdx, "vhdx"),
        "vmdk" => (Format::Vmdk, "vmdk"),
        "vdi" => (Format::Vdi, "vdi"),
        "iso" | "ami" | "ari" | "aki" => return Ok(Convertible::Left),
        other => {
            return Err(PluginError::Inconvertible {
                from: other.to_owned(),
                to,
            });
        }
    };
    Ok(if format == to {
        Convertible::Already
    } else {
        Convertible::From(format, word)
    })
}

/// What is found in `data`, read to their end.
pub(super) async fn look(mut data: Outgoing) -> Result<Findings, ServiceError> {
    let mut inspector = Inspector::new();
    let unread = |error: std::io::Error| ServiceError::StoreUnavailable(error.into());
    while let Some(frame) = data.try_next().await.map_err(unread)? {
        inspector.update(&frame);
        yield_now().await;
    }
    Ok(inspector.finish())
}

/// Whether an image in which this was found may be opened by another program as a `format`: it is
/// one, safe by every rule, and nothing else.
///
/// # Errors
///
/// Why not.
pub(super) fn judge(found: &Findings, format: Format, rules: &Rules) -> Result<(), Rejection> {
    let strict = Rules {
        require_image_format_match: true,
        ..rules.clone()
    };
    let declared = Declared {
        disk_format: format.as_str(),
        container_format: "bare",
    };
    strict.judge(declared, found)?;
    found.check_only(format)
}

/// What is to be said of the format `to` besides its name.
pub(super) fn options(to: Format, rules: &Rules) -> Option<&'static str> {
    let is_allowed = |word: &str| {
        let mut allowed = rules.vmdk_allowed_types.iter();
        allowed.any(|allowed| allowed.eq_ignore_ascii_case(word))
    };
    match to {
        Format::Vmdk if is_allowed("monolithicSparse") => Some("subformat=monolithicSparse"),
        Format::Vmdk => Some("subformat=streamOptimized"),
        _ => None,
    }
}

/// The bytes of `file`.
pub(super) fn read(file: File) -> Outgoing {
    Box::pin(ReaderStream::with_capacity(file, STEP))
}
