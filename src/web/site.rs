//! Where the console is in a visitor's browser: the path that its own paths are below, its origin, and its cookies.
//!
//! There are two such places: at the console's own port, and behind the device's web server. A request's peer says which of
//! them counts. Pages, redirects and links are written with the console's own paths; [`Site::place`] is the one place that
//! puts them below the base path.

use super::cookies::Cookies;
use super::error::WebError;
use super::reply::Reply;
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, REFRESH};
use signet_app::config::{Proxy, PublicOrigin};
use signet_app::seal::Seal;

/// Attributes whose values are paths of the console where they begin with a slash. A visitor's text cannot hold them: a quote
/// in it is escaped.
const PATHS: [&str; 4] = ["href", "action", "src", "srcset"];

/// One place.
#[derive(Debug, Clone)]
pub struct Site {
    /// The device's web server is between the console and the visitor, who does not see the console's own certificate.
    pub proxied: bool,
    base_path: String,
    public: Option<PublicOrigin>,
    session: String,
    draft: String,
}

/// Both of a console.
#[derive(Debug)]
pub struct Sites {
    direct: Site,
    proxied: Site,
}

impl Sites {
    /// Of a console whose cookies have names that no other console of the same host name uses.
    pub fn new(seal: &Seal, proxy: Option<&Proxy>) -> Self {
        let instance = seal.instance();
        let direct = Site::new(&instance, "", None, false);
        let proxied = match proxy {
            Some(proxy) => Site::new(&instance, &proxy.base_path, proxy.public.clone(), true),
            None => Site::new(&instance, "", None, true),
        };
        Self { direct, proxied }
    }

    /// The one that a visitor came by.
    pub fn of(&self, proxied: bool) -> &Site {
        if proxied { &self.proxied } else { &self.direct }
    }
}

impl Site {
    fn new(instance: &str, base_path: &str, public: Option<PublicOrigin>, proxied: bool) -> Self {
        // Browsers take a name with this prefix for the whole host alone (RFC 6265bis 4.1.3.2).
        let prefix = if base_path.is_empty() { "__Host-" } else { "__Secure-" };
        Self {
            proxied,
            base_path: base_path.to_owned(),
            public,
            session: format!("{prefix}signet-{instance}"),
            draft: format!("__Secure-signet-{instance}-draft-"),
        }
    }

    /// The console's own path of a request's. A proxy may pass the base path on, or take it away.
    ///
    /// # Errors
    /// [`WebError::BasePathTwice`] for a path that has it twice.
    pub fn own_path<'a>(&self, path: &'a str) -> Result<&'a str, WebError> {
        let Some(inner) = self.below(path) else { return Ok(path) };
        match self.below(inner) {
            Some(_) => Err(WebError::BasePathTwice { base_path: self.base_path.clone() }),
            None if inner.is_empty() => Ok("/"),
            None => Ok(inner),
        }
    }

    /// What follows the base path; none where there is none, or the path is another.
    fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        let inner = path.strip_prefix(&*self.base_path).filter(|_| !self.base_path.is_empty())?;
        (inner.is_empty() || inner.starts_with('/')).then_some(inner)
    }

    /// The path that the console's own are below; empty for the host's root.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The one origin whose forms are taken; none where it is that of the host that the visitor asked.
    pub fn origin(&self) -> Option<&str> {
        self.public.as_ref().map(|public| &*public.origin)
    }

    /// The host by which the visitor knows the console, where it is not the one that a request names.
    pub fn host(&self) -> Option<&str> {
        self.public.as_ref().map(|public| &*public.host)
    }

    /// The session cookie's value, if it can be one.
    pub fn session<'a>(&self, cookies: &'a Cookies) -> Option<&'a str> {
        cookies.get(&self.session).filter(|value| (20..=64).contains(&value.len()))
    }

    /// The `Set-Cookie` value for the session's cookie.
    pub fn set_session(&self, value: &str) -> String {
        let path = if self.base_path.is_empty() { "/" } else { &self.base_path };
        format!("{}={value}; Path={path}; Secure; HttpOnly; SameSite=Strict", self.session)
    }

    /// The name of a draft's cookie of that number.
    pub fn draft_name(&self, number: usize) -> String {
        format!("{}{number}", self.draft)
    }

    /// The `Set-Cookie` value for a draft's cookie of that number. Cookies ignore ports: with a shorter path they would reach
    /// the device's other services and their limits on heads.
    pub fn set_draft(&self, number: usize, value: &str) -> String {
        let Self { draft, base_path, .. } = self;
        format!("{draft}{number}={value}; Path={base_path}/wizard; Secure; HttpOnly; SameSite=Strict")
    }

    /// The reply with its redirects, links and forms below the base path.
    pub fn place(&self, reply: Reply) -> Reply {
        if self.base_path.is_empty() {
            return reply;
        }
        let (mut parts, body) = reply.into_parts();
        self.place_header(&mut parts.headers, &LOCATION, "/");
        self.place_header(&mut parts.headers, &REFRESH, "; url=/");
        if !parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            return Reply::from_parts(parts, body);
        }
        // The body is whole in memory: there is nothing to wait for.
        let page = body.collect().now_or_never().and_then(Result::ok).map(http_body_util::Collected::to_bytes);
        let page = page.unwrap_or_default();
        let placed = std::str::from_utf8(&page).ok().map(|text| self.place_links(text));
        Reply::from_parts(parts, Full::new(placed.map_or(page, Bytes::from)))
    }

    /// Puts the base path before the slash at the end of `mark`, which is where the value has its first path.
    fn place_header(&self, headers: &mut HeaderMap, name: &HeaderName, mark: &str) {
        let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) else { return };
        let Some(at) = value.find(mark).map(|at| at + mark.len() - 1) else { return };
        let (before, path) = value.split_at(at);
        if let Ok(value) = HeaderValue::from_str(&format!("{before}{}{path}", self.base_path)) {
            headers.insert(name, value);
        }
    }

    fn place_links(&self, page: &str) -> String {
        let mut placed = String::with_capacity(page.len() + 64 * self.base_path.len());
        let mut rest = page;
        while let Some(at) = rest.find("=\"/") {
            let (attribute, path) = rest.split_at(at + 2);
            placed.push_str(attribute);
            if PATHS.iter().any(|name| attribute.get(..at).is_some_and(|before| before.ends_with(name))) {
                placed.push_str(&self.base_path);
            }
            rest = path;
        }
        placed + rest
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::{body, refreshed, see_other, with};
    use super::*;
    use hyper::StatusCode;
    use hyper::header::SET_COOKIE;
    use signet_domain::secret::Secret;

    fn sites(base_path: &str, key: u8) -> Sites {
        let seal = Seal::new(&Secret::new(vec![key; 32])).unwrap();
        Sites::new(&seal, Some(&Proxy { base_path: base_path.to_owned(), ..Proxy::default() }))
    }

    fn text(reply: Reply) -> String {
        let bytes = reply.into_body().collect().now_or_never().unwrap().unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn the_base_path_may_be_passed_on_or_taken_away_and_not_be_there_twice() {
        let sites = sites("/certificates", 1);
        let site = sites.of(true);
        for (path, own) in [
            ("/certificates", "/"),
            ("/certificates/", "/"),
            ("/certificates/csrs/nas", "/csrs/nas"),
            ("/csrs/nas", "/csrs/nas"),
            ("/certificatesx", "/certificatesx"),
            ("/", "/"),
        ] {
            assert_eq!(site.own_path(path).unwrap(), own, "{path}");
            assert_eq!(sites.of(false).own_path(path).unwrap(), path, "at the console's own port there is none");
        }
        for path in ["/certificates/certificates", "/certificates/certificates/csrs"] {
            assert!(matches!(site.own_path(path), Err(WebError::BasePathTwice { .. })), "{path}");
        }
    }

    #[test]
    fn links_forms_and_redirects_are_below_it_and_what_a_visitor_typed_is_left_alone() {
        let sites = sites("/certificates", 1);
        let site = sites.of(true);
        let page = r##"<a href="/csrs"><form action="/login#summary"><button formaction="/x"><a href="#main"><img src="/static/i.svg"><source srcset="/static/d.svg">
<input value="/csrs/nas"><p>href=&#34;/csrs&#34;</p><a href="https://ca.example/">"##;
        let placed = r##"<a href="/certificates/csrs"><form action="/certificates/login#summary"><button formaction="/certificates/x"><a href="#main"><img src="/certificates/static/i.svg"><source srcset="/certificates/static/d.svg">
<input value="/csrs/nas"><p>href=&#34;/csrs&#34;</p><a href="https://ca.example/">"##;
        let reply = || body(StatusCode::OK, page.into(), "text/html; charset=utf-8");
        assert_eq!(text(site.place(reply())), placed);
        assert_eq!(text(sites.of(false).place(reply())), page);
        let file = body(StatusCode::OK, page.into(), "application/pkcs10");
        assert_eq!(text(site.place(file)), page, "a file is no page");
        let header = |reply: &Reply, name| reply.headers().get(name).unwrap().to_str().unwrap().to_owned();
        let moved = site.place(see_other("/login?next=%2Fcsrs%2Fnas"));
        assert_eq!(header(&moved, LOCATION), "/certificates/login?next=%2Fcsrs%2Fnas");
        let again = site.place(refreshed(see_other("/"), 1, "/wizard/progress"));
        assert_eq!(header(&again, REFRESH), "1; url=/certificates/wizard/progress");
        let kept = site.place(with(see_other("/"), SET_COOKIE, "a=b; Path=/"));
        assert_eq!(header(&kept, SET_COOKIE), "a=b; Path=/", "cookies have their path already");
    }

    #[test]
    fn cookies_are_the_hosts_where_the_console_has_it_alone_and_no_other_consoles() {
        let (below, whole, other) = (sites("/certificates", 1), sites("", 1), sites("", 2));
        let set = |sites: &Sites, proxied| sites.of(proxied).set_session("v");
        assert!(set(&below, true).starts_with("__Secure-signet-"));
        assert!(set(&below, true).contains("=v; Path=/certificates; Secure; HttpOnly; SameSite=Strict"));
        for (sites, proxied) in [(&below, false), (&whole, false), (&whole, true)] {
            assert!(set(sites, proxied).starts_with("__Host-signet-") && set(sites, proxied).contains("; Path=/; "));
        }
        assert_ne!(set(&whole, false), set(&other, false), "another console of the same host name");
        assert!(
            below
                .of(true)
                .set_draft(3, "v")
                .ends_with("-draft-3=v; Path=/certificates/wizard; Secure; HttpOnly; SameSite=Strict")
        );
        assert!(whole.of(false).set_draft(0, "v").contains("; Path=/wizard; "));
    }

    #[test]
    fn only_a_value_of_a_sessions_length_is_one() {
        let sites = sites("", 1);
        let site = sites.of(false);
        let of = |value: &str| Cookies::from_iter([(site.session.clone(), value.to_owned())]);
        let value = super::super::session::cookie_of(&[7; 32]);
        assert_eq!(site.session(&of(&value)), Some(&*value));
        for nothing in ["", "short", &value.repeat(2)] {
            assert_eq!(site.session(&of(nothing)), None, "{nothing}");
        }
    }
}
