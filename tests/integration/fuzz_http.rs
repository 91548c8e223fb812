//! Requests at random, from several visitors at once: no answer is a server's error, each carries the security headers,
//! the session of the owner lives on, and memory does not grow.
//!
//! `SIGNET_FUZZ_REQUESTS` sets how many (the bench sends a million), `SIGNET_FUZZ_SEED` repeats a run. Loopback only.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::origin::{Answer, Connection, Origin, read_answer};
use crate::harness::wizard;
use std::collections::BTreeMap;
use std::io::Write;

const WORKERS: u64 = 4;

/// Resident memory may grow by so much between a quarter of the run and its end, KiB.
const GROWTH: u64 = 12 * 1024;

const PATHS: [&str; 35] = [
    "/",
    "/setup",
    "/login",
    "/logout",
    "/csrs",
    "/csrs/nas",
    "/csrs/none",
    "/csrs/nas/download",
    "/csrs/nas/key",
    "/csrs/nas/certificate",
    "/csrs/nas/certificate/download",
    "/csrs/nas/pkcs12",
    "/reply",
    "/csrs/nas/delete",
    "/csrs/nas/clone",
    "/wizard",
    "/wizard/identity",
    "/wizard/options",
    "/wizard/subject",
    "/wizard/constraints",
    "/wizard/import",
    "/wizard/certificate",
    "/wizard/confirm",
    "/wizard/progress",
    "/account",
    "/account/password",
    "/audit",
    "/help",
    "/healthz",
    "/static/signet.css",
    "/favicon.ico",
    "/csrs/",
    "/csrs/nas/",
    "//",
    "*",
];
const FIELDS: [&str; 47] = [
    "name",
    "type",
    "profile",
    "draft",
    "next",
    "back",
    "save",
    "key_type",
    "key_length",
    "ec_curve",
    "ml_dsa",
    "digest_algorithm",
    "lifetime",
    "country",
    "state",
    "city",
    "organization",
    "organizational_unit",
    "email",
    "common",
    "san",
    "bc_enabled",
    "bc_ca",
    "bc_path_length",
    "bc_critical",
    "aki_enabled",
    "aki_issuer",
    "aki_cert_issuer",
    "eku_enabled",
    "eku_critical",
    "eku_SERVER_AUTH",
    "ku_enabled",
    "ku_critical",
    "ku_digital_signature",
    "ku_key_cert_sign",
    "signing_request",
    "private_key",
    "passphrase",
    "passphrase_confirm",
    "password",
    "password_confirm",
    "current_password",
    "setup_code",
    "carried_path",
    "carried_form",
    "note",
    "csrf_token",
];
const VALUES: [&str; 41] = [
    "",
    "on",
    "off",
    "nas",
    "NAS",
    "-nas",
    "csr",
    "import",
    "certificate",
    "https-rsa",
    "https-ecc",
    "RSA",
    "EC",
    "2048",
    "ed25519",
    "SECP384R1",
    "SHA256",
    "0",
    "-1",
    "200",
    "36501",
    "99999999999999999999",
    "DE",
    "XX",
    "Bavaria",
    "root@nas.local",
    "nas.local\r\n192.0.2.1",
    "IP:::1",
    "*.nas.local",
    "xn--a",
    "..",
    "/csrs",
    "//evil.example",
    "a=1&b=2",
    "<script>alert(1)</script>",
    "\0",
    "\u{202e}\u{fffd}\u{10ffff}",
    "-----BEGIN PRIVATE KEY-----\nAAAA",
    "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----",
    "%00%ff",
    "' OR 1=1 --",
];

/// SplitMix64 (Steele, Lea, Flood 2014): enough for choosing, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next() as u8).collect()
    }

    /// Bytes that may stand in a head: no line ends; mostly what can be typed.
    fn word(&mut self, most: usize) -> Vec<u8> {
        let mut word = self.bytes(most);
        if self.one_in(10) {
            word.retain(|byte| !matches!(byte, b'\r' | b'\n'));
        } else {
            word.iter_mut().for_each(|byte| *byte = b' ' + *byte % 95);
        }
        word
    }
}

/// What a visitor knows of the console.
struct Known {
    host: String,
    owner: Browser,
    token: String,
    /// The forms of its pages as a browser would send them: path and fields.
    forms: Vec<(String, Vec<(String, String)>)>,
}

impl Known {
    fn new(console: &Console, mut owner: Browser) -> Self {
        wizard::make(&mut owner, "nas", "https-ecc");
        let mut forms = Vec::new();
        for path in ["/csrs/nas", "/csrs/nas/key", "/csrs/nas/certificate", "/reply", "/csrs/nas/delete", "/account"] {
            let target = if path == "/account" { "/account/password" } else { path };
            forms.push((target.to_owned(), owner.get(path).form(target).answers()));
        }
        forms.push(("/csrs/nas/clone".to_owned(), Vec::new()));
        let mut page = wizard::begin(&mut owner);
        let token = page.step().value("csrf_token");
        for _ in 0..5 {
            let step = match page.path.as_str() {
                "/wizard/identity" => page.step().set("name", "draft").set("profile", "https-ecc"),
                "/wizard/subject" => wizard::subject(&page),
                _ => page.step(),
            };
            let path = page.path.split('?').next().unwrap().to_owned();
            forms.push((path.clone(), step.answers()));
            if path != "/wizard/confirm" {
                page = owner.send(step.press("next"));
            }
        }
        let import = [("signing_request", ""), ("private_key", ""), ("passphrase", ""), ("passphrase_confirm", "")];
        let import = import.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        forms.push(("/wizard/import".to_owned(), import));
        let certificate = [("certificate", ""), ("private_key", ""), ("passphrase", "")];
        let certificate = certificate.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        forms.push(("/wizard/certificate".to_owned(), certificate));
        forms.push(("/login".to_owned(), vec![("password".to_owned(), String::new())]));
        Self { host: console.origin.authority(), owner, token, forms }
    }

    fn request(&self, dice: &mut Dice) -> Vec<u8> {
        let method = match dice.below(20) {
            0..=8 => "GET",
            9..=17 => "POST",
            _ => dice.of(&["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "G\u{e9}T", "CONNECT"]),
        };
        // Half of the forms that are sent are a page's own, with a field or two changed.
        let own = if method == "POST" && dice.one_in(2) { self.forms.get(dice.below(self.forms.len())) } else { None };
        let path = own.map_or_else(|| self.path(dice), |(path, _)| path.clone().into_bytes());
        let mut head = format!("{method} ").into_bytes();
        head.extend_from_slice(&path);
        head.extend_from_slice(if dice.one_in(100) { b" HTTP/1.0\r\n" } else { b" HTTP/1.1\r\n" });
        let mut line = |name: &str, value: &[u8]| {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        };
        match dice.below(40) {
            0 => {}
            1 => line("Host", &dice.word(30)),
            2 => (0..2).for_each(|_| line("Host", self.host.as_bytes())),
            _ => line("Host", self.host.as_bytes()),
        }
        if let Some(cookie) = self.cookie(dice, &String::from_utf8_lossy(&path)) {
            line("Cookie", &cookie);
        }
        for _ in 0..dice.below(3) {
            let name =
                dice.of(&["Accept", "Range", "If-None-Match", "Expect", "Upgrade", "X-Forwarded-For", "TE", "Cookie"]);
            let value = dice.word(60);
            line(name, if name == "Expect" { b"100-continue" } else { &value });
        }
        if dice.one_in(200) {
            (0..dice.below(200)).for_each(|number| line(&format!("X-{number}"), b"y"));
        }
        if method != "POST" {
            head.extend_from_slice(b"\r\n");
            return head;
        }
        match dice.below(30) {
            0 => line("Origin", b"https://evil.example"),
            1 => line("Origin", &dice.word(40)),
            2..=5 => {}
            _ => line("Origin", format!("https://{}", self.host).as_bytes()),
        }
        if dice.one_in(20) {
            line("Sec-Fetch-Site", dice.of(&["cross-site", "same-site", "none", "same-origin", ""]).as_bytes());
        }
        // A session that ends would make the rest of the run poorer: the owner never logs out.
        let leaves = path.starts_with(b"/logout") || path.windows(6).any(|part| part == b"logout");
        let body =
            if dice.one_in(20) { dice.bytes(300) } else { self.form(dice, own.map(|(_, fields)| fields), !leaves) };
        match dice.below(30) {
            0 => line("Content-Type", &dice.word(40)),
            1 => line("Content-Type", b"multipart/form-data; boundary=b"),
            _ => line("Content-Type", b"application/x-www-form-urlencoded"),
        }
        match dice.below(100) {
            0 => line("Content-Length", b"-1"),
            1 => line("Content-Length", b"99999999999999999999999"),
            2 => line("Transfer-Encoding", b"chunked"),
            3 => {}
            _ => line("Content-Length", body.len().to_string().as_bytes()),
        }
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(&body);
        head
    }

    fn path(&self, dice: &mut Dice) -> Vec<u8> {
        let mut path = dice.of(&PATHS).as_bytes().to_vec();
        if dice.one_in(4) {
            path.extend_from_slice(b"?");
            for _ in 0..dice.below(4) {
                let name = dice.of(&["q", "sort", "order", "page", "next", "told", "return", "format", "x"]);
                let value = dice.of(&VALUES);
                let pair = serde_urlencoded::to_string([(name, value)]).unwrap();
                path.extend_from_slice(pair.as_bytes());
                path.push(b'&');
            }
        }
        if dice.one_in(20) {
            let at = dice.below(path.len() + 1);
            let mut junk = dice.word(20);
            junk.retain(|byte| *byte != b' ');
            path.splice(at..at, junk);
        }
        if dice.one_in(500) {
            path.extend(std::iter::repeat_n(b'a', dice.below(20_000)));
        }
        path
    }

    fn cookie(&self, dice: &mut Dice, path: &str) -> Option<Vec<u8>> {
        let mut cookie = self.owner.jar.header(path)?.into_bytes();
        match dice.below(30) {
            0 => return None,
            1 => return Some(dice.word(100)),
            2 => {
                let at = dice.below(cookie.len());
                cookie[at] = cookie[at].wrapping_add(1).clamp(b'!', b'~');
            }
            3 => cookie.truncate(dice.below(cookie.len())),
            4 => cookie.splice(0..0, dice.word(40)).for_each(drop),
            _ => {}
        }
        Some(cookie)
    }

    fn form(&self, dice: &mut Dice, own: Option<&Vec<(String, String)>>, with_token: bool) -> Vec<u8> {
        let mut fields: BTreeMap<String, String> = own.into_iter().flatten().cloned().collect();
        if with_token && !dice.one_in(15) {
            fields.insert("csrf_token".into(), self.token.clone());
        }
        if own.is_some() && dice.one_in(4) {
            fields.insert(dice.of(&["next", "back", "save"]).to_owned(), String::new());
        }
        for _ in 0..if own.is_some() { dice.below(3) } else { dice.below(14) } {
            let name = match (own, dice.one_in(6)) {
                (Some(_), false) if !fields.is_empty() => {
                    let at = dice.below(fields.len());
                    fields.keys().nth(at).unwrap().clone()
                }
                _ => dice.of(&FIELDS).to_owned(),
            };
            let value = match dice.below(8) {
                0 => String::from_utf8_lossy(&dice.bytes(60)).into_owned(),
                1 => dice.of(&VALUES).repeat(dice.below(2_000)),
                _ => dice.of(&VALUES).to_owned(),
            };
            fields.insert(name, value);
        }
        let mut body = serde_urlencoded::to_string(&fields).unwrap().into_bytes();
        if dice.one_in(20) && !body.is_empty() {
            let at = dice.below(body.len());
            body[at] = dice.next() as u8;
        }
        body
    }
}

/// What must be true of every answer.
fn judge(answer: &Answer) -> Result<(), String> {
    if answer.status >= 500 {
        return Err(format!("status {}", answer.status));
    }
    // hyper answers itself what is no request at all.
    let by_hyper = answer.body.is_empty() && matches!(answer.status, 400 | 414 | 431);
    let has = |name: &str| answer.header(name).is_some();
    let all = has("content-security-policy") && has("x-content-type-options") && has("cache-control");
    if !by_hyper && !all {
        return Err(format!("no security headers on a {}", answer.status));
    }
    Ok(())
}

fn run(origin: &Origin, known: &Known, worker: u64, seed: u64, requests: u64) -> BTreeMap<u16, u64> {
    let mut dice = Dice(seed.wrapping_add(worker));
    let mut connection: Option<Connection> = None;
    let mut statuses = BTreeMap::new();
    for number in 0..requests {
        let request = known.request(&mut dice);
        let failed = |what: &str| -> ! {
            panic!("seed {seed}, worker {worker}, request {number}: {what}\n{}", String::from_utf8_lossy(&request))
        };
        // Now and then half a request, after which the client is gone; it gets an answer or none.
        if dice.one_in(200) {
            let half = &request[..dice.below(request.len())];
            let answer = origin.exchange(half, false);
            answer.iter().for_each(|answer| judge(answer).unwrap_or_else(|what| failed(&what)));
            continue;
        }
        let open = connection.get_or_insert_with(|| origin.connect());
        let _ = open.write_all(&request).and_then(|()| open.flush());
        let sent_whole = !request.starts_with(b"CONNECT") && !is_unfinished(&request);
        let answer = if sent_whole { read_answer(open, request.starts_with(b"HEAD ")) } else { None };
        let Some(answer) = answer else {
            connection = None;
            continue;
        };
        judge(&answer).unwrap_or_else(|what| failed(&what));
        *statuses.entry(answer.status).or_insert(0) += 1;
        let closes = answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        // What stands behind a body that was not read is not a request.
        if closes || answer.status >= 400 {
            connection = None;
        }
    }
    statuses
}

/// Nobody can tell where such a request ends: its connection is given up.
fn is_unfinished(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    ["Transfer-Encoding", "Content-Length: -1", "Content-Length: 9999999"].iter().any(|part| text.contains(part))
}

#[test]
fn random_requests_meet_no_error_of_the_server_and_leave_it_as_it_was() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let requests = number("SIGNET_FUZZ_REQUESTS").unwrap_or(4_000).min(100_000_000);
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).unwrap();
    let seed = number("SIGNET_FUZZ_SEED").unwrap_or(u64::from_ne_bytes(random));
    println!("SIGNET_FUZZ_SEED={seed}");
    let (mut console, owner) = Console::owned();
    assert!(console.origin.address.ip().is_loopback());
    let known = Known::new(&console, owner);
    let batch = |part: u64, share: u64| -> BTreeMap<u16, u64> {
        let (known, origin) = (&known, &console.origin);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS)
                .map(|worker| scope.spawn(move || run(origin, known, part * WORKERS + worker, seed, share / WORKERS)))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).fold(
                BTreeMap::new(),
                |mut all, (status, n)| {
                    *all.entry(status).or_insert(0) += n;
                    all
                },
            )
        })
    };
    let mut statuses = batch(0, requests / 4);
    // A password's hash takes its 19 MiB once; some allocators keep them.
    let mut guesser = console.browser();
    let form = guesser.get("/login").form("/login").set("password", "a wrong password");
    guesser.send(form.enter());
    let before = console.resident_kib();
    for (status, count) in batch(1, requests - requests / 4) {
        *statuses.entry(status).or_insert(0) += count;
    }
    let after = console.resident_kib();
    println!("{statuses:?}; resident {before} KiB, then {after} KiB");
    assert!(after <= before + GROWTH, "memory grew from {before} to {after} KiB");
    // The run got somewhere: pages, redirects, refusals of every layer.
    for status in [200, 303, 400, 403, 404, 405, 422] {
        assert!(statuses.contains_key(&status), "no {status} in {statuses:?}");
    }
    console.lives();
    let mut owner = known.owner.clone();
    owner.get("/csrs").expect(200, "Certificate Signing Requests");
    assert!(owner.get("/audit").texts("[role=alert]").is_empty());
    let log = String::from_utf8_lossy(&console.log()).into_owned();
    assert!(!log.contains("panicked") && !log.contains(PASSWORD), "{log}");
}
