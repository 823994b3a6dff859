//! `hallmark openapi`: the `OpenAPI` document of the API, as `openapi/hallmark.json` keeps it.

use std::io::Write;

use crate::{api, cli::Outcome};

/// Writes the document to `out`.
pub(super) fn run(out: &mut dyn Write) -> anyhow::Result<Outcome> {
    writeln!(out, "{}", api::openapi().to_pretty_json()?)?;
    Ok(Outcome::Done)
}
