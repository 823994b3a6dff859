//! Digests of what a blocking reader gives.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read},
};

use bytes::{Bytes, BytesMut};

use super::{Running, WAITING_FRAMES};
use crate::{domain::Digests, hash::HashError};

/// Size of a read, in bytes.
const READ_SIZE: usize = 1024 * 1024;

/// With this many buffers lent out in turn, the oldest has been hashed: its successors fill the
/// channel, but for the one the thread holds.
const BUFFERS: usize = WAITING_FRAMES + 2;

impl Running {
    /// Reads `data` to its end on this thread, and gives the number of bytes with their digests
    /// in the order they were asked for.
    ///
    /// # Errors
    ///
    /// [`HashError::Unreadable`] if `data` fails; [`HashError::Died`] if a hash thread ended
    /// without its digests.
    ///
    /// # Panics
    ///
    /// When called by an async task, because it blocks.
    pub fn read(self, mut data: impl Read) -> Result<(u64, Digests), HashError> {
        let mut lent = VecDeque::with_capacity(BUFFERS);
        let mut bytes = 0;
        loop {
            let mut buffer = take_back(&mut lent);
            let len = match data.read(&mut buffer) {
                Ok(0) => break,
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(HashError::Unreadable(error)),
            };
            let buffer = buffer.freeze();
            self.hand_out(&buffer.slice(..len))?;
            bytes += len as u64;
            lent.push_back(buffer);
        }
        Ok((bytes, self.finish()?))
    }

    fn hand_out(&self, frame: &Bytes) -> Result<(), HashError> {
        for lane in &self.lanes {
            lane.frames
                .blocking_send(frame.clone())
                .map_err(|_| HashError::Died)?;
        }
        Ok(())
    }

    /// The digests of what was handed out.
    fn finish(self) -> Result<Digests, HashError> {
        // All channels close before the first wait, so that the threads finish side by side.
        let waiting: Vec<_> = self.lanes.into_iter().map(|lane| lane.digests).collect();
        let mut digests = Vec::with_capacity(waiting.len());
        for lane in waiting {
            digests.extend(lane.blocking_recv().map_err(|_| HashError::Died)?);
        }
        Ok(digests.into_iter().collect())
    }
}

/// A buffer to read into: the oldest of those lent out once there are enough, else a new one.
fn take_back(lent: &mut VecDeque<Bytes>) -> BytesMut {
    let oldest = if lent.len() < BUFFERS {
        None
    } else {
        lent.pop_front()
    };
    oldest
        .and_then(|buffer| buffer.try_into_mut().ok())
        .unwrap_or_else(|| BytesMut::zeroed(READ_SIZE))
}
