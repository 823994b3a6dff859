//! `hallmark policy list`: every rule that is in force.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::Format;
use crate::{
    cli::Outcome,
    policy::{Origin, Policy, RuleInForce},
};

/// The arguments of `hallmark policy list`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Writes the rules to `out`, each on a line with its name, scope, origin and text. A rule that a
/// file replaces is followed by its default.
pub(super) fn run(
    arguments: &Arguments,
    policy: &Policy,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let rules = policy.rules();
    match arguments.format {
        Format::Text => {
            let width = rules.iter().map(|rule| rule.name.len()).max();
            for rule in &rules {
                write(rule, width.unwrap_or_default(), out)?;
            }
        }
        Format::Json => {
            let rules: Vec<_> = rules.iter().map(object).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&rules)?)?;
        }
    }
    Ok(Outcome::Done)
}

fn write(rule: &RuleInForce, width: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    let scope = match rule.scope_types {
        [] => "any".to_owned(),
        types => types.join(","),
    };
    let (name, origin, check) = (&rule.name, origin(rule), &rule.check);
    writeln!(out, "{name:width$}  {scope:7}  {origin}  {check:?}")?;
    if let Some(default) = replaced(rule) {
        writeln!(out, "{:width$}  {scope:7}  (default)  {default:?}", "")?;
    }
    Ok(())
}

fn object(rule: &RuleInForce) -> Value {
    json!({
        "name": rule.name,
        "check": rule.check,
        "origin": origin(rule),
        "scope_types": rule.scope_types,
        "default": rule.default,
    })
}

fn origin(rule: &RuleInForce) -> String {
    match &rule.origin {
        Origin::Default => "default".to_owned(),
        Origin::File(path) => path.display().to_string(),
    }
}

/// The default that a file replaces.
fn replaced(rule: &RuleInForce) -> Option<&'static str> {
    rule.default.filter(|_| rule.origin != Origin::Default)
}
