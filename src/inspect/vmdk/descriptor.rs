//! The descriptor of a VMDK: text that says of what the disk consists.

use crate::inspect::danger::{Danger, Printable};

/// How long the name of a type is at most.
const LONGEST_TYPE: usize = 64;

/// What a descriptor says.
#[derive(Debug)]
pub(super) struct Descriptor {
    /// The `createType`.
    pub create_type: String,
    /// The line of the first extent.
    pub first_extent: String,
    /// What is unsafe about it.
    pub dangers: Vec<Danger>,
}

/// Whether the first bytes look like a descriptor: by the title that `VMware` gives it; by a version
/// after comments and blank lines, whatever is in them, as QEMU has it; or by a `createType` in
/// what is a text at least at its start.
pub(super) fn is_text(head: &[u8]) -> bool {
    const TITLE: &[u8] = b"# disk descriptorfile";
    const START: usize = 512;
    let is = |line: &[u8], word: &[u8]| {
        let start = line.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut said = lines.skip_while(|line| line.is_empty() || line.starts_with(b"#"));
    let version = said.next().unwrap_or_default();
    let text = until_nul(head);
    let start = &text[..text.len().min(START)];
    let is_printed = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    is(head.trim_ascii_start(), TITLE)
        || is(version, b"version=")
        || start.iter().all(is_printed) && count(&String::from_utf8_lossy(text), "createType=") > 0
}

impl Descriptor {
    /// Reads a descriptor, of which each line must be understood.
    ///
    /// # Errors
    ///
    /// [`Danger::Malformed`] if it is not understood, or may be understood in two ways.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Danger> {
        let malformed = |what| Danger::Malformed { what };
        let text = until_nul(bytes);
        if !text.is_ascii() {
            return Err(malformed("the descriptor is not ASCII"));
        }
        let text = String::from_utf8_lossy(text);
        let (mut fields, mut extents) = (Vec::new(), Vec::new());
        for line in lines(&text) {
            match Line::parse(line).ok_or(malformed("the descriptor has a strange line"))? {
                Line::Field(name, value) => fields.push((name, value)),
                Line::Extent => extents.push(line),
                Line::Database => {}
            }
        }
        let first = extents.first().ok_or(malformed("no extent is described"))?;
        let mut dangers = outside(&extents);
        dangers.extend(parent(&text, &fields));
        Ok(Self {
            create_type: create_type(&text, &fields)?,
            first_extent: (*first).to_owned(),
            dangers,
        })
    }
}

/// A line that says something.
enum Line<'a> {
    /// A name and its value.
    Field(&'a str, &'a str),
    /// An extent.
    Extent,
    /// An entry of the disk's database, which tells nothing about files.
    Database,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        const ACCESS: [&str; 3] = ["rw", "rdonly", "noaccess"];
        let starts = |prefix: &str| {
            let start = line.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        if starts("ddb") {
            return Some(Self::Database);
        }
        let word = line.split_ascii_whitespace().next()?;
        if ACCESS
            .iter()
            .any(|access| word.eq_ignore_ascii_case(access))
        {
            return Some(Self::Extent);
        }
        let (name, value) = line.split_once('=')?;
        let name = name.trim_end();
        let is_word = !name.is_empty() && !name.contains(|c: char| c.is_ascii_whitespace());
        is_word.then(|| Self::Field(name, value.trim()))
    }
}

/// The lines that are neither blank nor comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r']).map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The extents that are not the file itself. That has one extent, and no folder in its name.
fn outside(extents: &[&str]) -> Vec<Danger> {
    let is_outside = |line: &&&str| {
        let kind = line.split_ascii_whitespace().nth(2);
        let is_sparse = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("sparse"));
        extents.len() > 1 || !is_sparse || line.contains(['/', '\\'])
    };
    let first = extents.iter().find(is_outside);
    let danger = first.map(|line| Danger::ExtentOutside {
        line: Printable::new(line.as_bytes()),
    });
    danger.into_iter().collect()
}

/// The disk that this one differs from. Some readers find its name in comments as well.
fn parent(text: &str, fields: &[(&str, &str)]) -> Option<Danger> {
    let field = |wanted: &str| {
        let mut fields = fields.iter();
        let found = fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| unquoted(value))
    };
    let has_id = field("parentCID").is_some_and(|id| !id.eq_ignore_ascii_case("ffffffff"));
    let has_name = count(text, "parentFileNameHint") > 0;
    let name = field("parentFileNameHint").map(|name| Printable::new(name.as_bytes()));
    (has_id || has_name).then_some(Danger::BackingFile { name })
}

/// The type, which must stand once. Some readers tell letter cases apart, some read comments.
fn create_type(text: &str, fields: &[(&str, &str)]) -> Result<String, Danger> {
    let mut named = fields
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("createType"));
    match named.next() {
        Some((_, value)) if count(text, "createType") == 1 && value.len() <= LONGEST_TYPE => {
            Ok(unquoted(value).to_owned())
        }
        _ => Err(Danger::Malformed {
            what: "the descriptor has no createType, or more than one",
        }),
    }
}

fn count(text: &str, word: &str) -> usize {
    let text = text.to_ascii_lowercase();
    text.matches(&word.to_ascii_lowercase()).count()
}

fn unquoted(value: &str) -> &str {
    value.trim_matches('"')
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}
