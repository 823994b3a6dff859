//! Reading an image from its copies: from the best first, and from another when one fails.

use std::{collections::VecDeque, io, ops::Range, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::checked::checked;
use crate::{
    db::Session,
    domain::{Image, ImageId, StoreId},
    service::{Core, ServiceError},
    store::{NamedStore, Registered, StoreError},
    stream::Outgoing,
};

/// A copy of an image.
#[derive(Clone)]
pub(super) struct Copy {
    pub(super) store: NamedStore,
    /// Its address.
    url: String,
}

impl Copy {
    /// Whether others have it, so that its bytes may change at any time.
    pub(super) fn is_external(&self) -> bool {
        self.store.external().is_some()
    }
}

/// In which order copies of an image are read, where it is not that of their stores.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadOrder {
    /// The stores to read from first, in this order.
    preferred: Vec<StoreId>,
    /// Those whose copies are known not to be sound, which come last.
    bad: Vec<StoreId>,
}

impl ReadOrder {
    /// The order for `image`, of somebody who prefers stores.
    pub(super) async fn of(
        session: &mut Session,
        image: &Image,
        preferred: Vec<StoreId>,
    ) -> Result<Self, ServiceError> {
        let bad = match image.locations.as_slice() {
            // With one copy there is nothing to choose from, and nothing to ask.
            [] | [_] => Vec::new(),
            _ => session.list_bad_copies(image.id).await?,
        };
        Ok(Self { preferred, bad })
    }

    /// Where a copy in `store` stands, before the rank of the store counts.
    fn place(&self, store: &StoreId) -> (bool, usize) {
        let preferred = self.preferred.iter().position(|it| it == store);
        let place = preferred.unwrap_or(self.preferred.len());
        (self.bad.contains(store), place)
    }
}

impl Core {
    /// The copies of the image, the first to be read first.
    pub(super) fn copies_of(&self, image: &Image, order: &ReadOrder) -> VecDeque<Copy> {
        let copies = self.copies_besides(image, &[]);
        let copy = |(store, url): (&NamedStore, &str)| Copy {
            store: store.clone(),
            url: url.to_owned(),
        };
        let mut copies: Vec<_> = copies.map(copy).collect();
        copies.sort_by_key(|copy| order.place(&copy.store.id));
        copies.into()
    }

    /// The `wanted` ones of the bytes of the image, from its copies in this `order`. All of them
    /// together are held against their digest if several copies may have to give them, or others
    /// have them. What others have is never given unless it is what it was: it is read whole, also
    /// for a part of it.
    ///
    /// # Errors
    ///
    /// As [`Core::open_copies`].
    pub(super) async fn open_stores(
        self: &Arc<Self>,
        image: &Image,
        order: &ReadOrder,
        wanted: Range<u64>,
    ) -> Result<Outgoing, ServiceError> {
        let size = image.size.unwrap_or(0);
        let mut copies = self.copies_of(image, order);
        if wanted == (0..size) {
            let verifies = self.parts.settings.at_rest.verify_reads;
            let is_checked = verifies || copies.len() > 1 || copies.iter().any(Copy::is_external);
            let body = self.open_copies(image, copies, 0..size).await?;
            return if is_checked {
                checked(self, image, body, wanted)
            } else {
                Ok(body)
            };
        }
        if copies.iter().all(Copy::is_external) {
            let body = self.open_copies(image, copies, 0..size).await?;
            return checked(self, image, body, wanted);
        }
        copies.retain(|copy| !copy.is_external());
        self.open_copies(image, copies, wanted).await
    }

    /// The bytes of the image in `range`, from the first of `copies` that can be opened. When that
    /// breaks off, the next goes on with the byte after the last: all copies have the same.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`] if the stores have lost it,
    /// [`ServiceError::StoreUnavailable`] if none that has it can be read.
    pub(super) async fn open_copies(
        &self,
        image: &Image,
        copies: VecDeque<Copy>,
        range: Range<u64>,
    ) -> Result<Outgoing, ServiceError> {
        let mut reading = Reading {
            id: image.id,
            size: image.size.unwrap_or(0),
            copies,
            left: range,
            body: None,
        };
        reading.open_next(None).await.map_err(|error| match error {
            None | Some(StoreError::NotFound(_)) => ServiceError::NoSuchImage(image.id.to_string()),
            Some(error) => error.into(),
        })?;
        Ok(Box::pin(stream::unfold(
            Some(reading),
            |reading| async move {
                let mut reading = reading?;
                match reading.next().await {
                    Some(Ok(frame)) => Some((Ok(frame), Some(reading))),
                    Some(Err(error)) => Some((Err(error), None)),
                    None => None,
                }
            },
        )))
    }
}

/// An image that is read.
struct Reading {
    id: ImageId,
    /// How many bytes the image has.
    size: u64,
    /// The copies that were not tried yet, best first.
    copies: VecDeque<Copy>,
    /// The bytes that are still to come.
    left: Range<u64>,
    /// The copy that is read.
    body: Option<(Copy, Outgoing)>,
}

impl Reading {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        while !self.left.is_empty() {
            let Some((_, body)) = &mut self.body else {
                return None;
            };
            let next = body.next().await;
            let error = match next {
                Some(Ok(frame)) => match self.advance(frame) {
                    Ok(frame) => return Some(Ok(frame)),
                    Err(error) => error,
                },
                Some(Err(error)) => error,
                None => io::ErrorKind::UnexpectedEof.into(),
            };
            if let Err(last) = self.go_on(error).await {
                return Some(Err(last));
            }
        }
        None
    }

    /// Takes note of the bytes of `frame`; an error if there are more than were asked for.
    fn advance(&mut self, frame: Bytes) -> io::Result<Bytes> {
        let after = self.left.start.saturating_add(frame.len() as u64);
        if after > self.left.end {
            return Err(io::Error::other("the store gave more than was asked for"));
        }
        self.left.start = after;
        Ok(frame)
    }

    /// Leaves the copy that failed by `error` for the next; the error if there is none.
    async fn go_on(&mut self, error: io::Error) -> io::Result<()> {
        let Some((failed, _)) = self.body.take() else {
            return Err(error);
        };
        told(self.id, &failed, &error);
        let opened = self.open_next(Some(StoreError::Unavailable(error))).await;
        opened.map_err(|error| match error {
            Some(StoreError::Unavailable(error)) => error,
            error => io::Error::other(error.map_or_else(String::new, |it| it.to_string())),
        })
    }

    /// Opens the best copy that was not tried yet and can be opened. The error is the last that
    /// says more than that a store has not got the image; `before` is one of earlier.
    async fn open_next(&mut self, before: Option<StoreError>) -> Result<(), Option<StoreError>> {
        let mut last = before;
        while let Some(copy) = self.copies.pop_front() {
            let bytes = Registered {
                image: self.id,
                url: &copy.url,
                size: self.size,
            };
            match copy.store.open(bytes, self.left.clone()).await {
                Ok(body) => {
                    self.body = Some((copy, body));
                    return Ok(());
                }
                Err(error) => {
                    told(self.id, &copy, &error);
                    if last.is_none() || !matches!(error, StoreError::NotFound(_)) {
                        last = Some(error);
                    }
                }
            }
        }
        Err(last)
    }
}

fn told(id: ImageId, copy: &Copy, error: &(dyn std::error::Error + 'static)) {
    tracing::error!(
        image.id = %id,
        store.id = %copy.store.id,
        error,
        "a copy of an image cannot be read"
    );
}
