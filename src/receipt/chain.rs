//! Whether receipts follow each other.

use super::{Envelope, ReceiptError, Statement};

/// Receipts that are not there: those after `after` and before `before`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The number of the receipt before them; 0 if the first is missing.
    pub after: u64,
    /// The number of the receipt after them.
    pub before: u64,
}

/// Sorts verified receipts by their numbers, and checks that each follows the one before it where
/// both are there. Gives the gaps, over which nothing can be said.
///
/// # Errors
///
/// [`ReceiptError::Twice`] or [`ReceiptError::Broken`] for the first that is not in its place.
pub fn check_chain(receipts: &mut [(Envelope, Statement)]) -> Result<Vec<Gap>, ReceiptError> {
    receipts.sort_by_key(|(_, statement)| statement.number);
    let mut gaps = Vec::new();
    let mut before: Option<&(Envelope, Statement)> = None;
    for receipt in &*receipts {
        let (_, statement) = receipt;
        let number = statement.number;
        let after = before.map_or(0, |(_, earlier)| earlier.number);
        if before.is_some() && after == number {
            return Err(ReceiptError::Twice(number));
        }
        if number.checked_sub(1) == Some(after) {
            let expected = before.map(|(envelope, _)| envelope.hash());
            if statement.previous != expected {
                return Err(ReceiptError::Broken { number });
            }
        } else {
            gaps.push(Gap {
                after,
                before: number,
            });
        }
        before = Some(receipt);
    }
    Ok(gaps)
}
