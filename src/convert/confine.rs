//! The last step before another program: bounds that it cannot leave.

use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit,
};

/// The bounds of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// The process that started this one, with which the program ends.
    pub parent: i32,
    /// Bytes of memory that it may address.
    pub memory: u64,
    /// Seconds of processor time.
    pub cpu: u64,
    /// Bytes of a file that it writes.
    pub file: u64,
}

/// Becomes the program `command`, within `bounds`. It comes back only with the reason why not.
///
/// No code of another program runs between the start of this process and its bounds, and none of
/// the parent's: what a child may do between its birth and this needs no care.
#[must_use]
pub fn confine(bounds: &Confinement, command: &[OsString]) -> io::Error {
    match become_it(bounds, command) {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

fn become_it(
    bounds: &Confinement,
    command: &[OsString],
) -> Result<std::convert::Infallible, io::Error> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut program = Command::new(program);
    // The standard input is this program's own file.
    program.args(arguments).stdin(Stdio::null());
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // One that died before that sends no signal any more.
    if getppid() != Pid::from_raw(bounds.parent) {
        return Err(io::Error::other("the process that asked is gone"));
    }
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Cpu, bounds.cpu),
        (Resource::Fsize, bounds.file),
        (Resource::As, bounds.memory),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Err(program.exec())
}
