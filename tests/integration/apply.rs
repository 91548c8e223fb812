//! A file that says which requests there must be: applied once, again, changed, with mistakes, by two at once, and after somebody
//! else was at work.

use crate::harness::console::{Ran, run, signet};
use serde_json::{Value, json};
use std::path::PathBuf;

struct Device(tempfile::TempDir);

impl Device {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn run(&self, line: &str, input: &str) -> Ran {
        run(signet(&self.data()).args(line.split_whitespace()), input.as_bytes())
    }

    fn apply(&self, file: &str) -> Value {
        json(&self.run("csr apply -f - --json", file).worked())
    }

    fn names(&self) -> Vec<String> {
        let listed = json(&self.run("csr list --json", "").worked());
        listed.as_array().unwrap().iter().map(|record| record["name"].as_str().unwrap().to_owned()).collect()
    }

    fn audited(&self) -> usize {
        std::fs::read_to_string(self.data().join("audit.log")).map_or(0, |text| text.lines().count())
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn entry(name: &str, more: &str) -> String {
    format!(
        "[[csr]]\nname = \"{name}\"\nprofile = \"https-ecc\"\ncountry = \"DE\"\nstate = \"Bavaria\"\ncity = \"Munich\"\n\
         organization = \"Example\"\nemail = \"root@nas.local\"\n{more}\n"
    )
}

fn plain(name: &str) -> String {
    entry(name, &format!("san = [\"{name}.local\"]"))
}

fn outcomes(report: &Value) -> Vec<&str> {
    report["requests"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect()
}

#[test]
fn what_is_missing_is_made_what_is_the_same_stays_and_what_differs_is_replaced() {
    let device = Device::new();
    let file = plain("one") + &plain("two");
    assert_eq!(outcomes(&device.apply(&file)), ["made", "made"]);
    let before = device.audited();
    let again = device.apply(&file);
    assert_eq!((outcomes(&again), &again["changed"]), (vec!["same", "same"], &json!(false)));
    assert_eq!(device.audited(), before, "nothing was done, so nothing is recorded");
    // Order and case of names, and a lifetime that is left out, make no difference.
    let wide = |names: &str| plain("one") + &entry("two", &format!("san = [{names}]"));
    let changed = device.apply(&wide("\"two.local\", \"box.local\""));
    assert_eq!(outcomes(&changed), ["same", "replaced"]);
    let newer = changed["requests"][1]["request"].as_str().unwrap().to_owned();
    assert_eq!(
        (&changed["requests"][1]["replaces"], &changed["requests"][1]["record"]["supersedes"]),
        (&json!("two"), &json!("two"))
    );
    assert_eq!(outcomes(&device.apply(&wide("\"BOX.local\", \"two.local\""))), ["same", "same"]);
    assert_eq!(device.names(), ["one", "two", newer.as_str()], "nothing is deleted");
    // Back again: the newest is what the file is compared with.
    let back = device.apply(&file);
    assert_eq!((outcomes(&back), &back["requests"][1]["replaces"]), (vec!["same", "replaced"], &json!(newer)));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let device = Device::new();
    device.apply(&plain("one"));
    let before = (device.names(), device.audited());
    let file = entry("one", "san = [\"other.local\"]\nkey_type = \"RSA\"") + &plain("two");
    let would = json(&device.run("csr apply -f - --dry-run --json", &file).worked());
    assert_eq!((&would["changed"], &would["would_change"]), (&json!(false), &json!(true)));
    assert_eq!(outcomes(&would), ["replaced", "made"]);
    let record = &would["requests"][0]["record"];
    assert_eq!((&record["san"], &record["key_length"]), (&json!(["DNS:other.local"]), &json!(2048)));
    assert!(record.get("spki_sha256").is_none(), "a key that nobody keeps has no digest to be told");
    let said = device.run("csr apply -f - --dry-run", &file).worked();
    assert!(said.contains("would be created, to replace one") && said.contains("Nothing was changed"), "{said}");
    assert_eq!((device.names(), device.audited()), before);
    // What was said is what is done.
    let done = device.apply(&file);
    assert_eq!(outcomes(&done), outcomes(&would));
    assert_eq!(done["requests"][0]["request"], would["requests"][0]["request"]);
}

#[test]
fn one_bad_entry_among_ten_keeps_the_others_from_being_made() {
    let device = Device::new();
    let mut file: Vec<String> = (0..10).map(|number| plain(&format!("n{number}"))).collect();
    file[6] = entry("n6", "san = [\"n6:8443\"]\nku = [\"nonsense\"]");
    let ran = device.run("csr apply -f - --json", &file.concat());
    assert_eq!(ran.code, 65, "{}", ran.err);
    let error = json(std::str::from_utf8(&ran.out).unwrap());
    assert!(error["error"]["what"].as_str().unwrap().starts_with("[[csr]] 7 (n6): "), "{error}");
    assert!(!device.data().join("csrs").exists() || device.names().is_empty());
    // A key that is not known is told with its line.
    file[6] = entry("n6", "colour = \"red\"");
    let (what, _) = device.run("csr apply -f -", &file.concat()).refused(65);
    assert!(what.contains(&format!("line {}: ", 6 * 9 + 9)), "{what}");
}

#[test]
fn a_file_that_names_a_request_twice_is_refused() {
    let device = Device::new();
    let (what, fix) = device.run("csr apply -f -", &(plain("one") + &plain("two") + &plain("ONE"))).refused(65);
    assert_eq!(what, "name: [[csr]] 3: another entry of the file is also named ONE.");
    assert!(fix.contains("its own name"), "{fix}");
    assert!(!device.data().join("csrs").exists());
    for (empty, words) in
        [("", "name"), ("csr = []\n", "has no request"), ("[[csr]]\n", "name"), ("csr = 3\n", "line 1")]
    {
        let ran = device.run("csr apply -f -", empty);
        assert!(ran.code == 65 && ran.err.contains(words), "{empty:?}: {}", ran.err);
    }
}

#[test]
fn a_request_that_was_renamed_or_damaged_by_hand_costs_nothing() {
    let device = Device::new();
    let file = plain("one") + &plain("two");
    device.apply(&file);
    let csrs = device.data().join("csrs");
    std::fs::rename(csrs.join("one.pem"), csrs.join("mine.pem")).unwrap();
    let mine = std::fs::read(csrs.join("mine.pem")).unwrap();
    assert_eq!(outcomes(&device.apply(&file)), ["made", "same"]);
    assert_eq!(outcomes(&device.apply(&file)), ["same", "same"]);
    assert_eq!(
        (device.names(), std::fs::read(csrs.join("mine.pem")).unwrap()),
        (vec!["mine".into(), "one".into(), "two".into()], mine)
    );
    // A damaged one is told before anything is made, and stays as it is.
    std::fs::write(csrs.join("two.pem"), "nothing").unwrap();
    device.run("csr apply -f -", &(plain("new") + &plain("two"))).refused(81);
    assert!(!csrs.join("new.pem").exists());
    assert_eq!(std::fs::read(csrs.join("two.pem")).unwrap(), b"nothing");
}

#[test]
fn two_at_once_make_each_request_once() {
    let device = Device::new();
    let file: String = (0..6).map(|number| plain(&format!("n{number}"))).collect();
    let at_once = |file: &str| {
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| device.apply(file))).collect();
            let reports: Vec<Value> = runs.into_iter().map(|run| run.join().unwrap()).collect();
            reports
                .iter()
                .flat_map(|report| outcomes(report).into_iter().map(str::to_owned).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        })
    };
    let made = at_once(&file).iter().filter(|outcome| *outcome == "made").count();
    assert_eq!((made, device.names().len()), (6, 6));
    let changed = file.replace(".local\"]", ".local\", \"box.local\"]");
    let replaced = at_once(&changed).iter().filter(|outcome| *outcome == "replaced").count();
    assert_eq!((replaced, device.names().len()), (6, 12), "each has one that replaces it");
}

#[test]
fn a_note_is_written_and_makes_no_new_request() {
    let device = Device::new();
    device.apply(&plain("one"));
    let noted = |note: &str| entry("one", &format!("san = [\"one.local\"]\nnote = \"{note}\""));
    assert_eq!(outcomes(&device.apply(&noted("rack 7"))), ["noted"]);
    assert_eq!(outcomes(&device.apply(&noted("rack 7"))), ["same"]);
    assert_eq!(json(&device.run("csr show one --json", "").worked())["note"], "rack 7");
    assert_eq!(outcomes(&device.apply(&plain("one"))), ["same"], "a file without a note leaves it");
    device.run("csr note one", "").code.eq(&64).then_some(()).expect("a note needs a text");
    device.run("csr note ONE --file -", "two\nlines\n").worked();
    assert_eq!(json(&device.run("csr show one --json", "").worked())["note"], "two\nlines");
    device.run("csr note one --file -", "\u{1b}[2J").refused(65);
    let before = device.audited();
    let same = json(&device.run("csr note one --file - --json", "two\nlines").worked());
    assert_eq!((&same["changed"], device.audited()), (&json!(false), before));
}
