//! A program that runs, and ends with who waits for it.
//!
//! The system tells a program that its parent died when the very thread that started it ends. So
//! each has a thread of its own, which starts it and waits for its end.

use std::{
    io::{self, Read as _},
    process::{Child, Command, ExitStatus},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::sync::oneshot;

/// How many bytes of what it says are kept.
const TOLD: u64 = 2048;

/// How a program ended, and what it said.
type End = (ExitStatus, String);

/// A program that runs. When this is dropped before its end, it is killed with all it started.
pub(super) struct Running {
    /// The program's group, for as long as its number cannot be another's.
    group: Arc<Mutex<Option<Pid>>>,
    end: oneshot::Receiver<io::Result<End>>,
}

impl Running {
    /// Starts the program, in a group of its own.
    pub(super) fn start(command: Command) -> io::Result<Self> {
        let (ended, end) = oneshot::channel();
        let group = Arc::default();
        let started = Self {
            group: Arc::clone(&group),
            end,
        };
        thread::Builder::new()
            .name("convert".into())
            .spawn(move || {
                let result = run(command, &group, &ended);
                // Nobody may be there to hear it.
                let _ = ended.send(result);
            })?;
        Ok(started)
    }

    /// Waits for its end.
    pub(super) async fn end(&mut self) -> io::Result<End> {
        let end = (&mut self.end).await;
        end.map_err(io::Error::other)?
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody is there to hear of it: a program that starts only now is killed where it starts.
        self.end.close();
        let group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = *group {
            // It may have ended just now.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

fn run(
    mut command: Command,
    group: &Mutex<Option<Pid>>,
    ended: &oneshot::Sender<io::Result<End>>,
) -> io::Result<End> {
    let mut child = command.spawn()?;
    let id = Pid::from_child(&child);
    *group.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    if ended.is_closed() {
        let _ = kill_process_group(id, Signal::KILL);
    }
    let told = listen(&mut child);
    // It stays a number of its own until it has been waited for.
    let _ = waitid(
        WaitId::Pid(id),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    );
    *group.lock().unwrap_or_else(PoisonError::into_inner) = None;
    Ok((child.wait()?, told?))
}

/// What the program says until it is silent for good.
fn listen(child: &mut Child) -> io::Result<String> {
    let Some(stderr) = child.stderr.take() else {
        return Ok(String::new());
    };
    let mut told = Vec::new();
    let mut stderr = stderr.take(TOLD);
    stderr.read_to_end(&mut told)?;
    // It may say more, which nobody hears.
    io::copy(&mut stderr.into_inner(), &mut io::sink())?;
    Ok(String::from_utf8_lossy(&told).into_owned())
}
