//! Unknown keys of the config file: each is reported with its line and the most similar known key.
//!
//! Knows the table of keys and nothing of their values.

use signet_domain::visible;
use toml::de::{DeTable, DeValue};

/// Every key there is, dotted; a table's name is one, too.
const KEYS: [&str; 49] = [
    "listen",
    "redirect",
    "hostnames",
    "services",
    "proxy",
    "proxy.trusted",
    "proxy.address_header",
    "proxy.base_path",
    "proxy.public_url",
    "brand",
    "brand.name",
    "brand.command",
    "brand.logo",
    "brand.logo_dark",
    "brand.favicon",
    "brand.accent",
    "brand.accent_dark",
    "brand.support_url",
    "brand.support_text",
    "brand.reset_button",
    "brand.help",
    "network",
    "network.proxy",
    "session",
    "session.idle_minutes",
    "session.total_hours",
    "session.trial_seconds",
    "subject",
    "subject.required",
    "subject.defaults",
    "subject.defaults.country",
    "subject.defaults.state",
    "subject.defaults.city",
    "subject.defaults.organization",
    "subject.defaults.organizational_unit",
    "subject.defaults.email",
    "keys",
    "keys.exportable",
    "keys.allow_weak",
    "limits",
    "limits.csrs",
    "limits.disk_mib",
    "limits.memory_mib",
    "support",
    "support.until",
    "support.contact",
    "support.response",
    "support.advisories",
    "support.vex",
];

/// A sentence for each key that is not known, by line. Empty where the text is not TOML, which is reported elsewhere.
pub(super) fn unknown(text: &str) -> Vec<String> {
    let Ok(document) = DeTable::parse(text) else { return Vec::new() };
    let mut unknown = Vec::new();
    collect(document.get_ref(), "", &mut unknown);
    unknown.sort_unstable();
    unknown.iter().map(|(offset, name)| told(line_of(text, *offset), name)).collect()
}

/// The unknown keys of a table and of the known tables in it; `above` is what their names begin with.
fn collect(table: &DeTable<'_>, above: &str, unknown: &mut Vec<(usize, String)>) {
    for (key, value) in table {
        let dotted = format!("{above}{}", key.get_ref());
        if !KEYS.contains(&dotted.as_str()) {
            unknown.push((key.span().start, dotted));
        } else if let DeValue::Table(inner) = value.get_ref() {
            collect(inner, &format!("{dotted}."), unknown);
        }
    }
}

/// The line, from 1, that an offset lies in.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn told(line: usize, name: &str) -> String {
    crate::messages::config::unknown_key(line, &visible::line(name), nearest(name))
}

/// The known key that differs least: as a whole, or by its last part, since a key under the wrong table is a common slip.
fn nearest(name: &str) -> &'static str {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let difference = |known: &&&str| {
        let whole = distance(known, name);
        // One more, so that of two equally good ones the whole name wins.
        whole.min(distance(&last(known), &last(name)) + 1)
    };
    KEYS.iter().min_by_key(difference).copied().unwrap_or("listen")
}

/// Levenshtein's distance: how many letters differ.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        let mut next = vec![before];
        for (right, above) in b.bytes().zip(row.iter().skip(1)) {
            before = (diagonal + usize::from(left != right)).min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::reference;

    #[test]
    fn is_told_with_its_own_line_and_the_nearest_key() {
        for (text, told) in [
            (
                "[session]\nidel_minutes = 5\n",
                "line 2: `session.idel_minutes` is not a key; the nearest is `session.idle_minutes`",
            ),
            // The same letters in a comment and in a value before it do not count.
            (
                "# lissen\nhostnames = [\"lissen\"]\n\nlissen = []\n",
                "line 4: `lissen` is not a key; the nearest is `listen`",
            ),
            ("\n[limit]\ncsrs = 1\n", "line 2: `limit` is not a key; the nearest is `limits`"),
            (
                "session.idle_mins = 1\n",
                "line 1: `session.idle_mins` is not a key; the nearest is `session.idle_minutes`",
            ),
            (
                "[session]\nexportable = true\n",
                "line 2: `session.exportable` is not a key; the nearest is `keys.exportable`",
            ),
            ("disk_mib = 3\n", "line 1: `disk_mib` is not a key; the nearest is `limits.disk_mib`"),
            (
                "[subject.defaults]\ncounty = \"x\"\n",
                "line 2: `subject.defaults.county` is not a key; the nearest is `subject.defaults.country`",
            ),
            ("limits = { \"csr\" = 3 }\n", "line 1: `limits.csr` is not a key; the nearest is `limits.csrs`"),
        ] {
            assert_eq!(unknown(text), [told], "{text}");
        }
    }

    #[test]
    fn are_told_in_the_order_of_the_file() {
        let lines: Vec<String> = unknown("zz = 1\naa = 2\n[keys]\nbb = 3\n");
        assert!(lines[0].starts_with("line 1") && lines[1].starts_with("line 2") && lines[2].starts_with("line 4"));
    }

    #[test]
    fn no_known_key_is_called_unknown() {
        for key in KEYS.iter().filter(|key| key.contains('.')) {
            assert!(unknown(&format!("{key} = 1\n")).is_empty(), "{key}");
        }
        assert!(unknown("not toml").is_empty());
    }

    #[test]
    fn the_reference_names_every_key_and_no_other() {
        let is_table = |key: &str| KEYS.iter().any(|other| other.starts_with(&format!("{key}.")));
        let keys = KEYS.iter().filter(|key| !is_table(key)).map(ToString::to_string);
        reference::agree("signet.toml", keys, reference::names(&reference::table("`signet.toml`")));
    }

    #[test]
    fn the_reference_says_the_defaults_and_bounds_that_hold() {
        for row in reference::table("`signet.toml`") {
            let (key, default) = (reference::code(&row[0]), reference::code(&row[2]));
            let set = |value: &str| Config::parse(&format!("{key} = {value}\n"));
            if let Some((low, high)) = row[3].split_once(" to ") {
                let (low, high): (u64, u64) = (low.parse().unwrap(), high.parse().unwrap());
                assert!(set(&low.to_string()).is_ok() && set(&high.to_string()).is_ok(), "{key}");
                assert!(set(&(low - 1).to_string()).is_err() && set(&(high + 1).to_string()).is_err(), "{key}");
            }
            let written = if key == "services" { format!("{default:?}") } else { default.clone() };
            let mut config = set(&written).unwrap_or_else(|(_, what)| panic!("{key}: {what}"));
            // Said in the file itself, it is more than the default.
            config.policy.factory_exportable = false;
            assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()), "{key}");
        }
    }
}
