//! Values of a request, and the files that are given to commands: what the document says is accepted is, and no more.

use crate::harness::console::{Ran, run, signet};
use crate::harness::factory::Station;
use crate::harness::reference::{agree, code, codes, names, rows, section, table, tables};
use serde_json::Value;

struct Device(tempfile::TempDir);

impl Device {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// `csr create` with a P-256 key, quick to make.
    fn create(&self, arguments: &[&str]) -> Ran {
        let quick = ["csr", "create", "--ec-curve=SECP256R1", "--json"];
        run(signet(&self.0.path().join("data")).args(quick).args(arguments), b"")
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

const SUBJECT: [(&str, &str); 7] = [
    ("common", "nas.local"),
    ("country", "DE"),
    ("state", "Bavaria"),
    ("city", "Munich"),
    ("organization", "Example"),
    ("email", "root@nas.local"),
    ("san", "nas.local"),
];

/// The subject's flags, with another value for one field; none for an empty value.
fn subject(field: &str, value: &str) -> Vec<String> {
    let mut flags: Vec<(&str, &str)> = SUBJECT.into_iter().filter(|(name, _)| *name != field).collect();
    flags.push((field, value));
    let flags = flags.into_iter().filter(|(_, value)| !value.is_empty());
    flags.map(|(name, value)| format!("--{}={value}", name.replace('_', "-"))).collect()
}

fn create(device: &Device, name: &str, flags: &[String]) -> Ran {
    let name = format!("--name={name}");
    let mut all = vec![name.as_str()];
    all.extend(flags.iter().map(String::as_str));
    device.create(&all)
}

#[test]
fn names_become_what_the_document_says_and_the_others_are_refused() {
    let device = Device::new();
    let all = tables(&section("Names in a certificate"));
    for (place, row) in all[0].iter().enumerate() {
        let (entry, name) = (code(&row[0]), code(&row[1]));
        let mut flags = subject("common", "");
        flags.retain(|flag| !flag.starts_with("--san="));
        flags.push(format!("--san={entry}"));
        let made: Value = serde_json::from_str(&create(&device, &format!("n{place}"), &flags).worked()).unwrap();
        assert_eq!(made["san"], serde_json::json!([name]), "{entry}");
    }
    for row in &all[1] {
        let entry = code(&row[0]);
        let (what, _) = create(&device, "refused", &subject("san", &entry)).refused(65);
        assert!(what.starts_with("--san: "), "{entry}: {what}");
    }
}

#[test]
fn the_subject_has_the_documented_lengths_and_requirements() {
    let device = Device::new();
    for (place, row) in table("Subject").iter().enumerate() {
        let field = code(&row[0]);
        let flag = format!("--{}", field.replace('_', "-"));
        let (required, most) = (row[3] == "yes", &row[2]);
        let left_out = create(&device, &format!("without{place}"), &subject(&field, ""));
        match required {
            true => assert!(left_out.code == 64 && left_out.err.contains(&format!("\n  {flag} <")), "{}", left_out.err),
            false => assert_eq!(left_out.code, 0, "{field} is optional: {}", left_out.err),
        }
        let of_length = |length: usize| match field.as_str() {
            "country" => "DE"[..length.min(2)].to_owned() + &"E".repeat(length.saturating_sub(2)),
            // A domain of labels that are not too long, then the rest.
            "email" => format!("r@{}{}", "abc.".repeat(60), "x".repeat(length - 242)),
            "san" => (0..length).map(|number| format!("n{number}.local")).collect::<Vec<_>>().join(","),
            _ => "x".repeat(length),
        };
        let longest: usize = most.split(' ').next().unwrap().parse().unwrap();
        let flags = |length| {
            let mut flags = subject(&field, &of_length(length));
            // The common name would be one more.
            flags.retain(|flag| field != "san" || !flag.starts_with("--common="));
            flags
        };
        let longer = create(&device, &format!("longer{place}"), &flags(longest + 1)).refused(65);
        assert!(longer.0.starts_with(&format!("{flag}: ")), "{field}: {}", longer.0);
        create(&device, &format!("longest{place}"), &flags(longest)).worked();
    }
}

#[test]
fn usages_need_the_documented_bits() {
    let device = Device::new();
    let usages = table("Extended key usages");
    let bits = names(&table("Key usages"));
    let alone = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "crl_sign",
    ];
    assert!(alone.iter().all(|bit| bits.contains(*bit)));
    for (place, row) in usages.iter().enumerate() {
        let (usage, needs) = (code(&row[0]), codes(&row[2]));
        assert!(!needs.is_empty() || row[2] == "any", "{usage}");
        for bit in alone {
            let mut flags = subject("common", "");
            flags.extend([format!("--eku={usage}"), format!("--ku={bit}")]);
            let made = create(&device, &format!("{bit}{place}"), &flags);
            let fits = needs.is_empty() || needs.iter().any(|need| need == bit);
            assert_eq!(made.code, if fits { 0 } else { 65 }, "{usage} with {bit}: {}", made.err);
        }
    }
    // A value that does not exist names all that do.
    for (flag, title) in [("eku", "Extended key usages"), ("ku", "Key usages")] {
        let mut flags = subject("common", "");
        flags.push(format!("--{flag}=zzz"));
        let (_, fix) = create(&device, "none", &flags).refused(65);
        let all = fix.trim_start_matches("Choose from ").trim_end_matches('.').split(", ").map(str::to_owned);
        agree(title, all, names(&table(title)));
    }
}

#[test]
fn usages_have_the_documented_object_identifiers() {
    let device = Device::new();
    let usages = table("Extended key usages");
    let mut flags = subject("common", "");
    flags.extend(usages.iter().map(|row| format!("--eku={}", code(&row[0]))));
    let made: Value = serde_json::from_str(&create(&device, "all", &flags).worked()).unwrap();
    let der = crate::harness::openssl::openssl("req -outform DER", made["pem"].as_str().unwrap().as_bytes());
    for row in &usages {
        let oid = der::asn1::ObjectIdentifier::new(&row[1]).unwrap_or_else(|error| panic!("{}: {error}", row[1]));
        let bytes = oid.as_bytes();
        assert!(der.windows(bytes.len()).any(|window| window == bytes), "{} has another identifier", row[0]);
    }
}

#[test]
fn profiles_preset_what_the_document_says() {
    let device = Device::new();
    for row in table("Profiles") {
        let profile = code(&row[0]);
        let mut flags = subject("common", "");
        flags.extend([format!("--name={profile}"), format!("--profile={profile}"), "--json".to_owned()]);
        let data = device.0.path().join("data");
        let made: Value =
            serde_json::from_str(&run(signet(&data).args(["csr", "create"]).args(&flags), b"").worked()).unwrap();
        let of = |name: &str| made["extensions"][name].clone();
        let size = made["key_length"].as_u64().map(|bits| format!("{bits} bits"));
        let size = size.unwrap_or_else(|| made["ec_curve"].as_str().unwrap().to_owned());
        assert_eq!(format!("{}, {size}", made["key_type"].as_str().unwrap()), row[1]);
        assert_eq!(made["digest_algorithm"], "SHA256");
        let critical = |extension: &Value, rest: &str| match extension["critical"].as_bool().unwrap() {
            true => format!("critical{rest}"),
            false => rest.trim_start_matches([':', ',', ' ']).to_owned(),
        };
        let constraints = of("basic_constraints");
        assert_eq!(constraints["ca"], false);
        assert_eq!(critical(&constraints, ", not a CA"), row[2]);
        let words = |list: &Value| {
            let all: Vec<&str> = list.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            all.join(", ")
        };
        assert_eq!(
            critical(&of("extended_key_usage"), &format!(": {}", words(&of("extended_key_usage")["usages"]))),
            row[3]
        );
        let bits = words(&of("key_usage")["bits"]);
        let documented = row[4].to_lowercase().replace(' ', "_").replace(",_", ", ").replace(":_", ": ");
        assert_eq!(critical(&of("key_usage"), &format!(": {bits}")), documented);
    }
}

#[test]
fn request_files_take_the_documented_keys_and_no_other() {
    let device = Device::new();
    let file = device.file("unknown.toml", "zzz = 1\n");
    let (what, _) =
        run(signet(&device.0.path().join("data")).args(["csr", "create", "--from", &file]), b"").refused(65);
    let known = what.split('`').skip(3).step_by(2).map(str::to_owned);
    let documented = table("Request files");
    agree("Request files", known, names(&documented));
    // The flags are the same, with hyphens.
    let flags = rows("`signet csr create`").into_iter().map(|row| code(&row[0]));
    let flags = flags.map(|flag| flag.split(' ').next().unwrap().trim_start_matches('-').replace('-', "_"));
    let keys = flags.filter(|flag| !["from", "supersedes", "dry_run"].contains(&flag.as_str()));
    agree("Request files, beside the flags", keys, names(&documented));
    for row in &documented {
        let key = code(&row[0]);
        for kind in ["string", "number", "boolean", "array of strings"] {
            let value = match kind {
                "string" => "\"1\"",
                "number" => "1",
                "boolean" => "true",
                _ => "[\"1\"]",
            };
            let file = device.file("typed.toml", &format!("{key} = {value}\n"));
            let ran = run(signet(&device.0.path().join("data")).args(["csr", "create", "--from", &file]), b"");
            let wrong = ran.err.contains("is wrong in line 1");
            let fits = row[1].split(" or ").any(|documented| documented == kind);
            assert_eq!(wrong, !fits, "{key} is {}, and {kind} is given: {}", row[1], ran.err);
        }
    }
}

#[test]
fn lists_of_devices_have_the_documented_columns() {
    let station = Station::new();
    let columns: Vec<String> = table("List of devices").iter().map(|row| code(&row[0])).collect();
    let batch = |columns: &[String], name: &str| {
        let cells: Vec<&str> = columns.iter().map(|column| if column == "serial" { "NX4-1" } else { "" }).collect();
        let list = station.at(&format!("{name}.csv"));
        std::fs::write(&list, format!("{}\n{}\n", columns.join(","), cells.join(","))).unwrap();
        let mut command = signet(&station.at("unused"));
        command.args(["provision", "--jobs", "1", "--batch"]).arg(&list).arg("--out").arg(station.at(name));
        run(&mut command, b"").code
    };
    assert_eq!(batch(&columns, "all"), 0);
    for place in 0..columns.len() {
        let mut fewer = columns.clone();
        fewer.remove(place);
        assert_eq!(batch(&fewer, "fewer"), 65, "{} is needed", columns[place]);
    }
    let more: Vec<String> = columns.iter().cloned().chain(["colour".to_owned()]).collect();
    assert_eq!(batch(&more, "more"), 65);
}
