//! A browser without scripts: cookies, redirects, forms.

use super::cookies::Jar;
use super::form::Submission;
use super::origin::{Answer, Origin};
use super::page::Page;
use std::time::Duration;

/// One visitor. A clone is another tab with the cookies of now.
#[derive(Debug, Clone)]
pub struct Browser {
    pub origin: Origin,
    pub jar: Jar,
    /// Every answer so far, as it came.
    pub seen: Vec<Vec<u8>>,
}

/// Redirects that a browser follows.
const MOST_REDIRECTS: usize = 10;
/// Reloads that a visitor has patience for: a key is found by luck, so the number is generous.
const MOST_RELOADS: usize = 300;

impl Browser {
    pub fn new(origin: Origin) -> Self {
        Self { origin, jar: Jar::default(), seen: Vec::new() }
    }

    /// Opens a path and follows where it leads.
    pub fn get(&mut self, path: &str) -> Page {
        let answer = self.get_once(path);
        self.follow(path, answer)
    }

    /// Opens a path and stays there.
    pub fn get_once(&mut self, path: &str) -> Answer {
        let request = self.head("GET", path, &[]);
        self.exchange(request.into_bytes())
    }

    /// Follows a link of a page; the test fails where the page has none of that text.
    pub fn click(&mut self, page: &Page, text: &str) -> Page {
        let path = page.link(text);
        self.get(&path)
    }

    /// Sends a form and follows where it leads.
    pub fn send(&mut self, submission: Submission) -> Page {
        let path = submission.path.clone();
        let answer = self.send_once(submission);
        self.follow(&path, answer)
    }

    /// Sends a form and stays at its answer.
    pub fn send_once(&mut self, submission: Submission) -> Answer {
        let Submission { method, path, content_type, body } = submission;
        assert_eq!(method, "post", "{path}: forms that change nothing are links here");
        self.post_once(&path, &content_type, &body)
    }

    /// A POST of any body.
    pub fn post_once(&mut self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let length = body.len().to_string();
        let origin = format!("https://{}", self.origin.authority());
        let headers = [
            ("Origin", origin.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", content_type),
            ("Content-Length", &length),
        ];
        let mut request = self.head("POST", path, &headers).into_bytes();
        request.extend_from_slice(body);
        self.exchange(request)
    }

    /// A request's head, with this browser's cookies.
    pub fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let path = path.split('#').next().unwrap();
        let cookie = self.jar.header(path).map(|cookies| format!("Cookie: {cookies}\r\n")).unwrap_or_default();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let host = self.origin.authority();
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}{headers}Connection: close\r\n\r\n")
    }

    /// Sends bytes as they are and takes the cookies of the answer.
    pub fn exchange(&mut self, request: Vec<u8>) -> Answer {
        let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
        let answer = self.origin.exchange(&request, true).unwrap_or_else(|| panic!("no answer to {line}"));
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                self.jar.take(value);
            }
        }
        self.seen.push(answer.raw.clone());
        answer
    }

    fn follow(&mut self, path: &str, mut answer: Answer) -> Page {
        let mut path = path.split('#').next().unwrap().to_owned();
        let (mut redirects, mut reloads) = (0, 0);
        while redirects < MOST_REDIRECTS && reloads < MOST_RELOADS {
            if let Some(refresh) = answer.header("refresh") {
                // A browser that came with a fragment would stay at it, were the path not named.
                let (seconds, to) = refresh.split_once("; url=").expect("a page that comes again by its path");
                assert_eq!(Some(to), path.split('?').next());
                std::thread::sleep(Duration::from_secs(seconds.parse().expect("a page that reloads itself")));
                reloads += 1;
                answer = self.get_once(&path);
                continue;
            }
            if answer.status != 303 {
                return Page::new(path, answer);
            }
            redirects += 1;
            path = answer.header("location").expect("a redirect leads somewhere").to_owned();
            assert!(path.starts_with('/') && !path.starts_with("//"), "a redirect that leaves the console: {path}");
            answer = self.get_once(&path);
        }
        panic!("redirects or reloads without an end, at {path}");
    }
}

impl Answer {
    /// A header's value; the first of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}
