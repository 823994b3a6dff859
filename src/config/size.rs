//! Numbers of bytes with a unit, as Glance writes them.

/// What is allowed, in words.
pub(super) const ALLOWED: &str = "a whole number and B, KB, MB, GB or TB behind it, without a blank: \"500GB\"; \"0\": any amount";

/// The number of bytes that `text` spells. Each unit is 1024 times the one before.
pub(super) fn bytes(text: &str) -> Option<u64> {
    const UNITS: [(&str, u32); 5] = [("KB", 10), ("MB", 20), ("GB", 30), ("TB", 40), ("B", 0)];
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
    let (number, shift) = unit.map_or((text, 0), |(unit, shift)| {
        (text.strip_suffix(unit).unwrap_or(text), *shift)
    });
    if !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // More than a column of the database holds is no size.
    let bytes = number.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    (bytes <= i64::MAX.unsigned_abs()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_1024_times_the_one_before() {
        for (text, expected) in [
            ("0", 0),
            ("17", 17),
            ("17B", 17),
            ("1KB", 1 << 10),
            ("3MB", 3 << 20),
            ("5GB", 5 << 30),
            ("2TB", 2 << 40),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_glance_does_not_take_for_a_size_is_none() {
        for text in [
            "",
            "B",
            "GB",
            "-1",
            "+1",
            "1.5GB",
            "1 GB",
            "1gb",
            "1G",
            "1GiB",
            "1PB",
            "0x1",
            "10000000TB",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
