//! The inspector that is fed a stream.

use crate::inspect::{
    findings::{Detected, Findings},
    format::Format,
    gpt, iso,
    kept::{Kept, Stop},
    luks, ploop, qcow2, qed,
    rules::{Declared, Rejection, Rules},
    vdi, vhd, vhdx, vmdk,
};

/// How a format is recognised and read.
struct Probe {
    format: Format,
    /// Whether the content shows the format's signature.
    is_there: fn(&Kept) -> bool,
    /// Reads the headers; dangers that do not stop it are noted in what was detected.
    read: fn(&Kept, &mut Detected) -> Result<(), Stop>,
}

/// The formats, in the order of [`Format`].
const PROBES: [Probe; 10] = [
    probe(Format::Qcow2, qcow2::is_there, qcow2::read),
    probe(Format::Vhd, vhd::is_there, vhd::read),
    probe(Format::Vhdx, vhdx::is_there, vhdx::read),
    probe(Format::Vmdk, vmdk::is_there, vmdk::read),
    probe(Format::Vdi, vdi::is_there, vdi::read),
    probe(Format::Qed, qed::is_there, qed::read),
    probe(Format::Iso, iso::is_there, iso::read),
    probe(Format::Gpt, gpt::is_there, gpt::read),
    probe(Format::Luks, luks::is_there, luks::read),
    probe(Format::Ploop, ploop::is_there, ploop::read),
];

const fn probe(
    format: Format,
    is_there: fn(&Kept) -> bool,
    read: fn(&Kept, &mut Detected) -> Result<(), Stop>,
) -> Probe {
    Probe {
        format,
        is_there,
        read,
    }
}

/// Looks at a stream as it passes.
///
/// - Feeding the same bytes in different slices gives the same findings.
/// - It holds less than 80 KiB, and at most 2 MiB more if headers lie deeper; nothing is set aside
///   by a length that the image claims.
/// - Once the headers have passed, a slice costs a copy of its last 1536 bytes at most.
#[derive(Debug, Default)]
pub struct Inspector {
    kept: Kept,
    detected: Vec<Detected>,
}

impl Inspector {
    /// An inspector of a stream of which nothing has come yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.kept.take(rest);
            rest = &rest[taken.bytes..];
            if taken.is_news {
                self.look();
            }
        }
    }

    /// Why `rules` are going to reject the image whatever else comes, as soon as that is certain.
    ///
    /// It is meant to be asked after each slice; it is cheap.
    #[must_use]
    pub fn early(&self, rules: &Rules, declared: Declared<'_>) -> Option<Rejection> {
        if !self.kept.is_readable() {
            return None;
        }
        let so_far = Findings {
            detected: self.detected.clone(),
            length: None,
        };
        rules.judge(declared, &so_far).err()
    }

    /// Ends the stream and tells what was found.
    #[must_use]
    pub fn finish(mut self) -> Findings {
        self.kept.end();
        self.look();
        Findings {
            detected: self.detected,
            length: self.kept.length(),
        }
    }

    /// Reads the headers that are there, and has those kept that are to come.
    fn look(&mut self) {
        self.detected.clear();
        for probe in PROBES {
            if !(probe.is_there)(&self.kept) {
                continue;
            }
            let mut found = Detected::new(probe.format);
            match (probe.read)(&self.kept, &mut found) {
                Ok(()) => {}
                Err(Stop::Unsafe(danger)) => found.dangers.push(danger),
                Err(Stop::Wanted(span)) => self.kept.want(span),
            }
            self.detected.push(found);
        }
    }
}
