//! Pages that are kept in memory are given away only while what they show still lies on the disk.

use crate::harness::console::Console;
use crate::harness::origin::Answer;
use crate::harness::wizard;
use flate2::read::GzDecoder;
use std::io::Read;

#[test]
fn what_a_command_did_stands_on_the_page_that_is_asked_for_next() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "first", "https-ecc");
    let mut name = "first".to_owned();
    for round in 0..40 {
        // Twice: the second one comes from memory.
        for _ in 0..2 {
            assert_eq!(browser.get("/csrs").texts("td[data-label=Name]"), [name.as_str()]);
        }
        let next = format!("round-{round}");
        console.run(["csr", "rename", &name, &next]).worked();
        name = next;
    }
    assert_eq!(browser.get("/csrs").texts("td[data-label=Name]"), [name]);
}

/// What an answer's head says, but for its moment.
fn says(answer: &Answer) -> Vec<(String, String)> {
    let mut says = answer.headers.clone();
    says.retain(|(name, _)| name != "date");
    says.sort();
    says
}

fn unpacked(page: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(page).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_page_from_memory_says_what_the_drawn_one_said() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "first", "https-ecc");
    let mut stranger = console.browser();
    stranger.get("/login");
    for (visitor, path) in [(&mut browser, "/csrs"), (&mut stranger, "/login")] {
        // A query of its own: no such page has been drawn.
        let path = format!("{path}?q=first");
        let [drawn, kept] = [0, 1].map(|_| visitor.get_once(&path));
        assert_eq!(says(&drawn), says(&kept), "{path}");
        assert_ne!(drawn.body, kept.body, "{path}: its tokens are masked anew");
        let wants = [("Accept-Encoding", "gzip"), ("Sec-Fetch-Site", "none")];
        let small = visitor.head("GET", &format!("{path}&small"), &wants);
        let [drawn, kept] = [0, 1].map(|_| visitor.exchange(small.clone().into_bytes()));
        assert_eq!(kept.header("content-encoding"), Some("gzip"), "{path}");
        let but_for_size = |answer: &Answer| {
            let mut says = says(answer);
            says.retain(|(name, _)| name != "content-length");
            says
        };
        assert_eq!(but_for_size(&drawn), but_for_size(&kept), "{path}");
        assert_eq!(unpacked(&drawn.body).len(), unpacked(&kept.body).len(), "{path}");
    }
}

#[test]
fn a_form_of_a_page_from_memory_is_the_visitors_own() {
    let (console, mut browser) = Console::owned();
    let pages = [0, 1].map(|_| browser.get("/csrs"));
    let mut stranger = console.browser();
    stranger.get("/login");
    let [_, kept] = [0, 1].map(|_| stranger.get("/login"));
    assert!(kept.texts("td").is_empty(), "the owner's page is not the stranger's");
    let [_, kept] = pages;
    browser.send(kept.form("/logout").enter()).expect(200, "Log in");
    browser.get("/csrs").expect(200, "Log in");
}
