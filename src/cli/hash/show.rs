//! How the digests of one file are written.

use std::path::Path;

use serde_json::{Map, Value};

use crate::{
    cli::files::{Found, bsd_line, coreutils_line, escaped, named_in_json},
    domain::Digests,
    hash::Hashers,
};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Lines of text.
    Lines { tagged: bool, end: LineEnd },
    /// A JSON object a line.
    Json,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    NewLine,
    /// Which no name has, so that none needs to be escaped.
    Nul,
}

/// How the lines shall look.
#[derive(Debug, clap::Args)]
pub(super) struct FormArguments {
    /// Print lines like "SHA256 (name) = digest", as for several algorithms
    #[arg(long)]
    tag: bool,

    /// End each line with NUL instead of a new line, and escape no name
    #[arg(short, long)]
    zero: bool,

    /// Print a JSON object a line for each file
    #[arg(long, conflicts_with_all = ["tag", "zero"])]
    json: bool,
}

impl FormArguments {
    /// The form that is meant for so many `algorithms`.
    pub(super) fn form(&self, algorithms: usize) -> Form {
        if self.json {
            return Form::Json;
        }
        Form::Lines {
            tagged: self.tag || algorithms > 1,
            end: if self.zero {
                LineEnd::Nul
            } else {
                LineEnd::NewLine
            },
        }
    }
}

/// What is printed for the file `name`.
pub(super) fn shown(
    form: Form,
    hashers: &Hashers,
    name: &Path,
    outcome: &anyhow::Result<Found>,
) -> Vec<u8> {
    match (form, outcome) {
        (Form::Json, outcome) => {
            let mut line = object(name, outcome).to_string().into_bytes();
            line.push(b'\n');
            line
        }
        (Form::Lines { tagged, end }, Ok(found)) => {
            let name = name.as_os_str().as_encoded_bytes();
            lines(hashers, name, &found.digests, (tagged, end))
        }
        (Form::Lines { .. }, Err(_)) => Vec::new(),
    }
}

fn lines(
    hashers: &Hashers,
    name: &[u8],
    digests: &Digests,
    (tagged, end): (bool, LineEnd),
) -> Vec<u8> {
    let (shown, is_escaped) = match end {
        LineEnd::NewLine => escaped(name),
        LineEnd::Nul => (name.into(), false),
    };
    let mut lines = Vec::new();
    for digest in digests.iter() {
        let tag = hashers.tag(digest.algorithm()).filter(|_| tagged);
        lines.extend(match tag {
            Some(tag) => bsd_line(&shown, is_escaped, digest, tag),
            None => coreutils_line(&shown, is_escaped, digest),
        });
        lines.push(match end {
            LineEnd::NewLine => b'\n',
            LineEnd::Nul => 0,
        });
    }
    lines
}

fn object(name: &Path, outcome: &anyhow::Result<Found>) -> Value {
    let mut object = named_in_json(name);
    match outcome {
        Ok(Found { size, digests }) => {
            let digests: Map<_, _> = digests
                .iter()
                .map(|digest| (digest.algorithm().to_string(), digest.value().into()))
                .collect();
            object.insert("size".to_owned(), (*size).into());
            object.insert("digests".to_owned(), digests.into());
        }
        Err(error) => {
            object.insert("error".to_owned(), format!("{error:#}").into());
        }
    }
    object.into()
}
