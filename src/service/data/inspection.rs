//! A stage of the data path: what the bytes are is found while they pass.

use futures_util::{StreamExt as _, stream};
use tokio::sync::oneshot;

use crate::{
    domain::{Image, ImageId},
    inspect::{Declared, Format, Inspector, Judgement, Rejection, Rules},
    service::ServiceError,
    stream::{Incoming, Interrupted},
};

/// What the content of an image must be.
#[derive(Debug, Clone)]
pub(in crate::service) struct Inspection {
    image: ImageId,
    rules: Rules,
    disk_format: String,
    container_format: String,
    /// The one format that it must have, whatever else would be accepted.
    only: Option<Format>,
}

/// Passes `source` on by way of `inspection`, if there is one. What the future gives is the size
/// of the disk that the content describes, once the bytes have come to their end.
pub(super) fn inspected(
    source: Incoming,
    inspection: Option<Inspection>,
) -> (
    Incoming,
    impl Future<Output = Result<Option<u64>, ServiceError>> + Send,
) {
    let (source, found) = match inspection {
        Some(inspection) => {
            let (inspected, found) = inspection.pass(source);
            (inspected, Some(found))
        }
        None => (source, None),
    };
    let virtual_size = async {
        match found {
            Some(found) => Ok(found.await.map_err(ServiceError::internal)?.virtual_size),
            None => Ok(None),
        }
    };
    (source, virtual_size)
}

impl Inspection {
    /// Of the content of `image`, by `rules`. Without both formats nothing can be held against
    /// it, and no bytes are taken.
    pub(super) fn of(image: &Image, rules: &Rules) -> Self {
        Self {
            image: image.id,
            rules: rules.clone(),
            disk_format: image.disk_format.clone().unwrap_or_default(),
            container_format: image.container_format.clone().unwrap_or_default(),
            only: None,
        }
    }

    /// The same, of content that must be of `format` and nothing else, whatever wraps it.
    pub(in crate::service) fn only(self, format: Format) -> Self {
        Self {
            container_format: "bare".into(),
            only: Some(format),
            ..self
        }
    }

    /// Passes `source` on, and ends it with [`Interrupted::Refused`] as soon as it is certain
    /// that its content is not what it must be.
    fn pass(self, source: Incoming) -> (Incoming, oneshot::Receiver<Judgement>) {
        let (found, judgement) = oneshot::channel();
        let begun = Some((self, Inspector::new(), source, found));
        let inspected = stream::try_unfold(begun, |running| async move {
            let Some((inspection, mut inspector, mut source, found)) = running else {
                return Ok(None);
            };
            if let Some(frame) = source.next().await.transpose()? {
                inspection.watch(&mut inspector, &frame).map_err(refused)?;
                return Ok(Some((frame, Some((inspection, inspector, source, found)))));
            }
            let judgement = inspection.judge(inspector).map_err(refused)?;
            // Whoever asked may have gone; then nobody misses it.
            let _ = found.send(judgement);
            Ok(None)
        });
        (Box::pin(inspected), judgement)
    }

    fn watch(&self, inspector: &mut Inspector, frame: &[u8]) -> Result<(), Rejection> {
        inspector.update(frame);
        inspector
            .early(&self.rules, self.declared())
            .map_or(Ok(()), Err)
    }

    fn judge(&self, inspector: Inspector) -> Result<Judgement, Rejection> {
        let findings = inspector.finish();
        let judgement = self.rules.judge(self.declared(), &findings)?;
        if let Some(format) = self.only {
            findings.check_only(format)?;
        }
        for tolerated in &judgement.tolerated {
            tracing::warn!(image.id = %self.image, "accepted all the same: {tolerated}");
        }
        Ok(judgement)
    }

    fn declared(&self) -> Declared<'_> {
        Declared {
            disk_format: &self.disk_format,
            container_format: &self.container_format,
        }
    }
}

fn refused(rejection: Rejection) -> Interrupted {
    Interrupted::Refused(Box::new(ServiceError::Rejected(rejection)))
}
