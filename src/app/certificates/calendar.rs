//! The end of a certificate as an iCalendar file (RFC 5545): an all-day event on its last day in UTC, with a reminder when
//! it is due to be renewed: 30 days before, and for a short life when a third of it is left.
//!
//! The event's name does not change when it is fetched again, so that a calendar keeps one; a renewed certificate has
//! another serial number and so an event of its own.

use crate::messages::certificates as say;
use crate::requests::content::Content;
use crate::requests::renewal::due::Expiry;
use jiff::Timestamp;
use signet_domain::answer::{DUE_DAYS, due_of_short_life};
use signet_domain::name::CsrName;
use signet_domain::time::basic;

/// Octets of one line, its end aside (RFC 5545 3.1).
const LINE: usize = 75;

/// The file's text. `brand` is the product's name where it is not ours.
pub fn event(name: &CsrName, content: &Content, expiry: &Expiry, now: Timestamp, brand: Option<&str>) -> String {
    let stamp = basic(now);
    let product = escaped(brand.unwrap_or("Signet"));
    let common = content.request.common_name.as_deref().unwrap_or(name.as_str());
    let summary = say::event_title(common);
    let Expiry { validity, serial, issuer } = expiry;
    let (trigger, reminder) = match due_of_short_life(validity.begins, validity.ends) {
        None => (format!("TRIGGER:-P{DUE_DAYS}D"), say::reminder_in_days(&summary, DUE_DAYS)),
        // The event is a day long, and the whole life may be shorter: the alarm has a time of its own.
        Some(due) => (format!("TRIGGER;VALUE=DATE-TIME:{}", basic(due)), say::reminder_on(&summary, &validity.until())),
    };
    let description = say::event_text(name, issuer, serial, &validity.until());
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//{product}//{product} {}//EN", env!("CARGO_PKG_VERSION")),
        "BEGIN:VEVENT".to_owned(),
        format!(
            "UID:{}-{}@{}",
            content.record.id,
            serial.replace(':', ""),
            if brand.is_some() { "console" } else { "signet" }
        ),
        format!("DTSTAMP:{stamp}"),
        format!("DTSTART;VALUE=DATE:{}", basic(validity.ends).split('T').next().unwrap_or_default()),
        format!("SUMMARY:{}", escaped(&summary)),
        format!("DESCRIPTION:{}", escaped(&description)),
        // It takes nobody's time.
        "TRANSP:TRANSPARENT".to_owned(),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        trigger,
        format!("DESCRIPTION:{}", escaped(&reminder)),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

/// TEXT as RFC 5545 3.3.11 writes it; control characters are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            _ if character.is_control() => {}
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A content line with its end, cut into lines of at most [`LINE`] octets, never within a character.
fn folded(line: &str) -> String {
    let mut text = String::with_capacity(line.len() + 2);
    let mut length = 0;
    for character in line.chars() {
        if length + character.len_utf8() > LINE {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(character);
        length += character.len_utf8();
    }
    text + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_within_75_octets_and_unfold_to_what_they_were() {
        for line in ["", &"x".repeat(75), &"x".repeat(76), &"ä€𝄞".repeat(40), &"x".repeat(1000)] {
            let text = folded(line);
            let lines: Vec<&str> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
            assert!(lines.iter().all(|line| line.len() <= 75), "{text}");
            assert!(lines.iter().skip(1).all(|line| line.starts_with(' ')));
            assert_eq!(text.strip_suffix("\r\n").unwrap().replace("\r\n ", ""), line);
        }
        assert_eq!(folded(&"x".repeat(75)).len(), 77);
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a;b,c\\d\ne\r\u{7}f: \"g\""), "a\\;b\\,c\\\\d\\nef: \"g\"");
    }
}
