//! Points in time, as the API writes and reads them.

use serde::{Serialize, Serializer};
use time::{Date, OffsetDateTime, PrimitiveDateTime, format_description::well_known::Iso8601};

use crate::domain::Timestamp;

/// Written as `YYYY-MM-DDTHH:MM:SSZ`, in UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seconds(pub(crate) Timestamp);

/// Written as `YYYY-MM-DDTHH:MM:SS.ffffff`, in UTC without saying so, as Glance writes its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Micros(pub(crate) Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.in_seconds())
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = self.0.utc();
        serializer.collect_str(&format_args!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.microsecond()
        ))
    }
}

/// Reads a date, or a date and a time, in ISO 8601; without an offset it is in UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Iso8601::PARSING)
        .or_else(|_| {
            PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(PrimitiveDateTime::assume_utc)
        })
        .or_else(|_| Date::parse(text, &Iso8601::PARSING).map(|date| date.midnight().assume_utc()))
        .ok()?;
    let micros = at.unix_timestamp_nanos().div_euclid(1000);
    i64::try_from(micros).ok().map(Timestamp::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MICROS: i64 = 1_767_323_045_000_006;

    #[test]
    fn a_time_is_written_in_whole_seconds_of_utc() {
        let at = Timestamp::from_micros(MICROS);
        let written = serde_json::to_string(&Seconds(at)).expect("JSON");
        assert_eq!(written, r#""2026-01-02T03:04:05Z""#);
        let written = serde_json::to_string(&Micros(at)).expect("JSON");
        assert_eq!(written, r#""2026-01-02T03:04:05.000006""#);
    }

    #[test]
    fn the_usual_spellings_of_a_time_are_read() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05",
            "2026-01-02T04:04:05+01:00",
            "2026-01-02T03:04:05.000000",
            "20260102T030405Z",
        ] {
            let at = parse(text).map(|at| at.as_micros() / 1_000_000);
            assert_eq!(at, Some(MICROS / 1_000_000), "{text}");
        }
        let day = parse("2026-01-02").map(Timestamp::as_micros);
        assert_eq!(day, Some(1_767_312_000_000_000));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in ["", "yesterday", "2026-13-01", "12", "2026-01-02T25:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
