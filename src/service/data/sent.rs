//! Counting what a download hands over, for those who want to be told.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::runtime::Handle;

use crate::{
    domain::{Caller, Image},
    notify::{Event, Sent},
    service::{Core, ServiceError, figures},
    stream::Outgoing,
};

/// `body`, the `expected` bytes of which `caller` gets of `image`. Once it is dropped, at its end
/// or before, its bytes are counted, and others are told what came of it if they want to be; the
/// client does not wait for that.
pub(super) fn told(
    core: &Arc<Core>,
    caller: &Caller,
    image: &Image,
    expected: u64,
    body: Outgoing,
) -> Outgoing {
    let sent = core.parts.notifier.is_on().then(|| Sent {
        image_id: image.id,
        owner: image.owner.clone(),
        receiver_project: caller.project_id.clone(),
        receiver_user: caller.user_id.clone(),
        bytes: 0,
        expected,
    });
    Box::pin(Told {
        core: Arc::clone(core),
        sent,
        bytes: 0,
        body,
    })
}

struct Told {
    core: Arc<Core>,
    /// There until it is told, if it is to be.
    sent: Option<Sent>,
    bytes: u64,
    body: Outgoing,
}

impl Stream for Told {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.body.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            self.bytes += bytes.len() as u64;
        }
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.body.size_hint()
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        figures::note_sent(self.bytes);
        // Without a runtime the process is at its end.
        let (Some(mut sent), Ok(runtime)) = (self.sent.take(), Handle::try_current()) else {
            return;
        };
        sent.bytes = self.bytes;
        let core = Arc::clone(&self.core);
        self.core.work.spawn_on(
            async move {
                if let Err(error) = tell(&core, &sent).await {
                    tracing::warn!(
                        image.id = %sent.image_id,
                        error = &error as &dyn std::error::Error,
                        "nobody is told of a download"
                    );
                }
            },
            &runtime,
        );
    }
}

async fn tell(core: &Core, sent: &Sent) -> Result<(), ServiceError> {
    let mut tx = core.parts.db.begin().await?;
    core.emit(&mut tx, Event::Sent(sent)).await?;
    Ok(tx.commit().await?)
}
