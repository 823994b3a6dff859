//! The `hallmark` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Faster than the system's with many short-lived buffers on several threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    hallmark::cli::main()
}
