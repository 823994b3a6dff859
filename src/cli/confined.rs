//! `hallmark confined`: another program within bounds, for the registry's own use.

use std::ffi::OsString;

use clap::Args;

use super::Outcome;
use crate::convert::{Confinement, confine};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The process that asks
    #[arg(long)]
    parent: i32,
    /// Bytes of memory
    #[arg(long)]
    memory: u64,
    /// Seconds of processor time
    #[arg(long)]
    cpu: u64,
    /// Bytes of a file
    #[arg(long)]
    file: u64,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Becomes the program.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let bounds = Confinement {
        parent: arguments.parent,
        memory: arguments.memory,
        cpu: arguments.cpu,
        file: arguments.file,
    };
    Err(confine(&bounds, &arguments.command).into())
}
