//! The two times of a certificate (RFC 5280 4.1.2.5), from 1950 to 9999.

use super::fault::Fault;
use der::asn1::AnyRef;
use der::{Tag, Tagged};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// "No well-defined expiration date".
const ENDLESS: &[u8] = b"99991231235959Z";

/// UTCTime (its years are 1950 to 2049) or GeneralizedTime, to the second and in UTC. What is too late for a time stamp is
/// the latest there is: a time stamp ends a day before year 9999 does.
///
/// # Errors
/// The fault of a time that is written in a forbidden form; none where it is not a time.
pub(super) fn read(element: AnyRef<'_>) -> Result<Timestamp, Option<Fault>> {
    strict(element).ok_or_else(|| fault(element))
}

/// Forms that ASN.1 allows and RFC 5280 does not.
fn fault(element: AnyRef<'_>) -> Option<Fault> {
    let (section, minutes) = match element.tag() {
        Tag::UtcTime => ("4.1.2.5.1", 10),
        Tag::GeneralizedTime => ("4.1.2.5.2", 12),
        _ => return None,
    };
    let text = element.value();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let form = match text.get(digits..)? {
        [b'.' | b',', ..] => "with a fraction of a second",
        [b'+' | b'-', ..] => "with an offset from UTC",
        [b'Z'] if digits == minutes => "without seconds",
        [b'Z'] if element.tag() == Tag::GeneralizedTime && digits + 2 == minutes => "without minutes and seconds",
        [] if (minutes - 2..=minutes + 2).contains(&digits) => "without a time zone, the Z at its end",
        _ => return None,
    };
    Some(Fault::TimeForm { form, section })
}

fn strict(element: AnyRef<'_>) -> Option<Timestamp> {
    let text = element.value().strip_suffix(b"Z")?;
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, rest) = match (element.tag(), text.len()) {
        (Tag::UtcTime, 12) => {
            let (year, rest) = text.split_at(2);
            let year = number(year)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (Tag::GeneralizedTime, 14) => {
            let (year, rest) = text.split_at(4);
            (number(year)?, rest)
        }
        _ => return None,
    };
    let &[month, day, hour, minute, second] = rest.as_chunks::<2>().0 else { return None };
    let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(two);
    let time = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(TimeZone::UTC.to_timestamp(time).unwrap_or(Timestamp::MAX))
}

/// Whether it is the time that means none.
pub(super) fn is_endless(element: AnyRef<'_>) -> bool {
    element.tag() == Tag::GeneralizedTime && element.value() == ENDLESS
}

/// ASCII digits, at most four.
fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |sum, digit| sum.checked_mul(10)?.checked_add(i16::from(digit.checked_sub(b'0')?)))
}

/// Two ASCII digits.
fn two([ten, one]: [u8; 2]) -> i8 {
    // Digits, as the caller has made sure: at most 99.
    i8::try_from(ten.saturating_sub(b'0') * 10 + one.saturating_sub(b'0')).unwrap_or(i8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tag: Tag, text: &str) -> Option<Timestamp> {
        read(AnyRef::new(tag, text.as_bytes()).expect("short")).ok()
    }

    #[test]
    fn reads_both_kinds_over_all_their_years() {
        for (tag, text, expected) in [
            (Tag::UtcTime, "261124120000Z", "2026-11-24T12:00:00Z"),
            (Tag::UtcTime, "491231235959Z", "2049-12-31T23:59:59Z"),
            (Tag::UtcTime, "500101000000Z", "1950-01-01T00:00:00Z"),
            (Tag::GeneralizedTime, "20500101000000Z", "2050-01-01T00:00:00Z"),
            (Tag::GeneralizedTime, "19040229000000Z", "1904-02-29T00:00:00Z"),
            (Tag::GeneralizedTime, "99991230000000Z", "9999-12-30T00:00:00Z"),
        ] {
            assert_eq!(of(tag, text).expect(text).to_string(), expected, "{text}");
        }
        assert_eq!(of(Tag::GeneralizedTime, "99991231235959Z"), Some(Timestamp::MAX));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for (tag, text) in [
            (Tag::UtcTime, "2611241200Z"),
            (Tag::UtcTime, "261124120000+0100"),
            (Tag::UtcTime, "261324120000Z"),
            (Tag::UtcTime, "260230120000Z"),
            (Tag::UtcTime, "26112412000/Z"),
            (Tag::UtcTime, "20261124120000Z"),
            (Tag::GeneralizedTime, "261124120000Z"),
            (Tag::GeneralizedTime, "20261124240000Z"),
            (Tag::GeneralizedTime, "20261124120000.5Z"),
            (Tag::Utf8String, "261124120000Z"),
            (Tag::UtcTime, ""),
        ] {
            assert_eq!(of(tag, text), None, "{text}");
        }
    }

    #[test]
    fn names_the_forms_that_rfc_5280_forbids() {
        for (tag, text, expected) in [
            (Tag::UtcTime, "2611241200Z", Some("without seconds")),
            (Tag::UtcTime, "261124120000+0100", Some("with an offset from UTC")),
            (Tag::UtcTime, "261124120000", Some("without a time zone, the Z at its end")),
            (Tag::GeneralizedTime, "20261124120000.5Z", Some("with a fraction of a second")),
            (Tag::GeneralizedTime, "202611241200,25Z", Some("with a fraction of a second")),
            (Tag::GeneralizedTime, "20261124120000-0500", Some("with an offset from UTC")),
            (Tag::GeneralizedTime, "202611241200Z", Some("without seconds")),
            (Tag::GeneralizedTime, "2026112412Z", Some("without minutes and seconds")),
            (Tag::UtcTime, "261324120000Z", None),
            (Tag::GeneralizedTime, "noon", None),
            (Tag::Utf8String, "261124120000+0100", None),
        ] {
            let form = match read(AnyRef::new(tag, text.as_bytes()).expect("short")) {
                Err(Some(Fault::TimeForm { form, .. })) => Some(form),
                other => {
                    assert_eq!(other, Err(None), "{text}");
                    None
                }
            };
            assert_eq!(form, expected, "{text}");
        }
    }
}
