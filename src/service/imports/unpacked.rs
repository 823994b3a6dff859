//! The plugin `image_decompression`: what is packed, and how much may be in it.

use std::io;

use futures_util::{StreamExt as _, stream};

use crate::{
    domain::Image,
    service::{PluginError, ServiceError},
    stream::{Incoming, Interrupted, Outgoing},
    unpack::{Packing, UnpackError},
};

/// What may always be in packed data, however small they are: a small disk that is nearly empty is
/// no attack.
const FREE: u64 = 64 << 20;

/// How the bytes of `image` are packed that begin with `head`, if they are to be unpacked.
pub(super) fn packing(image: &Image, head: &[u8]) -> Option<Packing> {
    if image.container_format.as_deref() == Some("compressed") {
        return None;
    }
    Packing::of(head)
}

/// What is `inside` of `size` bytes, which ends with an error before the first byte that is more
/// than `ratio` times as many.
pub(super) fn bounded(
    inside: Outgoing,
    packing: Packing,
    size: u64,
    ratio: Option<u64>,
) -> Incoming {
    let most = ratio.map(|ratio| (size.saturating_mul(ratio).max(FREE), ratio));
    let begun = (inside, 0_u64);
    Box::pin(stream::try_unfold(
        begun,
        move |(mut inside, given)| async move {
            let Some(frame) = inside.next().await else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| refused(failure(packing, error)))?;
            let given = given.saturating_add(frame.len() as u64);
            match most {
                Some((most, ratio)) if given > most => {
                    Err(refused(PluginError::Ratio { packing, ratio }.into()))
                }
                _ => Ok(Some((frame, (inside, given)))),
            }
        },
    ))
}

fn failure(packing: Packing, error: io::Error) -> ServiceError {
    match error.downcast::<UnpackError>() {
        Ok(reason) => PluginError::Packed { packing, reason }.into(),
        Err(error) => ServiceError::StoreUnavailable(error.into()),
    }
}

fn refused(error: ServiceError) -> Interrupted {
    Interrupted::Refused(Box::new(error))
}
