//! The console behind the device's web server, as far as that only passes requests on: a base path, a socket, headers.
//!
//! Each answer is held to be below the base path before the path is taken away again, so that every walk of the other tests can
//! be taken behind a proxy, too.

use super::origin::{Answer, PATIENCE, read_answer};
use scraper::{Html, Selector};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// How a console is reached.
#[derive(Debug, Clone)]
pub struct Proxied {
    pub socket: PathBuf,
    /// What the browser types, such as `nas.example.com`.
    pub host: String,
    /// Empty, or such as `/certificates`.
    pub base_path: String,
    /// What the proxy adds to each head: whole lines, each with its end.
    pub headers: String,
}

impl Proxied {
    /// Passes a request on and gives its answer back.
    pub fn exchange(&self, request: &[u8]) -> Option<Answer> {
        let at = request.windows(2).position(|two| two == b"\r\n").expect("a request has a first line");
        let line = std::str::from_utf8(&request[..at]).expect("a first line is ASCII").replacen(
            " /",
            &format!(" {}/", self.base_path),
            1,
        );
        let mut socket = UnixStream::connect(&self.socket).unwrap_or_else(|error| panic!("{:?}: {error}", self.socket));
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.write_all(format!("{line}\r\n{}", self.headers).as_bytes()).unwrap();
        socket.write_all(&request[at + 2..]).unwrap();
        let answer = read_answer(&mut socket, request.starts_with(b"HEAD "))?;
        Some(self.within(answer))
    }

    /// The answer with the console's own paths, of which each was below the base path.
    fn within(&self, mut answer: Answer) -> Answer {
        let base = &self.base_path;
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        for (name, value) in &mut answer.headers {
            let own = |value: &str| {
                let inner = value.strip_prefix(base.as_str()).filter(|inner| inner.starts_with('/'));
                inner.unwrap_or_else(|| panic!("{name}: {value} is not below {base}")).to_owned()
            };
            match name.as_str() {
                "location" => *value = own(value),
                "refresh" => {
                    let (seconds, to) = value.split_once("; url=").expect("a page that comes again by its path");
                    *value = format!("{seconds}; url={}", own(to));
                }
                "set-cookie" => {
                    let path =
                        value.split("; ").find_map(|part| part.strip_prefix("Path=")).expect("a cookie says its path");
                    assert!(
                        path == base || (base.is_empty() && path == "/") || path == format!("{base}/wizard"),
                        "{value}"
                    );
                    assert_eq!(value.starts_with("__Host-"), path == "/", "{value}");
                    let own = if path.ends_with("/wizard") { "/wizard" } else { "/" };
                    *value = value.replacen(&format!("Path={path};"), &format!("Path={own};"), 1);
                }
                _ => {}
            }
        }
        if is_page && !answer.body.is_empty() {
            let page = String::from_utf8(answer.body).expect("a page is UTF-8");
            self.is_within(&page);
            let own = ["href", "action", "src"]
                .iter()
                .fold(page, |page, name| page.replace(&format!("{name}=\"{base}/"), &format!("{name}=\"/")));
            answer.body = own.into_bytes();
        }
        answer
    }

    /// Fails where the page has a URL outside the base path, whatever attribute it is in.
    fn is_within(&self, page: &str) {
        let all = Selector::parse("*").unwrap();
        let mut seen = 0;
        for element in Html::parse_document(page).select(&all) {
            let value = element.value();
            for name in ["href", "src", "action", "formaction", "data", "poster", "srcset", "cite", "manifest"] {
                let Some(url) = value.attr(name).filter(|url| !url.starts_with('#')) else { continue };
                seen += 1;
                let inner = url.strip_prefix(self.base_path.as_str());
                assert!(
                    inner.is_some_and(|inner| inner.starts_with('/') && !inner.starts_with("//")),
                    "<{} {name}={url}>",
                    value.name()
                );
            }
            assert!(value.attr("style").is_none() && value.attr("http-equiv").is_none(), "{}", value.name());
        }
        assert!(seen > 2, "a page has its style sheet, its icon and a link");
    }
}
