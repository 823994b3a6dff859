//! The bytes of a download.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use crate::{
    fetch::{
        CheckedUrl, FetchError,
        requests::{Answer, Requests, Wanted},
        resume::Content,
        retries::Retries,
    },
    stream::{Incoming, Interrupted},
};

/// A download whose first bytes are about to come.
#[derive(Debug)]
pub struct Download {
    source: CheckedUrl,
    transfer: Transfer,
}

impl Download {
    /// Starts with `answer`.
    ///
    /// # Errors
    ///
    /// [`FetchError::TooLarge`] if the server says that it has more than `bounds` allow.
    pub(super) fn new(
        answer: Answer,
        request: Request,
        bounds: Bounds,
    ) -> Result<Self, FetchError> {
        let content = Content::of(answer.response.headers());
        bounds.admit(content.size.unwrap_or(0))?;
        Ok(Self {
            source: answer.url,
            transfer: Transfer {
                request,
                response: answer.response,
                content,
                taken: 0,
                bounds,
            },
        })
    }

    /// Starts with `answer`, which has what comes after the first `taken` of `size` bytes.
    pub(super) fn of_part(
        answer: Answer,
        request: Request,
        bounds: Bounds,
        (taken, size): (u64, u64),
    ) -> Self {
        let content = Content::in_part(size, answer.response.headers());
        Self {
            source: answer.url,
            transfer: Transfer {
                request,
                response: answer.response,
                content,
                taken,
                bounds,
            },
        }
    }

    /// The size in bytes, if the server told it. It is also checked: the stream ends well only
    /// after exactly so many bytes.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.transfer.content.size
    }

    /// Where the bytes come from, after all redirects.
    #[must_use]
    pub fn source(&self) -> &CheckedUrl {
        &self.source
    }

    /// The bytes as the server sends them, also if it compressed them.
    ///
    /// A connection that breaks is taken up again where it broke, if the server can show that its
    /// content is still the same; whoever reads notices only a pause. What cannot be mended is
    /// [`Interrupted::Stalled`], [`Interrupted::TooLarge`], or [`Interrupted::Source`] with a
    /// [`FetchError`] in it.
    #[must_use]
    pub fn into_incoming(self) -> Incoming {
        Box::pin(stream::try_unfold(
            self.transfer,
            async |mut transfer| match transfer.next().await {
                Ok(Some(bytes)) => Ok(Some((bytes, transfer))),
                Ok(None) => Ok(None),
                Err(error) => Err(Interrupted::from(error)),
            },
        ))
    }
}

/// What was asked for, to ask for it again.
#[derive(Debug)]
pub(super) struct Request {
    /// Who asks.
    pub(super) requests: Arc<Requests>,
    /// The URI before all redirects: their targets may be signed for a short time only.
    pub(super) url: CheckedUrl,
    /// How often it may be asked for again.
    pub(super) retries: Retries,
}

/// How much a download may take.
#[derive(Debug)]
pub(super) struct Bounds {
    /// Bytes.
    pub(super) max_size: u64,
    /// The time at which it must have ended.
    pub(super) deadline: Instant,
}

impl Bounds {
    fn admit(&self, size: u64) -> Result<(), FetchError> {
        if size > self.max_size {
            return Err(FetchError::TooLarge(self.max_size));
        }
        Ok(())
    }
}

/// A download under way.
#[derive(Debug)]
struct Transfer {
    request: Request,
    response: Response,
    content: Content,
    /// How many bytes were given on.
    taken: u64,
    bounds: Bounds,
}

impl Transfer {
    /// The next bytes; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            match self.read().await {
                Ok(bytes) => return Ok(bytes),
                Err(cause) if cause.may_pass() => self.resume(cause).await?,
                Err(cause) => return Err(cause),
            }
        }
    }

    /// Reads from the connection that there is.
    async fn read(&mut self) -> Result<Option<Bytes>, FetchError> {
        let idle = self.request.requests.timing.idle;
        let patience = self.bounds.deadline.min(Instant::now() + idle);
        let bytes = match timeout_at(patience, self.response.chunk()).await {
            Ok(Ok(Some(bytes))) => bytes,
            Ok(Ok(None)) => return self.end().map(|()| None),
            Ok(Err(error)) => return Err(FetchError::Broken(Some(error.without_url()))),
            Err(_) if patience == self.bounds.deadline => return Err(self.too_late()),
            Err(_) => return Err(FetchError::Stalled(idle)),
        };
        let sent = self.taken + bytes.len() as u64;
        self.bounds.admit(sent)?;
        match self.content.size {
            Some(promised) if sent > promised => Err(FetchError::Size { promised, sent }),
            _ => {
                self.taken = sent;
                Ok(Some(bytes))
            }
        }
    }

    /// The server said that this is the end; is it?
    fn end(&self) -> Result<(), FetchError> {
        match self.content.size {
            Some(promised) if promised != self.taken => Err(FetchError::Size {
                promised,
                sent: self.taken,
            }),
            _ => Ok(()),
        }
    }

    /// Makes a new connection that goes on where the old one broke.
    async fn resume(&mut self, cause: FetchError) -> Result<(), FetchError> {
        let rest = match self.taken {
            // Nothing was given on yet, so that any content of the same size will do.
            0 => None,
            taken => match self.content.after(taken) {
                None => return Err(cause),
                rest => rest,
            },
        };
        let late = self.too_late();
        let Request {
            requests,
            url,
            retries,
        } = &mut self.request;
        let wanted = rest.as_ref().map_or(Wanted::All, Wanted::Rest);
        let asking = requests.ask_again(url, wanted, retries, cause);
        let response = match timeout_at(self.bounds.deadline, asking).await {
            Ok(answer) => answer?.response,
            Err(_) => return Err(late),
        };
        if rest.is_none() {
            let content = Content::of(response.headers());
            if content.size != self.content.size {
                return Err(FetchError::Changed);
            }
            self.content = content;
        }
        self.response = response;
        Ok(())
    }

    fn too_late(&self) -> FetchError {
        FetchError::TimedOut(self.request.requests.timing.total)
    }
}
