//! How often, and after which pauses, a request is made again.

use std::time::Duration;

use tokio::time::sleep;

/// The retries that are left to one download, its first request and its resumptions together.
#[derive(Debug)]
pub(super) struct Retries {
    left: u32,
    pause: Duration,
    longest_pause: Duration,
}

impl Retries {
    /// `left` retries: the first after `pause`, each further one after twice the pause before it,
    /// up to `longest_pause`.
    pub(super) fn new(left: u32, pause: Duration, longest_pause: Duration) -> Self {
        Self {
            left,
            pause,
            longest_pause,
        }
    }

    /// Takes one retry and waits for its time; `false` if none is left.
    pub(super) async fn take(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let pause = self.pause.min(self.longest_pause);
        self.pause = pause * 2;
        sleep(pause).await;
        true
    }
}
