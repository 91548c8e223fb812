//! A cookie jar that is as strict as browsers are (RFC 6265, RFC 6265bis for the prefixes): a cookie that a browser
//! would drop fails the test.

/// The cookies of one host; ports and schemes are not told apart, as in browsers.
#[derive(Debug, Clone, Default)]
pub struct Jar(Vec<Cookie>);

#[derive(Debug, Clone)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Jar {
    /// Takes a `Set-Cookie` of an answer over HTTPS.
    pub fn take(&mut self, header: &str) {
        assert!(header.len() <= 4096, "browsers drop a cookie of {} bytes", header.len());
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').expect("a cookie has a name");
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let attribute = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
        let path = attribute("path").expect("each of our cookies says its path");
        for wanted in ["secure", "httponly"] {
            assert!(attribute(wanted).is_some(), "a cookie without {wanted}: {header}");
        }
        assert_eq!(attribute("samesite"), Some("Strict"), "{header}");
        assert_eq!(attribute("domain"), None, "a cookie for other hosts too: {header}");
        assert!(name.starts_with("__Host-") || name.starts_with("__Secure-"), "a cookie without a prefix: {header}");
        if name.starts_with("__Host-") {
            assert_eq!(path, "/", "browsers drop a __Host- cookie of another path");
        }
        self.0.retain(|cookie| cookie.name != name || cookie.path != path);
        let expired = attribute("max-age").is_some_and(|age| age.parse::<i64>().unwrap() <= 0);
        if !expired {
            self.0.push(Cookie { name: name.to_owned(), value: value.to_owned(), path: path.to_owned() });
        }
    }

    /// The `Cookie` header for a path: longer paths first.
    pub fn header(&self, path: &str) -> Option<String> {
        let mut sent: Vec<&Cookie> = self.0.iter().filter(|cookie| matches(&cookie.path, path)).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Every cookie's name.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|cookie| cookie.name.as_str()).collect()
    }

    /// The name of the session's cookie, which differs from one console to the next.
    pub fn session(&self) -> String {
        self.named(|name| !name.contains("-draft-"))
    }

    /// The name of the draft's cookie of that number.
    pub fn draft(&self, number: usize) -> String {
        self.named(|name| name.ends_with(&format!("-draft-{number}")))
    }

    fn named(&self, is_it: impl Fn(&str) -> bool) -> String {
        let ours = self.names().into_iter().find(|name| name.contains("-signet-") && is_it(name));
        ours.unwrap_or_else(|| panic!("no such cookie in {:?}", self.names())).to_owned()
    }

    /// A cookie's value.
    pub fn value(&self, name: &str) -> &str {
        let found = self.0.iter().find(|cookie| cookie.name == name);
        &found.unwrap_or_else(|| panic!("no cookie {name} in {:?}", self.names())).value
    }

    /// Changes a cookie's value, as no server would.
    pub fn tamper(&mut self, name: &str, change: impl FnOnce(&str) -> String) {
        let value = change(self.value(name));
        self.0.iter_mut().filter(|cookie| cookie.name == name).for_each(|cookie| cookie.value.clone_from(&value));
    }
}

/// RFC 6265 5.1.4.
fn matches(cookie: &str, path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap();
    let below = path.strip_prefix(cookie);
    below.is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}
