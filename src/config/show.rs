//! What is in force and from where, for the operator to read.

use std::fmt;

use figment::value::Value;

use crate::config::{Config, effective::Effective, options, spelled::spelled};

/// The options in force in TOML's spelling, each with the place it comes from behind it.
#[derive(Debug)]
pub struct Show<'a>(&'a Effective);

impl Config {
    /// What is in force and from where. Secrets are masked.
    #[must_use]
    pub fn show(&self) -> Show<'_> {
        Show(&self.effective)
    }
}

impl fmt::Display for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (section, given)) in self.0.sections().iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            writeln!(f, "{separator}[{section}]")?;
            let rows = options::rows(section).unwrap_or_else(|| {
                if given.contains_key("auth_type") {
                    options::LOGIN.iter().collect()
                } else {
                    options::store_rows()
                }
            });
            for row in rows {
                let origin = self.0.origin(section, row.name);
                match given.get(row.name) {
                    None | Some(Value::Empty(..)) => writeln!(f, "#{} =  # not set", row.name)?,
                    Some(value) => {
                        let value = spelled(value, Some(row.kind));
                        writeln!(f, "{} = {value}  # {origin}", row.name)?;
                    }
                }
            }
        }
        Ok(())
    }
}
