//! A form's fields: read whole and strictly, and reachable only through the CSRF check.
//!
//! Bodies are checked for UTF-8 before they are decoded, since form decoding would replace what is not. A repeated or
//! an unknown field is refused: no page of ours sends one. What was read is zeroized when dropped, for any field may
//! hold a secret.

use super::error::WebError;
use super::messages::forms as say;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_app::seal::Seal;
use signet_domain::secret::Secret;
use std::collections::BTreeMap;
use zeroize::{Zeroize, Zeroizing};

/// Fields that one form may have.
const MOST_FIELDS: usize = 100;

/// A body that was read and not yet looked into.
pub struct RawForm {
    texts: BTreeMap<String, Zeroizing<String>>,
    files: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

/// The fields of a form whose token fits.
pub struct Fields(RawForm);

impl RawForm {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Result<Self, WebError> {
        let plain = Zeroizing::new(percent_encoding::percent_decode(body).collect::<Vec<u8>>());
        if std::str::from_utf8(&plain).is_err() {
            return Err(WebError::BadRequest(say::NOT_UTF8));
        }
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(body).map_err(|_| WebError::BadRequest(say::UNREADABLE))?;
        let mut form = Self::empty();
        for (name, value) in pairs {
            form.add_text(name, value)?;
        }
        Ok(form)
    }

    /// A form without fields yet.
    pub fn empty() -> Self {
        Self { texts: BTreeMap::new(), files: BTreeMap::new() }
    }

    /// Adds a text; line ends become `\n`, as they were typed.
    pub fn add_text(&mut self, name: String, mut value: String) -> Result<(), WebError> {
        let text =
            Zeroizing::new(if value.contains('\r') { value.replace("\r\n", "\n") } else { std::mem::take(&mut value) });
        value.zeroize();
        self.has_room()?;
        match self.texts.insert(name, text) {
            None => Ok(()),
            Some(_) => Err(WebError::BadRequest(say::REPEATED_FIELD)),
        }
    }

    /// Adds an uploaded file.
    pub fn add_file(&mut self, name: String, content: Zeroizing<Vec<u8>>) -> Result<(), WebError> {
        self.has_room()?;
        match self.files.insert(name, content) {
            None => Ok(()),
            Some(_) => Err(WebError::BadRequest(say::REPEATED_FIELD)),
        }
    }

    fn has_room(&self) -> Result<(), WebError> {
        if self.texts.len() + self.files.len() < MOST_FIELDS {
            return Ok(());
        }
        Err(WebError::BadRequest(say::TOO_MANY_FIELDS))
    }

    /// The fields, if the form's token belongs to the visitor's cookie.
    pub fn authentic(mut self, seal: &Seal, cookie: &str) -> Result<Fields, WebError> {
        let token = self.texts.remove("csrf_token").unwrap_or_default();
        if !unmasked(&token).is_some_and(|token| seal.token_fits(cookie, &token)) {
            return Err(WebError::Forbidden(say::OTHER_SESSION));
        }
        Ok(Fields(self))
    }

    /// What may be carried over a login, without the token and every secret; files are left out.
    pub fn carried(&self) -> Vec<(String, String)> {
        let kept = |name: &str| !is_secret(name) && name != "csrf_token";
        self.texts
            .iter()
            .filter(|(name, value)| kept(name) && !holds_private_key(value))
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect()
    }
}

/// Fields whose value never comes back to a page.
fn is_secret(name: &str) -> bool {
    ["password", "passphrase", "private_key", "setup_code", "eab_key", "tsig_secret"]
        .iter()
        .any(|part| name.contains(part))
}

/// A private key that was pasted into a field for something else: no page shows it again.
pub fn holds_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY")
}

impl Fields {
    /// A field's text; empty when the form has it not.
    pub fn text(&mut self, name: &str) -> String {
        self.0.texts.remove(name).map(|value| value.to_string()).unwrap_or_default()
    }

    /// A field's text without surrounding blanks.
    pub fn trimmed(&mut self, name: &str) -> String {
        self.text(name).trim().to_owned()
    }

    /// A secret field's text.
    pub fn secret(&mut self, name: &str) -> Zeroizing<String> {
        self.0.texts.remove(name).unwrap_or_default()
    }

    /// An uploaded file; none when nothing was chosen.
    pub fn file(&mut self, name: &str) -> Option<Secret> {
        // A browser sends an empty part for a file field that was left alone; a form without files sends a text.
        let _ = self.0.texts.remove(name);
        let mut content = self.0.files.remove(name).filter(|content| !content.is_empty())?;
        Some(Secret::new(std::mem::take(&mut *content)))
    }

    /// A checkbox: `on` or absent.
    pub fn checkbox(&mut self, name: &str) -> Result<bool, WebError> {
        match self.0.texts.remove(name).as_ref().map(|value| value.as_str()) {
            None => Ok(false),
            Some("on") => Ok(true),
            Some(_) => Err(WebError::BadRequest(say::CHECKBOX)),
        }
    }

    /// The checkboxes whose names begin so and that are ticked: what follows `prefix`, in the names' order.
    pub fn ticked(&mut self, prefix: &str) -> Result<Vec<String>, WebError> {
        let names = self.0.texts.keys().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned);
        let names: Vec<String> = names.collect();
        for name in &names {
            self.checkbox(&format!("{prefix}{name}"))?;
        }
        Ok(names)
    }

    /// True when the form was sent by the button of that name.
    pub fn button(&mut self, name: &str) -> bool {
        self.0.texts.remove(name).is_some()
    }

    /// The end of a form: nothing may be left.
    pub fn finish(self) -> Result<(), WebError> {
        if self.0.texts.is_empty() && self.0.files.is_empty() {
            return Ok(());
        }
        Err(WebError::BadRequest(say::UNKNOWN_FIELD))
    }
}

/// The text of a token, as forms carry it: `pad || (token xor pad)` under a random pad of each answer, so that a
/// compressed page's length tells nothing about the token (`compress`).
pub fn token_text(token: &[u8; 32], pad: &[u8; 32]) -> String {
    let masked = std::array::from_fn(|at| token.get(at).zip(pad.get(at)).map_or(0, |(token, pad)| token ^ pad));
    URL_SAFE_NO_PAD.encode([*pad, masked].as_flattened())
}

fn unmasked(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (pad, masked) = bytes.split_at_checked(32).filter(|(_, masked)| masked.len() == 32)?;
    Some(pad.iter().zip(masked).map(|(pad, masked)| pad ^ masked).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(body: &str) -> Result<Fields, WebError> {
        let seal = Seal::new(&Secret::new(vec![1; 32])).unwrap();
        let token = token_text(&seal.token("cookie"), &[0xA5; 32]);
        RawForm::parse(format!("{body}&csrf_token={token}").as_bytes())?.authentic(&seal, "cookie")
    }

    #[test]
    fn fields_are_reached_with_the_sessions_token_only() {
        let seal = Seal::new(&Secret::new(vec![1; 32])).unwrap();
        for token in ["", "AAAA", &token_text(&seal.token("other"), &[0xA5; 32]), &"A".repeat(86), &"A".repeat(43)] {
            let form = RawForm::parse(format!("a=1&csrf_token={token}").as_bytes()).unwrap();
            assert!(matches!(form.authentic(&seal, "cookie"), Err(WebError::Forbidden(_))));
        }
        assert!(fields("a=1").is_ok());
    }

    #[test]
    fn a_token_looks_different_in_each_answer() {
        let seal = Seal::new(&Secret::new(vec![1; 32])).unwrap();
        let texts = [[0; 32], [7; 32], [0xFF; 32]].map(|pad| token_text(&seal.token("cookie"), &pad));
        assert!(texts[0][43..] != texts[1][43..] && texts[1][43..] != texts[2][43..]);
        for text in texts {
            let form = RawForm::parse(format!("csrf_token={text}").as_bytes()).unwrap();
            assert!(form.authentic(&seal, "cookie").is_ok());
        }
    }

    #[test]
    fn bad_utf8_repeated_and_unknown_fields_are_refused() {
        for body in ["a=%ff", "a=%C3", "a=1&a=2", "a=%C3&b=%A9"] {
            assert!(matches!(fields(body), Err(WebError::BadRequest(_))), "{body}");
        }
        let mut form = fields("a=1&b=2").unwrap();
        assert_eq!(form.text("a"), "1");
        assert!(form.finish().is_err());
    }

    #[test]
    fn line_ends_come_in_as_they_were_typed() {
        assert_eq!(fields("a=x%0D%0Ay").unwrap().text("a"), "x\ny");
    }

    #[test]
    fn a_checkbox_is_on_or_absent() {
        assert!(fields("a=on").unwrap().checkbox("a").unwrap());
        assert!(!fields("b=on").unwrap().checkbox("a").unwrap());
        assert!(fields("a=yes").unwrap().checkbox("a").is_err());
    }

    #[test]
    fn secrets_are_not_carried_over_a_login() {
        let form =
            RawForm::parse(b"name=a&password=b&eab_key=e&tsig_secret=t&passphrase_confirm=c&private_key=d&csrf_token=e&current_password=f&signing_request=-----BEGIN+PRIVATE+KEY-----")
                .unwrap();
        assert_eq!(form.carried(), [("name".to_owned(), "a".to_owned())]);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = RawForm::parse(&body);
        }
    }
}
