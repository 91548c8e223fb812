//! Authorities that are reached by EST (RFC 7030): what is set of them, and the rules for it.

use super::{Authority, MAX_TEXT, url};
use crate::invalid::{Invalid, Mistakes};
use crate::messages::authority as messages;
use crate::visible;
use serde::{Deserialize, Serialize};

/// Where EST is at a server (RFC 7030, section 3.2.2).
const PATH: &str = "/.well-known/est";
/// The longest label.
const MAX_LABEL: usize = 64;
/// What follows the path or the label, so that no label can be one of them.
const OPERATIONS: [&str; 6] = ["cacerts", "simpleenroll", "simplereenroll", "fullcmc", "serverkeygen", "csrattrs"];

/// What is set of such an authority beside its address; nothing in it is secret. It has a user or a client, never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Est {
    /// Which of several CAs of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The user whose password is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The id of the request whose key and certificate are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// The same as typed; what is missing or empty stays as it is, but for an empty label, which removes it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "as in Est; url is the server's")]
pub struct EstAnswers {
    pub url: Option<String>,
    pub label: Option<String>,
    pub user: Option<String>,
    pub client: Option<String>,
}

impl EstAnswers {
    /// The settings, over `before`. Refused at `url`, `label`, `user`.
    pub fn parse(&self, before: Option<&Authority>) -> Result<Authority, Mistakes> {
        let mut mistakes = Mistakes::none();
        let given = |value: &Option<String>| value.as_deref().map(str::trim).map(str::to_owned);
        let was = before.and_then(|before| Some((before.url.clone(), before.est.clone()?)));
        let (url, was) = match (given(&self.url).filter(|text| !text.is_empty()), was) {
            (Some(text), was) => (mistakes.keep(server(&text)), was.map(|(_, was)| was)),
            (None, Some((url, was))) => (Some((url, None)), Some(was)),
            (None, None) => (mistakes.keep(Err(messages::no_est_url())), None),
        };
        let in_url = url.as_ref().and_then(|(_, label)| label.clone());
        let label = match given(&self.label) {
            Some(text) if text.is_empty() => in_url,
            Some(text) => Some(text),
            None => in_url.or_else(|| was.as_ref().and_then(|was| was.label.clone())),
        };
        if let Some(text) = &label
            && !is_label(text)
        {
            mistakes.add(messages::label(text, MAX_LABEL));
        }
        let filled = |value: &Option<String>| given(value).filter(|text| !text.is_empty());
        let (user, client) = match (filled(&self.user), filled(&self.client)) {
            (Some(_), Some(_)) => {
                mistakes.add(messages::user_and_client());
                (None, None)
            }
            (None, None) => (was.as_ref().and_then(|was| was.user.clone()), was.and_then(|was| was.client)),
            one => one,
        };
        match &user {
            // RFC 7617, section 2: a colon ends the user.
            Some(text) if text.len() > MAX_TEXT || text.contains(':') || text.chars().any(visible::is_hidden) => {
                mistakes.add(messages::user(MAX_TEXT));
            }
            None if client.is_none() && mistakes.is_empty() => mistakes.add(messages::no_credential()),
            _ => {}
        }
        match url {
            Some((url, _)) if mistakes.is_empty() => Ok(Authority {
                url,
                contact: None,
                agreed: false,
                eab_kid: None,
                profile: None,
                preferred_chain: None,
                challenges: Vec::new(),
                dns: None,
                est: Some(Est { label, user, client }),
            }),
            _ => Err(mistakes),
        }
    }
}

/// The URL of the server, without what EST puts behind it; and the label, where it was written there.
fn server(text: &str) -> Result<(String, Option<String>), Invalid> {
    let refused = || messages::est_url(text);
    let whole = url(text).map_err(|_| refused())?;
    let rest = text.strip_prefix("https://").ok_or_else(refused)?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let path = rest.strip_prefix(host).unwrap_or_default().trim_end_matches('/');
    let label = match path.strip_prefix(PATH) {
        Some(label) => label.strip_prefix('/').map(str::to_owned),
        None if path.is_empty() => None,
        None => return Err(refused()),
    };
    if whole.contains('?') {
        return Err(refused());
    }
    Ok((format!("https://{host}"), label))
}

fn is_label(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_dots = text.bytes().all(|byte| byte == b'.');
    !is_dots && text.len() <= MAX_LABEL && text.bytes().all(is_allowed) && !OPERATIONS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(url: &str) -> EstAnswers {
        EstAnswers { url: Some(url.to_owned()), user: Some("nas".to_owned()), ..EstAnswers::default() }
    }

    #[test]
    fn an_address_is_a_server_and_its_label_may_be_written_behind_it() {
        for (good, url, label) in [
            ("https://est.example.com", "https://est.example.com", None),
            ("https://est.example.com:8443/", "https://est.example.com:8443", None),
            ("https://[2001:db8::1]/.well-known/est", "https://[2001:db8::1]", None),
            ("https://est/.well-known/est/servers/", "https://est", Some("servers")),
        ] {
            let parsed = answers(good).parse(None).unwrap();
            assert_eq!((parsed.url.as_str(), parsed.est.unwrap().label.as_deref()), (url, label));
        }
        for bad in ["", "letsencrypt", "http://est", "https://est/est", "https://u@est", "https://est/?a=b", "https://"]
        {
            let mistakes = answers(bad).parse(None).unwrap_err();
            assert_eq!(mistakes.iter().next().unwrap().field, "url", "{bad}");
        }
        for bad in ["a/b", "..", "cacerts", "a b", &"x".repeat(65)] {
            let mistakes =
                EstAnswers { label: Some(bad.to_owned()), ..answers("https://est") }.parse(None).unwrap_err();
            assert_eq!(mistakes.iter().next().unwrap().field, "label", "{bad}");
        }
    }

    #[test]
    fn a_user_and_a_client_exclude_each_other_and_one_is_needed() {
        let user = |user: Option<&str>, client: Option<&str>| EstAnswers {
            user: user.map(str::to_owned),
            client: client.map(str::to_owned),
            ..answers("https://est")
        };
        for refused in [user(None, None), user(Some("a"), Some("b")), user(Some("a:b"), None)] {
            assert_eq!(refused.parse(None).unwrap_err().iter().next().unwrap().field, "user");
        }
        let before = user(Some("a"), None).parse(None).unwrap();
        let kept = EstAnswers { label: Some("x".into()), ..EstAnswers::default() }.parse(Some(&before)).unwrap();
        assert_eq!(kept.est.unwrap(), Est { label: Some("x".into()), user: Some("a".into()), client: None });
        let other = EstAnswers { client: Some("id".into()), ..EstAnswers::default() }.parse(Some(&before)).unwrap();
        assert_eq!((other.url.as_str(), other.est.unwrap().user), ("https://est", None));
        let removed = EstAnswers { label: Some(String::new()), ..EstAnswers::default() };
        assert_eq!(removed.parse(Some(&before)).unwrap().est.unwrap().label, None);
    }

    #[test]
    fn settings_of_earlier_versions_are_those_of_acme() {
        let text = r#"{"url": "https://ca/", "challenges": ["http-01"]}"#;
        let read: Authority = serde_json::from_str(text).unwrap();
        assert!(read.est.is_none());
        let est = answers("https://est").parse(None).unwrap();
        assert_eq!(serde_json::from_str::<Authority>(&serde_json::to_string(&est).unwrap()).unwrap(), est);
    }
}
