//! Receipts of verifications, checked by who has the operator's public key.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::report::Loudness;
use crate::{
    cli::{Outcome, complain},
    domain::{Digest, ExpectedDigests},
    receipt::{Envelope, PublicKey, Statement, check_chain},
};

/// The most bytes that a file of receipts may have.
const MAX_SIZE: u64 = 256 * 1024 * 1024;

/// Receipts to check.
#[derive(Debug, clap::Args)]
pub(super) struct ReceiptArguments {
    /// Check this receipt, or all in this file, and that FILEs are what they are about
    #[arg(
        long, value_name = "FILE", requires = "key",
        conflicts_with_all = ["check", "expected"],
    )]
    pub(super) receipt: Option<PathBuf>,

    /// The public key (Ed25519, PEM) of the operator whose receipts are checked
    #[arg(long, value_name = "PEM", requires = "receipt")]
    key: Option<PathBuf>,
}

/// Receipts that are what they should be.
#[derive(Debug)]
pub(super) struct Receipts(Vec<Statement>);

impl ReceiptArguments {
    /// Reads the receipts, and checks their signatures and how they follow each other.
    ///
    /// # Errors
    ///
    /// What is wrong with the first that is not as it should be.
    pub(super) fn verified(&self, file: &Path, loudness: Loudness) -> anyhow::Result<Receipts> {
        let key = self.key.as_deref().unwrap_or(Path::new(""));
        let shown = || key.display().to_string();
        let key = fs::read_to_string(key).with_context(shown)?;
        let key = PublicKey::read(&key).with_context(shown)?;
        let mut receipts = Vec::new();
        for (place, envelope) in envelopes(file)?.into_iter().enumerate() {
            let checked = Envelope::from_json(envelope)
                .and_then(|envelope| Ok((key.verify(&envelope)?, envelope)));
            let (statement, envelope) =
                checked.with_context(|| format!("receipt at place {}", place + 1))?;
            receipts.push((envelope, statement));
        }
        if receipts.is_empty() {
            bail!("there is no receipt in it");
        }
        for gap in check_chain(&mut receipts)? {
            if loudness != Loudness::Silent && gap.after > 0 {
                let (after, before) = (gap.after + 1, gap.before - 1);
                complain(&format!(
                    "{}: the receipts {after} to {before} are not here",
                    file.display()
                ));
            }
        }
        Ok(Receipts(
            receipts
                .into_iter()
                .map(|(_, statement)| statement)
                .collect(),
        ))
    }
}

impl Receipts {
    /// Tells what each says, and whether any says that a copy is not what it should be, and none
    /// after it that the same copy was verified.
    pub(super) fn tell(&self, loudness: Loudness, out: &mut dyn Write) -> io::Result<Outcome> {
        let mut bad = BTreeSet::new();
        for statement in &self.0 {
            let copy = (&statement.image, &statement.store);
            if statement.failure.is_some() {
                bad.insert(copy);
            } else {
                bad.remove(&copy);
            }
            let is_fault = statement.failure.is_some();
            match loudness {
                Loudness::Lines { faults_alone } if is_fault || !faults_alone => {
                    writeln!(out, "{}", described(statement))?;
                }
                Loudness::Objects { faults_alone } if is_fault || !faults_alone => {
                    writeln!(out, "{}", object(statement))?;
                }
                _ => {}
            }
        }
        Ok(if bad.is_empty() {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }

    /// The digests that a file must have to be the image that all of them are about.
    ///
    /// # Errors
    ///
    /// If they are about several images, or contradict each other.
    pub(super) fn expected(&self) -> anyhow::Result<ExpectedDigests> {
        let images: BTreeSet<_> = self.0.iter().map(|statement| &statement.image).collect();
        if images.len() > 1 {
            bail!("the receipts are of {} images; name no file", images.len());
        }
        let mut expected = ExpectedDigests::default();
        for statement in &self.0 {
            expected.merge(statement.digests.clone())?;
        }
        Ok(expected)
    }
}

/// The envelopes in a file: one, several one after the other, or the answer of the API.
fn envelopes(file: &Path) -> anyhow::Result<Vec<Value>> {
    let mut content = Vec::new();
    let file = File::open(file)?;
    if file.take(MAX_SIZE + 1).read_to_end(&mut content)? as u64 > MAX_SIZE {
        bail!("it has more than {MAX_SIZE} bytes");
    }
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_slice(&content).into_iter() {
        let mut value: Value = value.context("it is no JSON")?;
        match value.get_mut("receipts").map(Value::take) {
            Some(Value::Array(envelopes)) => found.extend(envelopes),
            Some(_) => bail!("its receipts are no list"),
            None => found.push(value),
        }
    }
    Ok(found)
}

fn described(statement: &Statement) -> String {
    let Statement {
        number,
        image,
        store,
        occasion,
        verified_at,
        failure,
        ..
    } = statement;
    let result = match failure {
        None => "OK".to_owned(),
        Some(failure) => format!("FAILED ({})", failure.state),
    };
    format!("receipt {number}, image {image}, {occasion}, store {store}, {verified_at}: {result}")
}

fn object(statement: &Statement) -> Value {
    let mut object = serde_json::json!({
        "receipt": statement.number,
        "result": "verified",
        "image": statement.image,
        "store": statement.store,
        "occasion": statement.occasion,
        "verified_at": statement.verified_at,
        "digests": named(&statement.digests),
    });
    if let Some(failure) = &statement.failure {
        object["result"] = "failed".into();
        object["state"] = failure.state.as_str().into();
        object["actual"] = named(&failure.actual);
    }
    object
}

fn named(digests: &ExpectedDigests) -> Value {
    let named = |digest: &Digest| (digest.algorithm().to_string(), digest.value().into());
    Value::Object(digests.iter().map(named).collect())
}
