//! What the checks found, as oslo.upgradecheck prints it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::checks::{Check, Code};

const TITLE: &str = "Upgrade Check Results";

/// How many characters of details a line of the table has at most.
const WIDTH: usize = 72;

/// The name of a result in the table.
const fn word(code: Code) -> &'static str {
    match code {
        Code::Success => "Success",
        Code::Warning => "Warning",
        Code::Failure => "Failure",
    }
}

/// The results as JSON.
pub(super) fn json(checks: &[Check]) -> Value {
    let checks: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "check": check.name, "result": check.code as u8, "details": check.details,
            })
        })
        .collect();
    json!({"name": TITLE, "checks": checks})
}

/// The results as a table.
pub(super) fn table(checks: &[Check]) -> String {
    let cells: Vec<Vec<String>> = checks.iter().map(cell).collect();
    let lines = cells.iter().flatten().map(|line| line.chars().count());
    let width = lines.max().unwrap_or(0).max(TITLE.len());
    let rule = format!("+{}+\n", "-".repeat(width + 2));
    let mut table = format!("{rule}| {TITLE:width$} |\n{rule}");
    for cell in cells {
        for line in cell {
            // A text in memory takes all.
            let _ = writeln!(table, "| {line:width$} |");
        }
        table.push_str(&rule);
    }
    table
}

fn cell(check: &Check) -> Vec<String> {
    let details = check.details.as_deref().unwrap_or("None");
    let mut lines = vec![
        format!("Check: {}", check.name),
        format!("Result: {}", word(check.code)),
    ];
    let mut line = "Details:".to_owned();
    for word in details.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".to_owned()));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: Code, details: Option<&str>) -> Check {
        Check {
            name: "Stores",
            code,
            details: details.map(str::to_owned),
        }
    }

    #[test]
    fn the_table_is_that_of_oslo() {
        let table = table(&[
            check(Code::Success, None),
            check(Code::Failure, Some("a folder is missing")),
        ]);
        assert_eq!(
            table,
            "+------------------------------+\n\
             | Upgrade Check Results        |\n\
             +------------------------------+\n\
             | Check: Stores                |\n\
             | Result: Success              |\n\
             | Details: None                |\n\
             +------------------------------+\n\
             | Check: Stores                |\n\
             | Result: Failure              |\n\
             | Details: a folder is missing |\n\
             +------------------------------+\n"
        );
    }

    #[test]
    fn long_details_are_broken_between_words() {
        let long = "word ".repeat(40);
        let table = table(&[check(Code::Warning, Some(&long))]);
        let widest = table.lines().map(str::len).max();
        assert!(widest.is_some_and(|width| width <= WIDTH + 4), "{table}");
        assert_eq!(table.matches("word").count(), 40);
    }

    #[test]
    fn the_json_has_oslos_keys_and_numbers() {
        assert_eq!(
            json(&[check(Code::Warning, Some("x"))]),
            json!({
                "name": "Upgrade Check Results",
                "checks": [{"check": "Stores", "result": 1, "details": "x"}],
            })
        );
    }
}
