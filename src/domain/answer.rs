//! A request compared with its certificate: what was requested and what was issued, field by field, and how long the
//! certificate is valid.
//!
//! Plain values: the certificate and the request are read elsewhere, and the time is a parameter.

use crate::subject_part::Part;
use jiff::Timestamp;

/// A certificate is due for renewal this many days before it expires.
pub const DUE_DAYS: i64 = 30;
/// A lifetime of fewer days is short: a certificate for six days would be due from the first day.
const SHORT_LIFE: i64 = 45;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// What a request asks for, or what a certificate contains, as pages show a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// The subject's parts: label and value, such as `Organization` and `Example`.
    pub subject: Vec<(String, String)>,
    /// The subject alternative names, such as `DNS:nas.local`.
    pub names: Vec<String>,
    /// Labels of the key usage bits.
    pub key_usage: Vec<String>,
    /// Such as `SERVER_AUTH`.
    pub extended_key_usage: Vec<String>,
    /// Such as `CA, path length 0` or `not a CA`; none where it is not said.
    pub basic_constraints: Option<String>,
    /// Days; none where none was requested, or where a certificate has no end.
    pub lifetime: Option<u32>,
}

/// How a field of the certificate differs from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// As requested.
    Same,
    /// Not requested.
    Added,
    /// Requested, and not issued.
    Dropped,
    /// Issued with another value.
    Changed,
}

/// One field, requested and issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Such as `Organization`, `Subject Alternative Names` or `Lifetime`.
    pub field: String,
    /// What was requested; empty for [`Kind::Added`].
    pub asked: String,
    /// What was issued; empty for [`Kind::Dropped`].
    pub got: String,
    /// How it differs.
    pub kind: Kind,
}

/// Every field in turn: the subject's parts, the names, the usages, the constraints, the lifetime. What was requested
/// comes in its own order, what was added after it; a list has a row for each of its values. A lifetime that was not requested
/// makes no difference.
pub fn asked_and_got(asked: &Terms, got: &Terms) -> Vec<Difference> {
    let mut rows = subject(&asked.subject, &got.subject);
    rows.extend(list(NAMES, &asked.names, &got.names, is_same_name));
    rows.extend(list(KEY_USAGE, &asked.key_usage, &got.key_usage, |a, b| a == b));
    rows.extend(list(EXTENDED_KEY_USAGE, &asked.extended_key_usage, &got.extended_key_usage, |a, b| a == b));
    rows.extend(single(BASIC_CONSTRAINTS, asked.basic_constraints.clone(), got.basic_constraints.clone()));
    if let Some(days) = asked.lifetime {
        let got = got.lifetime.map_or_else(|| "without end".to_owned(), shown_days);
        rows.extend(single(LIFETIME, Some(shown_days(days)), Some(got)));
    }
    rows
}

/// Whole days of a validity, to the nearest, at least one: CAs that count both ends give a second less or more.
pub fn lifetime_days(not_before: Timestamp, not_after: Timestamp) -> u32 {
    let seconds = not_after.as_second().saturating_sub(not_before.as_second());
    let days = seconds.saturating_add(DAY / 2).div_euclid(DAY).max(1);
    u32::try_from(days).unwrap_or(u32::MAX)
}

/// The validity of a certificate at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its verdict.
    pub verdict: Verdict,
    /// Whole days until it expires, rounded down: 0 on the last day, negative once it has expired.
    pub days_left: i64,
    /// False where the clock is not to be trusted (before the build date): then [`Verdict::NotYet`] and
    /// [`Verdict::Expired`] advise and never refuse.
    pub clock_known: bool,
}

/// Whether a certificate is valid yet, still, or not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Not valid yet.
    NotYet,
    /// Valid, with more than [`DUE_DAYS`] days left, or with no expiry.
    Good,
    /// Valid, and due for renewal. One with a lifetime of less than 45 days is due when a third of that is left.
    Due,
    /// Expired.
    Expired,
}

impl Difference {
    /// The field's name for programs: the form's, such as `common`, `san` or `ku`; of an attribute that the form does not
    /// have its label in lower case with underscores.
    pub fn name(&self) -> String {
        let part = Part::ALL.into_iter().find(|part| part.label() == self.field).map(Part::field);
        let list = LISTS.into_iter().find(|(label, _)| *label == self.field).map(|(_, name)| name);
        part.or(list).map_or_else(|| self.field.to_lowercase().replace([' ', '-'], "_"), str::to_owned)
    }
}

/// Labels of what is not in the subject, with the form's names.
const LISTS: [(&str, &str); 5] =
    [(NAMES, "san"), (KEY_USAGE, "ku"), (EXTENDED_KEY_USAGE, "eku"), (BASIC_CONSTRAINTS, "bc"), (LIFETIME, "lifetime")];
const NAMES: &str = "Subject Alternative Names";
const KEY_USAGE: &str = "Key Usage";
const EXTENDED_KEY_USAGE: &str = "Extended Key Usage";
const BASIC_CONSTRAINTS: &str = "Basic Constraints";
const LIFETIME: &str = "Lifetime";

/// Names and usages that were requested and are not in the certificate: without them it does not work for its purpose.
pub fn lost(differences: &[Difference]) -> impl Iterator<Item = &Difference> {
    let matters = |one: &&Difference| [NAMES, KEY_USAGE, EXTENDED_KEY_USAGE].contains(&one.field.as_str());
    differences.iter().filter(|one| one.kind == Kind::Dropped).filter(matters)
}

impl Standing {
    /// At `now`; `clock_known` is false when the device's clock is before the program's build date. `not_before` and
    /// `not_after` are the first and the last second of validity.
    pub fn at(not_before: Timestamp, not_after: Timestamp, now: Timestamp, clock_known: bool) -> Self {
        let left = not_after.as_second().saturating_sub(now.as_second());
        let verdict = match () {
            () if left < 0 => Verdict::Expired,
            () if now < not_before => Verdict::NotYet,
            () if left <= due_before_end(not_before, not_after) => Verdict::Due,
            () => Verdict::Good,
        };
        Self { verdict, days_left: left.div_euclid(DAY), clock_known }
    }

    /// True when it is a reason to refuse the certificate: it has expired, by a clock that is known.
    pub fn is_refused(self) -> bool {
        self.clock_known && self.verdict == Verdict::Expired
    }
}

/// Seconds before its end from which on a certificate is due: a third of a short life, else [`DUE_DAYS`].
fn due_before_end(not_before: Timestamp, not_after: Timestamp) -> i64 {
    let life = not_after.as_second().saturating_sub(not_before.as_second());
    if life < SHORT_LIFE * DAY { life / 3 } else { DUE_DAYS * DAY }
}

/// When a certificate becomes due; none for one that has a long life, whose reminder is a number of days.
pub fn due_of_short_life(not_before: Timestamp, not_after: Timestamp) -> Option<Timestamp> {
    let before = due_before_end(not_before, not_after);
    let at = Timestamp::from_second(not_after.as_second().saturating_sub(before)).ok();
    at.filter(|_| before < DUE_DAYS * DAY)
}

fn shown_days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// A field with one value on each side.
fn single(field: &str, asked: Option<String>, got: Option<String>) -> Option<Difference> {
    let kind = match (&asked, &got) {
        (None, None) => return None,
        (None, Some(_)) => Kind::Added,
        (Some(_), None) => Kind::Dropped,
        (Some(asked), Some(got)) if asked == got => Kind::Same,
        (Some(_), Some(_)) => Kind::Changed,
    };
    let [asked, got] = [asked, got].map(Option::unwrap_or_default);
    Some(Difference { field: field.to_owned(), asked, got, kind })
}

/// Parts with the same label are the same part: values that are on both sides first, the rest in pairs.
fn subject(asked: &[(String, String)], got: &[(String, String)]) -> Vec<Difference> {
    let mut came: Vec<Option<&(String, String)>> = got.iter().map(Some).collect();
    let mut take = |wanted: &dyn Fn(&(String, String)) -> bool| {
        came.iter_mut().find(|part| part.is_some_and(wanted)).and_then(Option::take).map(|part| part.1.clone())
    };
    let same: Vec<_> = asked.iter().map(|part| take(&|other| other == part)).collect();
    let mut rows: Vec<Difference> = Vec::with_capacity(asked.len());
    for (part, same) in asked.iter().zip(same) {
        let value = same.or_else(|| take(&|other| other.0 == part.0));
        rows.extend(single(&part.0, Some(part.1.clone()), value));
    }
    rows.extend(came.into_iter().flatten().filter_map(|(label, value)| single(label, None, Some(value.clone()))));
    rows
}

fn list(field: &str, asked: &[String], got: &[String], is_same: fn(&str, &str) -> bool) -> Vec<Difference> {
    let has = |values: &[String], value: &str| values.iter().any(|other| is_same(other, value));
    let kept = asked.iter().filter_map(|value| {
        let came = got.iter().find(|other| is_same(other, value)).cloned();
        // The same name in other letters is the same name.
        let kind = if came.is_some() { Kind::Same } else { Kind::Dropped };
        Some(Difference { kind, ..single(field, Some(value.clone()), Some(came.unwrap_or_default()))? })
    });
    let added = got.iter().filter(|value| !has(asked, value));
    kept.chain(added.filter_map(|value| single(field, None, Some(value.clone())))).collect()
}

/// Whether one of a certificate's names covers `name`: it is the same, or a wildcard for its first label (RFC 9525 6.3).
pub fn covers(certified: &[String], name: &str) -> bool {
    let by_wildcard = |pattern: &str| {
        let parent = pattern.strip_prefix("DNS:*.")?;
        let (first, rest) = name.strip_prefix("DNS:")?.split_once('.')?;
        Some(!first.is_empty() && rest.eq_ignore_ascii_case(parent))
    };
    certified.iter().any(|one| is_same_name(one, name) || by_wildcard(one) == Some(true))
}

/// Host names are not case-sensitive, and nobody distinguishes mailboxes by case either.
fn is_same_name(one: &str, other: &str) -> bool {
    let folds = |name: &str| name.starts_with("DNS:") || name.starts_with("email:");
    one == other || (folds(one) && one.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests;
