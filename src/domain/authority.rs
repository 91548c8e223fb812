//! Authorities: certificate authorities (CAs) that this device can order certificates from, and the rules for their settings.

mod dns;
mod est;

pub use dns::{DnsAnswers, DnsServer, DnsWay, TsigAlgorithm};
pub use est::{Est, EstAnswers};

use super::dns_name::DnsName;
use super::enrollment::ChallengeKind;
use super::invalid::{Invalid, Mistakes};
use super::mailbox::Mailbox;
use super::messages::{authority as messages, authority_dns};
use super::preflight::CaKind;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The most authorities of one device.
pub const MAX_AUTHORITIES: usize = 16;
/// The longest name, in characters.
const MAX_NAME: usize = 40;
/// The longest URL.
const MAX_URL: usize = 500;
/// The longest of the other values.
const MAX_TEXT: usize = 200;

/// Directories that have a name of their own.
pub const PRESETS: [(&str, &str); 2] = [
    ("letsencrypt", "https://acme-v02.api.letsencrypt.org/directory"),
    ("letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"),
];

/// Hosts of CAs that browsers trust.
const PUBLIC_HOSTS: [&str; 6] = [
    "acme-v02.api.letsencrypt.org",
    "acme-staging-v02.api.letsencrypt.org",
    "acme.zerossl.com",
    "dv.acme-v02.api.pki.goog",
    "acme.ssl.com",
    "api.buypass.com",
];

/// 1 to 40 of `a-z 0-9 _ -` in lower case, not starting with `-`: also the name of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuthorityName(String);

impl AuthorityName {
    /// The whole text as a name. Refused at `name`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if text.is_empty() || text.len() > MAX_NAME || text.starts_with('-') || !text.chars().all(is_allowed) {
            return Err(messages::name(text, MAX_NAME));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AuthorityName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is set of an authority; nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// The URL of its ACME directory, or of its EST server.
    pub url: String,
    /// A mail address that the CA writes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// True where the owner agreed to the CA's terms.
    #[serde(default)]
    pub agreed: bool,
    /// The external account's name at the CA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eab_kid: Option<String>,
    /// The CA's profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The common name of the root whose chain is preferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_chain: Option<String>,
    /// How names are proved, the first that can carry a name first.
    pub challenges: Vec<ChallengeKind>,
    /// Where it is reached by EST, how; none for ACME, which is what the rest is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub est: Option<Est>,
    /// How the records of dns-01 are set; none without dns-01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsWay>,
}

impl Authority {
    /// Which rules of [`super::preflight`] are its own: a CA that is not known to be public is one's own.
    pub fn kind(&self) -> CaKind {
        let host = self.url.strip_prefix("https://").and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
        if self.est.is_some() {
            return CaKind::Est;
        }
        if PUBLIC_HOSTS.contains(&host) { CaKind::Public } else { CaKind::OwnCa }
    }
}

/// The same as typed; what is missing stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in Authority; an empty text takes a value away")]
pub struct AuthorityAnswers {
    pub url: Option<String>,
    pub contact: Option<String>,
    pub agreed: bool,
    pub eab_kid: Option<String>,
    pub profile: Option<String>,
    pub preferred_chain: Option<String>,
    pub challenges: Vec<String>,
    pub dns: DnsAnswers,
}

impl AuthorityAnswers {
    /// The settings, over `before`. Refused at `url`, `contact`, `eab_kid`, `profile`, `preferred_chain`, `challenge`, and the
    /// fields of dns-01.
    pub fn parse(&self, before: Option<&Authority>) -> Result<Authority, Mistakes> {
        let mut mistakes = Mistakes::none();
        let url = match (&self.url, before) {
            (Some(text), _) => mistakes.keep(url(text)),
            (None, Some(before)) => Some(before.url.clone()),
            (None, None) => mistakes.keep(Err(messages::no_url())),
        };
        let kept = |given: &Option<String>, before: Option<&String>| match given.as_deref().map(str::trim) {
            None => before.cloned(),
            Some("") => None,
            Some(text) => Some(text.to_owned()),
        };
        let contact = kept(&self.contact, before.and_then(|before| before.contact.as_ref()));
        if let Some(text) = &contact
            && let Err(refused) = Mailbox::parse(text)
        {
            mistakes.add(refused.at("contact", text));
        }
        let eab_kid = kept(&self.eab_kid, before.and_then(|before| before.eab_kid.as_ref()));
        let profile = kept(&self.profile, before.and_then(|before| before.profile.as_ref()));
        let preferred_chain = kept(&self.preferred_chain, before.and_then(|before| before.preferred_chain.as_ref()));
        for (field, value) in [("eab_kid", &eab_kid), ("profile", &profile), ("preferred_chain", &preferred_chain)] {
            if let Some(text) = value
                && (text.chars().count() > MAX_TEXT || text.chars().any(super::visible::is_hidden))
            {
                mistakes.add(messages::text(field, MAX_TEXT));
            }
        }
        let mut challenges: Vec<ChallengeKind> = Vec::new();
        for text in &self.challenges {
            match ChallengeKind::parse(text) {
                Some(kind) if challenges.contains(&kind) => {}
                Some(kind) => challenges.push(kind),
                None => mistakes.add(messages::challenge(text)),
            }
        }
        if challenges.is_empty() {
            challenges = before.map_or_else(|| vec![ChallengeKind::Http01], |before| before.challenges.clone());
        }
        let has_dns = challenges.contains(&ChallengeKind::Dns01);
        let dns = self.dns.parse(before.and_then(|before| before.dns.as_ref()).filter(|_| has_dns), &mut mistakes);
        match &dns {
            None if has_dns && mistakes.is_empty() => mistakes.add(authority_dns::not_set_up()),
            Some(_) if !has_dns => mistakes.add(authority_dns::not_used()),
            _ => {}
        }
        // Another CA has terms of its own.
        let same = before.is_some_and(|before| Some(&before.url) == url.as_ref());
        let agreed = self.agreed || (same && before.is_some_and(|before| before.agreed));
        match url {
            Some(url) if mistakes.is_empty() => {
                Ok(Authority { url, contact, agreed, eab_kid, profile, preferred_chain, challenges, est: None, dns })
            }
            _ => Err(mistakes),
        }
    }
}

/// A directory's URL, or a preset's name. Refused at `url`.
fn url(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if let Some((_, url)) = PRESETS.iter().find(|(name, _)| *name == text) {
        return Ok((*url).to_owned());
    }
    let refused = || messages::url(text);
    let rest = text.strip_prefix("https://").ok_or_else(refused)?;
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    if text.len() > MAX_URL || !plain || text.contains('#') {
        return Err(refused());
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(messages::user_in_url());
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => ("", port.strip_prefix(':').unwrap_or(port)),
        Some(_) => return Err(refused()),
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let is_host = host.is_empty() || host.parse::<Ipv4Addr>().is_ok() || DnsName::parse(host).is_ok();
    let has_host = !host.is_empty() || authority.starts_with('[');
    let is_port = port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0);
    if is_host && has_host && is_port && !host.contains('*') { Ok(text.to_owned()) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(url: &str) -> AuthorityAnswers {
        AuthorityAnswers { url: Some(url.to_owned()), ..AuthorityAnswers::default() }
    }

    #[test]
    fn a_url_is_https_with_a_host_and_no_user() {
        for good in [
            "https://ca.example.com/acme",
            "https://192.0.2.1:14000/dir?x=1",
            "https://[2001:db8::1]:8443/",
            "https://ca",
        ] {
            assert_eq!(answers(good).parse(None).unwrap().url, good);
        }
        assert_eq!(answers("letsencrypt").parse(None).unwrap().url, PRESETS[0].1);
        for bad in [
            "",
            "http://ca/",
            "https://",
            "https:///x",
            "https://u:p@ca/",
            "https://ca:0/",
            "https://ca:x/",
            "https://[::1/",
            "https://[x]/",
            "https://*.ca/",
            "https://ca/#a",
            "https://c a/",
            "https://ca/\u{202e}",
            "ftp://ca",
            &format!("https://ca/{}", "x".repeat(500)),
        ] {
            let mistakes = answers(bad).parse(None).unwrap_err();
            assert_eq!(mistakes.iter().next().unwrap().field, "url", "{bad}");
        }
    }

    #[test]
    fn names_are_safe_as_folders() {
        for good in ["le", "0", "my-ca_2", &"x".repeat(40)] {
            assert_eq!(AuthorityName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "A", "a.b", "..", "a/b", "ä", &"x".repeat(41)] {
            assert_eq!(AuthorityName::parse(bad).unwrap_err().field, "name", "{bad}");
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name_and_the_agreement_only_at_the_same_ca() {
        let mut first = answers("https://ca/a");
        (first.contact, first.agreed) = (Some("o@example.com".into()), true);
        let before = first.parse(None).unwrap();
        let changed = AuthorityAnswers { profile: Some("short".into()), ..AuthorityAnswers::default() };
        let after = changed.parse(Some(&before)).unwrap();
        assert_eq!(
            (after.contact.as_deref(), after.agreed, after.profile.as_deref()),
            (Some("o@example.com"), true, Some("short"))
        );
        let other = answers("https://ca/b").parse(Some(&before)).unwrap();
        assert!(!other.agreed);
        let cleared = AuthorityAnswers { contact: Some(String::new()), ..AuthorityAnswers::default() };
        assert_eq!(cleared.parse(Some(&before)).unwrap().contact, None);
    }

    #[test]
    fn bad_values_are_refused_at_their_fields() {
        let bad = AuthorityAnswers {
            contact: Some("nobody".into()),
            eab_kid: Some("x".repeat(201)),
            profile: Some("a\u{202e}".into()),
            challenges: vec!["http-02".into()],
            ..answers("https://ca/")
        };
        let fields: Vec<_> = bad.parse(None).unwrap_err().iter().map(|one| one.field).collect();
        assert_eq!(fields, ["contact", "eab_kid", "profile", "challenge"]);
    }
}
