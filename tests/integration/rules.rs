//! The rules of docs/reference.md, one of each kind: by form and by command line, with the domain's words for it in both.
//!
//! Each case changes fields of answers that nothing is wrong with. The same changes are parsed by the domain, sent by
//! the browser and given as flags.

mod cases;

use crate::harness::browser::Browser;
use crate::harness::console::{Console, Ran};
use crate::harness::form::Form;
use crate::harness::wizard;
use cases::{CONSTRAINTS, Case, IDENTITY, OPTIONS, SUBJECT};
use signet_app::requests::name_taken;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::invalid::{Invalid, Kind, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::options::OptionsAnswers;
use signet_domain::policy::Policy;
use signet_domain::subject::SubjectAnswers;
use signet_pki::ca::CaReader;

#[test]
fn a_rule_of_the_name_is_told_by_form_and_command_alike() {
    let (console, mut browser) = Console::owned();
    wizard::begin(&mut browser);
    for case in IDENTITY {
        let answers = NameAndTypeAnswers {
            name: typed(case, "name", "nas"),
            r#type: "csr".to_owned(),
            profile: typed(case, "profile", ""),
        };
        let base = |page: Form| page.set("name", "nas");
        told_alike(&console, &mut browser, "identity", base, case, only(answers.parse()));
    }
    // A name that is taken, in another case too.
    wizard::make(&mut browser, "taken", "https-ecc");
    wizard::begin(&mut browser);
    let case: Case = (&[("name", "Taken")], "name", "A request named Taken already exists");
    let words = name_taken(&CsrName::parse("Taken").unwrap());
    told_alike(&console, &mut browser, "identity", |form| form, &case, words);
}

#[test]
fn a_rule_of_the_options_is_told_by_form_and_command_alike() {
    let (console, mut browser) = Console::owned();
    wizard::to_options(&mut browser, "nas", "");
    for case in OPTIONS {
        let answers = OptionsAnswers {
            key_type: typed(case, "key_type", "RSA"),
            key_length: typed(case, "key_length", "2048"),
            ec_curve: typed(case, "ec_curve", "SECP384R1"),
            ml_dsa: typed(case, "ml_dsa", "65"),
            digest_algorithm: typed(case, "digest_algorithm", "SHA256"),
            lifetime: typed(case, "lifetime", "200"),
        };
        told_alike(&console, &mut browser, "options", |form| form, case, only(answers.parse(&Policy::default())));
    }
}

#[test]
fn a_rule_of_the_subject_is_told_by_form_and_command_alike() {
    let (console, mut browser) = Console::owned();
    wizard::to_subject(&mut browser, "nas", "https-ecc");
    for case in SUBJECT {
        let of = |field| {
            let base = wizard::SUBJECT.iter().find(|(name, _)| *name == field).map(|(_, value)| *value);
            typed(case, field, base.unwrap())
        };
        let answers = SubjectAnswers {
            country: of("country"),
            state: of("state"),
            city: of("city"),
            organization: of("organization"),
            organizational_unit: of("organizational_unit"),
            email: of("email"),
            common: of("common"),
            san: of("san"),
        };
        let base = |form: Form| wizard::SUBJECT.iter().fold(form, |form, (field, value)| form.set(field, value));
        told_alike(&console, &mut browser, "subject", base, case, only(answers.parse(&Policy::default())));
    }
}

#[test]
fn a_rule_of_the_constraints_is_told_by_form_and_command_alike() {
    let (console, mut browser) = Console::owned();
    wizard::to_constraints(&mut browser, "nas", "");
    for case in CONSTRAINTS {
        let on = |field: &str| typed(case, field, "") == "on";
        let answers = ConstraintsAnswers {
            bc_enabled: on("bc_enabled"),
            bc_ca: on("bc_ca"),
            bc_path_length: typed(case, "bc_path_length", ""),
            bc_critical: on("bc_critical"),
            aki_enabled: on("aki_enabled"),
            aki_issuer: typed(case, "aki_issuer", ""),
            aki_cert_issuer: on("aki_cert_issuer"),
            eku_enabled: on("eku_enabled"),
            eku: Usage::ALL.into_iter().filter(|usage| on(usage.field())).collect(),
            eku_critical: on("eku_critical"),
            ku_enabled: on("ku_enabled"),
            ku: KeyUsageBit::ALL.into_iter().filter(|bit| on(bit.field())).collect(),
            ku_critical: on("ku_critical"),
        };
        told_alike(&console, &mut browser, "constraints", |form| form, case, only(answers.parse(None, &CaReader)));
    }
}

#[test]
fn all_mistakes_of_a_step_are_told_at_once_and_each_at_its_field() {
    let (console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let form = page.step().set("email", "not an address").set("san", "nas.local\nnas:8443\n192.0.2.0/24\n");
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate Subject");
    let fields: Vec<String> = page.mistakes().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["country", "state", "city", "organization", "email", "san", "san"]);
    assert!(page.at_field("san").contains("Line 2: ") && page.at_field("san").contains("Line 3: "));

    // The command line tells all of them too: two lines each, and what is missing in one error.
    let ran = console.run(["csr", "create", "--name=-x", "--country=DE", "--san=nas:8443"]);
    assert_eq!(ran.code, 64);
    let told: Vec<&str> = ran.err.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    let flags: Vec<&str> = told.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(flags, ["--name", "--san", "the following required arguments were not provided"]);
    let missing: Vec<&str> = ran.err.lines().filter_map(|line| line.strip_prefix("  --")).collect();
    assert_eq!(missing, ["state <STATE>", "city <CITY>", "organization <ORGANIZATION>", "email <ADDRESS>"]);
}

#[test]
fn flags_that_are_missing_are_one_usage_error() {
    let (console, _browser) = Console::owned();
    let ran = console.run(["csr", "create", "--name=nas", "--eku-critical"]);
    assert_eq!(ran.code, 64, "{}", ran.err);
    assert_eq!(ran.err.matches("error: ").count(), 1, "{}", ran.err);
    for flag in ["--country <CODE>", "--state <STATE>", "--email <ADDRESS>", "--san <NAME>", "--eku <USAGE>"] {
        assert!(ran.err.contains(&format!("\n  {flag}\n")), "{flag}: {}", ran.err);
    }
    assert!(ran.err.contains("\nUsage: signet csr create --country <CODE>"), "{}", ran.err);
    // A value that is given and empty is refused by its rule.
    let mut create = command("", &(&[], "", ""));
    create.retain(|flag| !flag.starts_with("--country="));
    create.push("--country=".to_owned());
    assert!(console.run(&create).refused(65).0.starts_with("--country: "));
}

#[test]
fn a_hundred_names_are_taken_and_one_more_is_not() {
    let (console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let names = |count: usize| (1..=count).map(|number| format!("n{number}.example")).collect::<Vec<_>>();
    // The common name's copy counts.
    let form = wizard::subject(&page).set("san", &names(100).join("\n"));
    let refused = browser.send(form.press("next")).expect(422, "Error: Certificate Subject");
    assert!(refused.mistakes()[0].1.contains("at most 100 names, and this one has 101"), "{:?}", refused.mistakes());
    assert_eq!(refused.step().value("san"), names(100).join("\n"));
    browser.send(refused.step().set("san", &names(99).join("\n")).press("next")).expect(200, "Extra Constraints");
    let mut create = command("", &(&[], "", ""));
    create.retain(|flag| !flag.starts_with("--san="));
    create.extend(names(101).iter().map(|name| format!("--san={name}")));
    assert!(console.run(&create).refused(65).0.contains("at most 100 names, and this one has 10"));
}

#[test]
fn answers_that_do_not_fit_into_cookies_are_told_at_their_field() {
    let (_console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let label = "a".repeat(60);
    let long: Vec<String> = (10..90).map(|number| format!("{number}.{label}.{label}.{label}.example")).collect();
    let form = wizard::subject(&page).set("san", &long.join("\n"));
    let refused = browser.send(form.press("next")).expect(422, "Error: Certificate Subject");
    assert_eq!(refused.mistakes()[0].0, "san");
    assert_eq!(refused.step().value("san"), long.join("\n"), "nothing typed is lost");
    browser.send(refused.step().set("san", "nas.local").press("next")).expect(200, "Extra Constraints");
    let page = browser.get("/wizard/constraints");
    let form = page.step().set("aki_issuer", &"ab:".repeat(6_000));
    let refused = browser.send(form.press("next")).expect(422, "Error: Extra Constraints");
    assert_eq!(refused.mistakes()[0].0, "aki_issuer");
}

/// What the case types into a field, else what is right there.
fn typed(case: &Case, field: &str, base: &str) -> String {
    case.0.iter().find(|(name, _)| *name == field).map_or(base, |(_, value)| *value).to_owned()
}

fn only<T>(parsed: Result<T, Mistakes>) -> Invalid {
    let mistakes: Vec<Invalid> = parsed.err().expect("the domain takes it").into_iter().collect();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes[0].clone()
}

/// The refusal by form and by command line, both in the domain's words.
fn told_alike(
    console: &Console,
    browser: &mut Browser,
    step: &str,
    base: impl Fn(Form) -> Form,
    case: &Case,
    words: Invalid,
) {
    let (changes, field, distinct) = case;
    assert_eq!(words.field, *field, "{changes:?}");
    assert!(words.what.contains(distinct) || words.fix.contains(distinct), "{changes:?}: {words:?}");

    let path = format!("/wizard/{step}");
    let form = changes.iter().fold(base(browser.get(&path).step()), |form, (field, value)| put(form, field, value));
    let sent = form.answers();
    let page = browser.send(form.press("next"));
    assert_eq!((page.status, page.title().starts_with("Error: ")), (422, true), "{changes:?}: {}", page.main());
    assert_eq!(page.mistakes(), [(field.to_string(), words.what.clone())], "{changes:?}");
    assert_eq!(page.at_field(field), format!("Error: {} {}", words.what, words.fix));
    for (name, value) in sent {
        // A choice that the page does not offer cannot come back.
        let offered = page.step().offers(&name, &value);
        assert!(!offered || page.step().value(&name) == value, "{changes:?}: {name} is lost");
    }

    let ran = by_command(console, step, case);
    let flag = flag(field);
    if is_missing(case) {
        assert!(ran.code == 64 && ran.err.contains(&format!("\n  {flag} <")), "{changes:?}: {}", ran.err);
    } else {
        let code = if words.kind == Kind::Taken { 79 } else { 65 };
        assert_eq!(ran.refused(code), (format!("{flag}: {}", words.what), words.fix), "{changes:?}");
    }
}

/// Types, chooses or ticks; what no browser would let a visitor do is sent as a script does.
fn put(form: Form, field: &str, value: &str) -> Form {
    if value == "on" {
        return form.check(field);
    }
    if form.takes(field, value) { form.set(field, value) } else { form.smuggle(field, value) }
}

/// What has no value as flags has no flag either: a list without entries, and an extension without what it is about.
fn is_missing((changes, field, _): &Case) -> bool {
    changes.contains(&("aki_issuer", ""))
        || changes.contains(&("san", ""))
        || ["eku_enabled", "ku_enabled"].contains(field)
}

/// A field's flag.
fn flag(field: &str) -> String {
    let of_usage = Usage::ALL.into_iter().any(|usage| usage.field() == field);
    let of_bit = KeyUsageBit::ALL.into_iter().any(|bit| bit.field() == field);
    match field {
        "eku_enabled" => "--eku".to_owned(),
        "ku_enabled" => "--ku".to_owned(),
        _ if of_usage => "--eku".to_owned(),
        _ if of_bit => "--ku".to_owned(),
        _ => format!("--{}", field.replace('_', "-")),
    }
}

/// The same by flags.
fn by_command(console: &Console, step: &str, case: &Case) -> Ran {
    // A flag that names an issuer turns the extension on; without one, only --aki-cert-issuer does.
    let no_issuer = case.0.contains(&("aki_issuer", ""));
    if no_issuer {
        let mut create = command("", &(&[], "", ""));
        create.push("--aki-cert-issuer".to_owned());
        return console.run(&create);
    }
    console.run(command(step, case))
}

fn command(step: &str, case: &Case) -> Vec<String> {
    let flag = |field: &str| field.replace('_', "-");
    let mut command: Vec<String> = ["csr", "create"].map(str::to_owned).into();
    let mut base = vec![("name", "nas")];
    base.extend(wizard::SUBJECT);
    for (field, value) in base {
        let value = typed(case, field, value);
        if field == "san" {
            command.extend(value.lines().map(|line| format!("--san={line}")));
        } else {
            command.push(format!("--{}={value}", flag(field)));
        }
    }
    let others = case.0.iter().filter(|(field, _)| *field != "name" && step != "subject");
    for (field, value) in others {
        let usage = Usage::ALL.into_iter().find(|usage| usage.field() == *field);
        let bit = KeyUsageBit::ALL.into_iter().find(|bit| bit.field() == *field);
        command.extend(match (usage, bit, *field, *value) {
            (Some(usage), _, _, _) => Some(format!("--eku={}", usage.value())),
            (_, Some(bit), _, _) => Some(format!("--ku={}", bit.value())),
            (_, _, "bc_enabled", _) => Some("--bc".to_owned()),
            (_, _, "aki_enabled" | "eku_enabled" | "ku_enabled", _) => None,
            (_, _, field, "on") => Some(format!("--{}", flag(field))),
            (_, _, field, value) => Some(format!("--{}={value}", flag(field))),
        });
    }
    command
}
