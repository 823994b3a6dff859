//! `hallmark policy check`: what somebody may do.

use std::{collections::BTreeMap, io::Write};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Format, persona::Who};
use crate::{
    cli::{Outcome, complain},
    domain::Caller,
    policy::{Policy, Reason, Target},
};

/// The arguments of `hallmark policy check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    who: Who,
    /// The image that the rules are asked about
    #[arg(long, value_enum, default_value_t = Preset::Own, value_name = "IMAGE")]
    target_of: Preset,
    /// What the rules find in it besides; may be repeated
    #[arg(long = "target", value_name = "KEY=VALUE", value_parser = pair)]
    target: Vec<(String, String)>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The rules to ask, the operator's own included; all if none is named
    #[arg(value_name = "RULE")]
    rules: Vec<String>,
}

/// An image as the rules see it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// A private one of the caller's project
    Own,
    /// A public one of another project
    Public,
    /// A community one of another project
    Community,
    /// One that another project shares with the caller's
    Shared,
    /// A private one of another project
    Foreign,
}

/// Writes a line for each rule to `out`. The outcome tells the answer if one rule is asked.
pub(super) fn run(
    arguments: &Arguments,
    policy: &Policy,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let all: Vec<_> = policy.rules().into_iter().map(|rule| rule.name).collect();
    if let Some(unknown) = arguments.rules.iter().find(|name| !all.contains(name)) {
        complain(&format!(
            "there is no rule {unknown:?}; `hallmark policy list` prints those that there are"
        ));
        return Ok(Outcome::Misconfigured);
    }
    let asked = match arguments.rules.as_slice() {
        [] => &all,
        named => named,
    };
    let caller = arguments.who.caller();
    let values = values(arguments);
    let answers = answers(policy, &caller, asked, &Target::described(&values));
    match arguments.format {
        Format::Text => write(&answers, out)?,
        Format::Json => {
            let objects: Vec<_> = answers.iter().map(object).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&objects)?)?;
        }
    }
    Ok(match (arguments.rules.as_slice(), answers.as_slice()) {
        ([_], [(_, Err(_))]) => Outcome::Failed,
        _ => Outcome::Done,
    })
}

/// A rule's name, and its answer.
type Answer<'a> = (&'a str, Result<(), Reason>);

fn answers<'a>(
    policy: &Policy,
    caller: &Caller,
    asked: &'a [String],
    target: &Target<'_>,
) -> Vec<Answer<'a>> {
    let ask = |name: &'a String| (name.as_str(), policy.ask(caller, name, target));
    asked.iter().map(ask).collect()
}

/// What the rules find in the target. `owner` and `project_id` are the same unless both are given.
fn values(arguments: &Arguments) -> BTreeMap<String, String> {
    let own = arguments.who.project.as_str();
    let (owner, visibility) = match arguments.target_of {
        Preset::Own => (own, "private"),
        Preset::Public => ("another-project", "public"),
        Preset::Community => ("another-project", "community"),
        Preset::Shared => ("another-project", "shared"),
        Preset::Foreign => ("another-project", "private"),
    };
    let mut values = BTreeMap::from([("visibility".to_owned(), visibility.to_owned())]);
    if matches!(arguments.target_of, Preset::Shared) {
        values.insert("member_id".to_owned(), own.to_owned());
    }
    values.extend(arguments.target.iter().cloned());
    for (key, twin) in [("owner", "project_id"), ("project_id", "owner")] {
        let owner = values.get(twin).map_or(owner, String::as_str).to_owned();
        values.entry(key.to_owned()).or_insert(owner);
    }
    values
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("allowed: KEY=VALUE, such as visibility=public"),
    }
}

fn write(answers: &[Answer<'_>], out: &mut dyn Write) -> anyhow::Result<()> {
    let width = answers.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    for (name, answer) in answers {
        match answer {
            Ok(()) => writeln!(out, "{name:width$}  allowed")?,
            Err(reason) => writeln!(out, "{name:width$}  denied ({})", word(*reason))?,
        }
    }
    Ok(())
}

fn object(answer: &Answer<'_>) -> serde_json::Value {
    let (name, answer) = answer;
    json!({
        "rule": name,
        "allowed": answer.is_ok(),
        "denied_by": answer.err().map(word),
    })
}

const fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::Rule => "rule",
        Reason::Scope => "scope",
        Reason::Ownership => "ownership",
    }
}
