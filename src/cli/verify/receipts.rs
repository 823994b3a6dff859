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
    cli::complain,
    domain::ExpectedDigests,
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
    /// Tells what each says.
    pub(super) fn tell(&self, loudness: Loudness, out: &mut dyn Write) -> io::Result<()> {
        for statement in &self.0 {
            match loudness {
                Loudness::Lines {
                    faults_alone: false,
                } => writeln!(out, "{}: OK", described(statement))?,
                Loudness::Objects {
                    faults_alone: false,
                } => writeln!(out, "{}", object(statement))?,
                _ => {}
            }
        }
        Ok(())
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
        ..
    } = statement;
    format!("receipt {number}, image {image}, {occasion}, store {store}, {verified_at}")
}

fn object(statement: &Statement) -> Value {
    let digests = statement.digests.iter();
    let digests: serde_json::Map<_, _> = digests
        .map(|digest| (digest.algorithm().to_string(), digest.value().into()))
        .collect();
    serde_json::json!({
        "receipt": statement.number,
        "result": "verified",
        "image": statement.image,
        "store": statement.store,
        "occasion": statement.occasion,
        "verified_at": statement.verified_at,
        "digests": digests,
    })
}
