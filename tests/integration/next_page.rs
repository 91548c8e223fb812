//! Each page shows what is on disk when it is asked for, whoever changed it; and on the wire it tells nothing of its token.

use crate::harness::console::Console;
use crate::harness::wizard;
use flate2::read::GzDecoder;
use std::fs;
use std::io::Read;

#[test]
fn a_change_by_a_command_is_on_the_very_next_page() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "first", "https-ecc");
    let mut name = "first".to_owned();
    for round in 0..20 {
        assert_eq!(browser.get("/csrs").texts("td.name"), [name.as_str()]);
        let next = format!("round-{round}");
        console.run(["csr", "rename", &name, &next]).worked();
        name = next;
    }
    assert_eq!(browser.get("/csrs").texts("td.name"), [name.as_str()]);
    console.run(["csr", "delete", &name, "--yes"]).worked();
    assert!(browser.get("/csrs").texts("td.name").is_empty());
}

#[test]
fn a_file_changed_by_hand_is_on_the_very_next_page() {
    let (console, mut browser) = Console::owned();
    for name in ["first", "second"] {
        wizard::make(&mut browser, name, "https-ecc");
    }
    let csrs = console.data().join("csrs");
    let shown = |browser: &mut crate::harness::browser::Browser| browser.get("/csrs").texts("tbody tr").join("|");
    assert!(!shown(&mut browser).contains("damaged"));
    let whole = fs::read(csrs.join("first.pem")).unwrap();
    fs::write(csrs.join("first.pem"), "edited in place").unwrap();
    let damaged = shown(&mut browser);
    fs::write(csrs.join("first.pem"), whole).unwrap();
    let mended = shown(&mut browser);
    assert_ne!(damaged, mended);
    fs::remove_file(csrs.join("second.pem")).unwrap();
    assert_eq!(browser.get("/csrs").texts("td.name"), ["first"]);
}

#[test]
fn a_page_is_compressed_only_for_its_own_origin_and_its_token_differs_each_time() {
    let (_console, mut browser) = Console::owned();
    for site in [Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site"), None] {
        let mut says = vec![("Accept-Encoding", "gzip")];
        says.extend(site.map(|site| ("Sec-Fetch-Site", site)));
        let request = browser.head("GET", "/csrs", &says);
        let [first, second] = [0, 1].map(|_| {
            let answer = browser.exchange(request.clone().into_bytes());
            assert_eq!(answer.status, 200, "{site:?}");
            if !matches!(site, Some("same-origin" | "none")) {
                assert_eq!(answer.header("content-encoding"), None, "{site:?}");
                return String::from_utf8(answer.body).unwrap();
            }
            assert_eq!(answer.header("content-encoding"), Some("gzip"), "{site:?}");
            assert_eq!(answer.header("vary"), Some("accept-encoding, sec-fetch-site"));
            let mut text = String::new();
            GzDecoder::new(&*answer.body).read_to_string(&mut text).unwrap();
            text
        });
        assert!(first != second && first.len() == second.len(), "{site:?}: the token is masked anew");
    }
}
