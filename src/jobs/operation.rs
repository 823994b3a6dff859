//! What jobs can ask for.

use std::fmt;

/// An operation that this worker knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation(&'static Known);

#[derive(Debug, PartialEq, Eq)]
struct Known {
    name: &'static str,
    subject: Subject,
    /// What else the operation means to others, and is not done here.
    not_done: Option<&'static str>,
}

/// Where the payload of an operation names its images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nowhere: the payload is given back.
    Nothing,
    /// `data.image`.
    Image,
    /// `data.source`, or `data.image` as some write it.
    Source,
    /// `data.baseline` and `data.target`.
    Pair,
    /// `data.images`, or `data.image`.
    Images,
}

const KNOWN: [Known; 12] = [
    known("hallmark.verify", Subject::Images, None),
    known("guestkit.inspect", Subject::Image, None),
    known("guestkit.profile", Subject::Image, Some("profiled")),
    known("guestkit.doctor", Subject::Image, Some("diagnosed")),
    known("guestkit.migrate-plan", Subject::Image, Some("planned")),
    known("guestkit.passport", Subject::Image, Some("certified")),
    known("guestkit.repair", Subject::Image, Some("repaired")),
    known("guestkit.fix", Subject::Image, Some("fixed")),
    known("guestkit.convert", Subject::Source, Some("converted")),
    known("guestkit.compare", Subject::Pair, Some("compared")),
    known("system.echo", Subject::Nothing, None),
    known("test.echo", Subject::Nothing, None),
];

const fn known(name: &'static str, subject: Subject, not_done: Option<&'static str>) -> Known {
    Known {
        name,
        subject,
        not_done,
    }
}

/// The only version of payloads that is known.
const VERSION: &str = "v1";

impl Operation {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(Self)
    }

    /// The operation of this name, which the version of its payload may follow.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let suffix = name.strip_suffix(VERSION);
        let bare = suffix
            .and_then(|rest| rest.strip_suffix('.'))
            .unwrap_or(name);
        Self::all().find(|operation| operation.name() == bare)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The type of its payload.
    #[must_use]
    pub fn payload_type(self) -> String {
        format!("{}.{VERSION}", self.0.name)
    }

    /// Where its payload names images.
    #[must_use]
    pub const fn subject(self) -> Subject {
        self.0.subject
    }

    /// What the operation means to others, and is not done here.
    #[must_use]
    pub const fn not_done(self) -> Option<&'static str> {
        self.0.not_done
    }

    /// The names, for people.
    #[must_use]
    pub fn names() -> String {
        let names: Vec<_> = Self::all().map(Self::name).collect();
        names.join(", ")
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}
