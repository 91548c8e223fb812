//! What a CA can do wrong, one row each: what the command, the page, `check` and the audit log say, and that nothing is lost by
//! it. The same table is in docs/enrollment.md.

use crate::enroll::{create, device, json, nothing_is_left, root_of, status, verifies};
use crate::harness::authority::Authority;
use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::fault_proxy::{Fault, FaultProxy, Reply, Shown, at};
use crate::harness::openssl::openssl;
use serde_json::Value;
use signet_testing::pebble::{Pebble, Settings};
use signet_testing::until;

/// A device whose CA is behind the proxy, and which has an account there.
pub(super) struct Device {
    pub(super) console: Console,
    pub(super) browser: Browser,
    pub(super) pebble: Pebble,
    pub(super) proxy: FaultProxy,
}

/// One way to fail.
#[derive(Clone)]
struct Row {
    /// What happens.
    fault: &'static str,
    code: &'static str,
    exit: i32,
    /// What is wrong; `…` stands for any text.
    says: &'static str,
    /// What to do.
    remedy: &'static str,
    /// Without a person.
    again: bool,
    set: fn(&FaultProxy),
}

const GO_ON: &str = "If this goes on, check the network and ask the CA's operator.";
const OF_ACME: &str = "If this goes on, check the authority's address: `signet ca test NAME` tries it. It must be the CA's ACME directory.";
const OF_PATIENCE: &str = "Wait: it is tried again automatically.";

fn instead(proxy: &FaultProxy, start: &'static str, reply: Reply) {
    proxy.rule(at(start, move || Fault::Instead(reply.clone())));
}

/// What is wrong before the CA has heard anything.
const UNREACHABLE: [Row; 7] = [
    Row {
        fault: "The CA is down",
        code: "unreachable",
        exit: 69,
        says: "… cannot be reached at port …: Connection refused (os error 111).",
        remedy: "Check the authority's address and port, and the firewall. A proxy is set in signet.toml, [network].",
        again: true,
        set: |proxy| proxy.show(Shown::Down),
    },
    Row {
        fault: "The connection breaks before the answer",
        code: "unreachable",
        exit: 69,
        says: "The connection to … broke: ….",
        remedy: GO_ON,
        again: true,
        set: |proxy| proxy.rule(at("POST /finalize-order", || Fault::Lost)),
    },
    Row {
        fault: "The certificate of its web server is of an unknown root",
        code: "untrusted",
        exit: 69,
        says: "The certificate of … is not trusted: it does not chain to a root of this authority.",
        remedy: "Give the CA's root certificate with `signet ca change NAME --root FILE`, or check the address.",
        again: true,
        set: |proxy| proxy.show(Shown::OtherRoot),
    },
    Row {
        fault: "… has expired",
        code: "untrusted",
        exit: 69,
        says: "The certificate of … is not trusted: it has expired.",
        remedy: "Check this device's clock. If it is right, the CA's operator must renew the certificate.",
        again: true,
        set: |proxy| proxy.show(Shown::Expired),
    },
    Row {
        fault: "… is itself a CA certificate",
        code: "untrusted",
        exit: 69,
        says: "The certificate of … is not trusted: it is a CA certificate, which a web server must not use.",
        remedy: "Ask the CA's operator to give its web server a certificate of its own, issued by that CA (basicConstraints CA:FALSE).",
        again: true,
        set: |proxy| proxy.show(Shown::IsCa),
    },
    Row {
        fault: "It answers 2 MB",
        code: "not_acme",
        exit: 69,
        says: "… sent more than 1 MiB.",
        remedy: OF_ACME,
        again: true,
        set: |proxy| instead(proxy, "GET /dir", Reply::new(200, "application/json", vec![b' '; 2 << 20])),
    },
    Row {
        fault: "It answers HTML",
        code: "not_acme",
        exit: 69,
        says: "… does not answer as an ACME server: status 200, text/html.",
        remedy: OF_ACME,
        again: true,
        set: |proxy| instead(proxy, "POST /order-plz", Reply::new(200, "text/html", "<html>Maintenance</html>")),
    },
];

/// What the CA does not want, or not now.
const REFUSED: [Row; 8] = [
    Row {
        fault: "It redirects",
        code: "redirect",
        exit: 69,
        says: "… redirects to another address.",
        remedy: "If this goes on, use the address that it redirects to as the authority's address.",
        again: true,
        set: |proxy| {
            instead(proxy, "GET /dir", Reply::new(302, "text/html", "").field("location", "https://localhost/"));
        },
    },
    Row {
        fault: "It rejects every nonce",
        code: "nonces",
        exit: 69,
        says: "The CA rejected 12 nonces in a row.",
        remedy: "If this goes on, ask the CA's operator whether its servers know each other's nonces.",
        again: true,
        set: |proxy| instead(proxy, "POST /order-plz", Reply::problem(400, "badNonce")),
    },
    Row {
        fault: "It has lost the account, and makes no new one",
        code: "account_does_not_exist",
        exit: 78,
        says: "The CA does not know this device's account any more.",
        remedy: "Check the authority's address; `signet ca test NAME` shows which CA answers there.",
        again: false,
        set: |proxy| {
            proxy.rule(|line| match line {
                "POST /order-plz" | "POST /sign-me-up" => Fault::Instead(Reply::problem(400, "accountDoesNotExist")),
                _ => Fault::Pass,
            });
        },
    },
    Row {
        fault: "It has changed its terms",
        code: "user_action_required",
        exit: 78,
        says: "The CA has changed its terms, or wants something else from its users first. They are at https://ca.test/terms.",
        remedy: "Read the terms, then agree with `signet ca change NAME --agree-terms`, and order again.",
        again: false,
        set: |proxy| {
            let mut reply = Reply::problem(403, "userActionRequired");
            reply.body.pop();
            reply.body.extend_from_slice(br#","instance":"https://ca.test/terms"}"#);
            instead(proxy, "POST /order-plz", reply);
        },
    },
    Row {
        fault: "It has issued a replacement of this certificate already",
        code: "already_replaced",
        exit: 75,
        says: "The CA has already issued a replacement of this certificate.",
        remedy: "It is ordered again without naming the previous certificate.",
        again: true,
        set: |proxy| instead(proxy, "POST /order-plz", Reply::problem(409, "alreadyReplaced")),
    },
    Row {
        fault: "Its limit of certificates is reached",
        code: "rate_limited",
        exit: 75,
        says: "The CA limits how many certificates it issues, and the limit is reached.",
        remedy: "Wait: it is tried again automatically when the CA allows it.",
        again: true,
        set: |proxy| {
            instead(proxy, "POST /order-plz", Reply::problem(429, "rateLimited").field("retry-after", "3600"));
        },
    },
    Row {
        fault: "It is busy, for three days",
        code: "busy",
        exit: 75,
        says: "The CA is busy or being maintained.",
        remedy: OF_PATIENCE,
        again: true,
        set: |proxy| instead(proxy, "GET /dir", Reply::new(503, "text/html", "").field("retry-after", "259200")),
    },
    Row {
        fault: "It reports a fault of its own",
        code: "server_internal",
        exit: 69,
        says: "The CA reports a fault of its own.",
        remedy: "Wait: it is tried again automatically. If this goes on, ask the CA's operator.",
        again: true,
        set: |proxy| instead(proxy, "POST /finalize-order", Reply::problem(500, "serverInternal")),
    },
];

const OF_CERTIFICATE: &str = "Order the certificate again. If this happens again, ask the CA's operator.";

/// What comes is not what was ordered.
const WRONG: [Row; 2] = [
    Row {
        fault: "It issues for another key",
        code: "certificate_refused",
        exit: 65,
        says: "The certificate for … belongs neither to … nor to another request of this device. It has another key of the same kind.",
        remedy: OF_CERTIFICATE,
        again: false,
        set: |proxy| {
            proxy.rule(at("POST /certZ", || {
                let authority = Authority::new();
                let key = openssl("ecparam -name secp384r1 -genkey -noout", b"");
                let key = authority.file("other.key", &key);
                let request = openssl(
                    &format!("req -new -key {key} -subj /CN=nas.test -addext subjectAltName=DNS:nas.test"),
                    b"",
                );
                let chain = [authority.sign(&request), authority.issuing.clone()].concat();
                Fault::Changed(Box::new(move |reply| reply.body = chain))
            }));
        },
    },
    Row {
        fault: "What it sends cannot be read",
        code: "certificate_refused",
        exit: 65,
        says: "…",
        remedy: OF_CERTIFICATE,
        again: false,
        set: |proxy| {
            proxy.rule(at("POST /certZ", || Fault::Changed(Box::new(|reply| reply.body.truncate(400)))));
        },
    },
];

/// The silence of a CA takes ten seconds, so it has a test of its own.
const SILENT: Row = Row {
    fault: "It takes the connection and says nothing",
    code: "unreachable",
    exit: 69,
    says: "… does not answer in time.",
    remedy: GO_ON,
    again: true,
    set: |proxy| proxy.show(Shown::Silence),
};

impl Device {
    pub(super) fn new() -> Self {
        let (console, pebble) = device(Settings { rejects: 0, ..Settings::default() });
        let browser = console.set_up();
        let proxy = FaultProxy::start(&pebble.url);
        let root = proxy.root();
        let given = ["ca", "add", "pebble", "--acme", &proxy.url, "--root", root.to_str().unwrap(), "--agree-terms"];
        console.run(given).worked();
        let this = Self { console, browser, pebble, proxy };
        create(&this.console, "first", &["--san=nas.test"]);
        this.console.run(["csr", "enroll", "first", "--ca", "pebble"]).worked();
        this
    }

    /// The account that is kept.
    pub(super) fn account(&self) -> Value {
        let file = self.console.data().join("enroll/accounts/pebble.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    /// Its order is due now.
    pub(super) fn is_due(&self) {
        let orders = self.console.data().join("enroll/orders");
        for entry in std::fs::read_dir(orders).unwrap() {
            let path = entry.unwrap().path();
            let mut order: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            order.as_object_mut().unwrap().remove("next_try");
            std::fs::write(&path, order.to_string()).unwrap();
        }
    }

    /// Fails once as the row says, is told everywhere, and works once the fault is gone.
    fn fails_and_goes_on(&mut self, row: &Row, name: &str) {
        let Row { fault, code, .. } = *row;
        create(&self.console, name, &["--san=nas.test"]);
        let account = self.account();
        (row.set)(&self.proxy);
        let (what, remedy) = self.console.run(["csr", "enroll", name, "--ca", "pebble", "--quiet"]).refused(row.exit);
        let remedy = without_data(&remedy, &self.console);
        let (says, detail) = match what.split_once(" The CA says: ") {
            Some((says, detail)) => (says, Some(detail.trim_matches('"').to_owned())),
            None => (what.as_str(), None),
        };
        assert!(fits(says, row.says), "{fault}: {says}");
        assert_eq!(remedy, row.remedy, "{fault}");

        let said = status(&self.console, name);
        assert_eq!((&said["state"], &said["code"]), (&"failed".into(), &code.into()), "{fault}: {said}");
        assert_eq!(said["next_try"].is_string(), row.again, "{fault}: {said}");
        assert_eq!(said["detail"], detail.clone().map_or(Value::Null, Value::from), "{fault}");

        let page =
            self.browser.get(&format!("/csrs/{name}/enroll")).expect(200, &format!("Certificate from a CA: {name}"));
        for words in [Some(says), Some(&*plain(&remedy)), detail.as_deref()].into_iter().flatten() {
            assert!(page.main().contains(words), "{fault}: {words} is not in {}", page.main());
        }
        assert_eq!(page.main().contains("Next try"), row.again, "{fault}: {}", page.main());

        let report: Value = serde_json::from_slice(&self.console.run(["check", "--json"]).out).unwrap();
        let mut findings = report["findings"].as_array().unwrap().iter();
        let found = findings.find(|found| found["code"] == "order_failed" && found["subject"]["name"] == name);
        let found = found.unwrap_or_else(|| panic!("{fault}: {report}"));
        let sentence = found["what"].as_str().unwrap();
        assert!(sentence.starts_with(&format!("The order of {name} at pebble failed: {says}")), "{fault}: {sentence}");
        assert_eq!(sentence.contains(" It is tried again at "), row.again, "{fault}: {sentence}");
        assert_eq!(found["fix"], remedy, "{fault}");

        let failures = self.logged(name);
        assert_eq!(failures, [code], "{fault}");

        self.proxy.mend();
        if row.again {
            self.is_due();
            self.console.run(["enroll", "--pending", "--once"]);
            until(fault, || status(&self.console, name)["state"] == "kept");
            if said["order"].is_string() {
                assert_eq!(status(&self.console, name)["order"], said["order"], "{fault}: the same order");
            }
        } else {
            self.console.run(["csr", "enroll", name, "--ca", "pebble"]).worked();
        }
        verifies(&self.console, name, &root_of(&self.pebble));
        assert_eq!(self.account(), account, "{fault}: the account");
        nothing_is_left(&self.console);
    }

    /// The codes of the failures of a request's order in the audit log.
    pub(super) fn logged(&self, name: &str) -> Vec<String> {
        let log = json(self.console.run(["audit", "--json"]));
        let entries = log["entries"].as_array().unwrap().iter();
        let failures = entries.filter(|entry| entry["what"] == "enroll-failed" && entry["csr"] == name);
        failures.map(|entry| entry["detail"].as_str().unwrap().to_owned()).collect()
    }
}

/// What a command advises, where no other data directory is named.
pub(super) fn without_data(advice: &str, console: &Console) -> String {
    advice.replace(&format!(" --data {}", console.data().display()), "")
}

/// Text as a page shows it: commands are marked by their type.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// Whether a text is of this form, where `…` stands for anything.
pub(super) fn fits(text: &str, form: &str) -> bool {
    let Some((first, others)) = form.split_once('…') else { return text == form };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let (middle, last) = others.rsplit_once('…').unwrap_or(("", others));
    for part in middle.split('…') {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn all_of(rows: &[Row]) {
    let mut device = Device::new();
    for (number, row) in rows.iter().enumerate() {
        device.fails_and_goes_on(row, &format!("row-{number}"));
    }
}

#[test]
fn a_ca_that_cannot_be_reached_or_trusted_or_read_is_told_everywhere_and_costs_nothing() {
    all_of(&UNREACHABLE);
}

#[test]
fn a_ca_that_refuses_or_wants_to_wait_is_told_everywhere_and_costs_nothing() {
    all_of(&REFUSED);
}

#[test]
fn a_certificate_that_is_not_the_requests_is_told_everywhere_and_not_kept() {
    all_of(&WRONG);
}

#[test]
fn a_ca_that_says_nothing_is_told_everywhere_and_costs_nothing() {
    all_of(&[SILENT]);
}

#[test]
fn the_table_in_the_documentation_is_the_one_that_is_tested() {
    let text = include_str!("../../docs/enrollment.md");
    let rows = [&UNREACHABLE[..], &[SILENT], &REFUSED, &WRONG].concat();
    for row in rows {
        let again = if row.again { "yes" } else { "no" };
        let line = format!("| {} | `{}` | {} | {} | {again} |\n", row.fault, row.code, row.says, row.remedy);
        assert!(text.contains(&line), "docs/enrollment.md lacks this line:\n{line}");
    }
}
