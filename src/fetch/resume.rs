//! How a broken download goes on: RFC 9110, sections 13 and 14.

use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, LAST_MODIFIED},
};

use crate::fetch::FetchError;

/// What the first answer said of the content.
#[derive(Debug)]
pub(super) struct Content {
    /// Its size in bytes, if the server told it.
    pub(super) size: Option<u64>,
    validator: Option<Validator>,
}

impl Content {
    /// Reads the headers of an answer with status 200.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self {
            size: number(headers, &CONTENT_LENGTH),
            validator: Validator::of(headers),
        }
    }

    /// How to ask for what comes after the first `taken` bytes; `None` if the server gave nothing
    /// by which a change of the content could be seen.
    pub(super) fn after(&self, taken: u64) -> Option<Rest> {
        Some(Rest {
            taken,
            size: self.size,
            validator: Some(self.validator.clone()?),
        })
    }

    /// Content of `size` bytes in all, of which an answer with `headers` has a part.
    pub(super) fn in_part(size: u64, headers: &HeaderMap) -> Self {
        Self {
            size: Some(size),
            validator: Validator::of(headers),
        }
    }
}

/// A request for the rest of a content.
#[derive(Debug)]
pub(super) struct Rest {
    taken: u64,
    size: Option<u64>,
    /// None if nothing of the content was seen yet.
    validator: Option<Validator>,
}

impl Rest {
    /// What comes after the first `taken` of `size` bytes, of content that was not seen yet.
    pub(super) const fn unseen(taken: u64, size: u64) -> Self {
        Self {
            taken,
            size: Some(size),
            validator: None,
        }
    }

    /// The `Range` header.
    pub(super) fn range(&self) -> String {
        format!("bytes={}-", self.taken)
    }

    /// The `If-Range` header.
    pub(super) fn if_range(&self) -> Option<&HeaderValue> {
        self.validator.as_ref().map(|validator| &validator.value)
    }

    /// Makes sure that an answer has exactly what was asked for.
    ///
    /// # Errors
    ///
    /// [`FetchError::Changed`] for the whole content, another content, or another part of it: the
    /// bytes before it were given away and cannot be taken back. [`FetchError::Status`] for an
    /// answer that says nothing about the content.
    pub(super) fn accept(&self, status: StatusCode, headers: &HeaderMap) -> Result<(), FetchError> {
        match status {
            StatusCode::PARTIAL_CONTENT => {}
            StatusCode::OK | StatusCode::RANGE_NOT_SATISFIABLE => return Err(FetchError::Changed),
            status => return Err(FetchError::Status(status.as_u16())),
        }
        let range = content_range(headers).ok_or(FetchError::Changed)?;
        let same_size = self.size.is_none_or(|size| range.size == Some(size));
        let mut validators = self.validator.iter();
        let same_content = validators.all(|validator| validator.agrees_with(headers));
        if range.first == self.taken && same_size && same_content {
            Ok(())
        } else {
            Err(FetchError::Changed)
        }
    }
}

/// What tells one content of a URI from another.
#[derive(Debug, Clone)]
struct Validator {
    header: HeaderName,
    value: HeaderValue,
}

impl Validator {
    /// The strong validator of an answer. A weak `ETag` is none; a `Last-Modified` is one only if
    /// it is older than the answer (RFC 9110, 8.8.2.2), as there can be two contents in a second.
    fn of(headers: &HeaderMap) -> Option<Self> {
        if let Some(tag) = headers.get(ETAG) {
            let strong = tag.as_bytes().starts_with(b"\"");
            return strong.then(|| Self {
                header: ETAG,
                value: tag.clone(),
            });
        }
        let modified = headers.get(LAST_MODIFIED)?;
        let answered = headers.get(DATE)?;
        (modified != answered).then(|| Self {
            header: LAST_MODIFIED,
            value: modified.clone(),
        })
    }

    /// A server may leave the header out of a partial answer, but must not give another.
    fn agrees_with(&self, headers: &HeaderMap) -> bool {
        headers
            .get(&self.header)
            .is_none_or(|value| value == self.value)
    }
}

/// A `Content-Range`.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    first: u64,
    size: Option<u64>,
}

/// Reads `bytes FIRST-LAST/SIZE`, where the size may be `*`.
fn content_range(headers: &HeaderMap) -> Option<Part> {
    let value = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (part, size) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = part.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let size = match size {
        "*" => None,
        size => Some(size.parse().ok()?),
    };
    let in_order = first <= last && size.is_none_or(|size| last < size);
    in_order.then_some(Part { first, size })
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
