//! Figures about the process itself, under the names that every Prometheus client gives them.

use std::fs;

use metrics::{Unit, describe_gauge, gauge};

const MEMORY: &str = "process_resident_memory_bytes";
const FILES: &str = "process_open_fds";

/// Says what the figures are.
pub(super) fn describe() {
    describe_gauge!(MEMORY, Unit::Bytes, "Memory that the process has in use");
    describe_gauge!(FILES, "Files and connections that the process has open");
}

/// Looks. What the system does not tell is left as it was.
#[expect(
    clippy::cast_precision_loss,
    reason = "a count of bytes or files that needs more than 52 bits is no count of this machine's"
)]
pub(super) fn note() {
    if let Some(bytes) = fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| resident(&status))
    {
        gauge!(MEMORY).set(bytes as f64);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // One of them is the folder that is being read.
        gauge!(FILES).set(files.count().saturating_sub(1) as f64);
    }
}

/// The bytes in use that `/proc/self/status` tells, in its units of 1024.
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_in_use_is_read_from_what_linux_says() {
        let status = "Name:\thallmark\nVmHWM:\t   20 kB\nVmRSS:\t   12 kB\n";
        assert_eq!(resident(status), Some(12_288));
        assert_eq!(resident("Name:\thallmark\n"), None);
    }
}
