//! Requests that are sent to a CA, and its answers given by browser and by command.

use super::authority::Authority;
use super::browser::Browser;
use super::console::Console;
use super::openssl::openssl;
use super::page::Page;
use serde_json::Value;

const WHO: &str = "--country=DE --state=Bavaria --city=Munich --organization=Example --email=root@nas.local \
    --common=nas.example.org --san=nas.local --san=192.0.2.7 --san=2001:db8::7 --lifetime=90";

/// Makes a CSR; its request as PEM.
pub fn request(console: &Console, name: &str, how: &str) -> Vec<u8> {
    let arguments = format!("csr create --name={name} {how} {WHO}");
    console.run(arguments.split_whitespace()).worked();
    console.run(["csr", "export", name]).worked().into_bytes()
}

/// `csr answer` with a file's content; what it prints as JSON.
pub fn answer(console: &Console, authority: &Authority, content: &[u8], more: &[&str]) -> Value {
    let file = authority.file("answer", content);
    let ran = console.run([&["csr", "answer", "--json", "--certificate", &file], more].concat());
    serde_json::from_str(&ran.worked()).unwrap()
}

/// The differences that are none of `same`: field, what was asked, what came, kind.
pub fn differences(answer: &Value) -> Vec<[&str; 4]> {
    let rows = answer["differences"].as_array().unwrap().iter();
    let rows = rows.map(|row| ["field", "asked", "got", "kind"].map(|key| row[key].as_str().unwrap()));
    rows.filter(|row| row[3] != "same").collect()
}

pub fn show(console: &Console, name: &str) -> Value {
    serde_json::from_str(&console.run(["csr", "show", name, "--json"]).worked()).unwrap()
}

pub fn der(pem: &[u8]) -> Vec<u8> {
    openssl("x509 -outform DER", pem)
}

/// Gives a certificate by the browser; the page that compares it.
pub fn give(browser: &mut Browser, path: &str, content: &[u8]) -> Page {
    let form = browser.get(path).form(path).file("certificate_file", "answer.crt", content);
    browser.send(form.enter())
}

/// The rows of the comparison: requested, issued, the badge.
pub fn rows(page: &Page) -> Vec<(String, String, String)> {
    let (asked, got) = (page.texts("td[data-label=Requested]"), page.texts("td[data-label=Issued]"));
    let badges = page.texts("td[data-label=Result]");
    asked.into_iter().zip(got).zip(badges).map(|((asked, got), badge)| (asked, got, badge)).collect()
}
