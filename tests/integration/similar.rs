//! Inputs like those of `tests/cases` that are not in that folder, by browser and by command: what mends one must mend its kind.

use crate::harness::console::{Console, run, signet};
use crate::harness::made::{Folder, ec_key, key, request, rsa_key};
use crate::harness::openssl::{openssl, public_of_key};
use crate::harness::wizard;

/// A request and its key in files.
fn import(
    console: &Console,
    folder: &Folder,
    name: &str,
    files: (&[u8], &[u8]),
    more: &[&str],
) -> crate::harness::console::Ran {
    let (request, key) = (folder.file("request", files.0), folder.file("key", files.1));
    let mut command = signet(&console.data());
    command.args(["csr", "import", "--name", name, "--request"]).arg(request).arg("--key").arg(key);
    run(command.args(more), b"")
}

#[test]
fn an_empty_passphrase_file_is_empty_in_every_encoding() {
    let console = Console::first_boot();
    let folder = Folder::new();
    let key = ec_key("P-256");
    let request = request(&key, "");
    import(&console, &folder, "nas", (&request, &key), &[]).worked();
    let key_file = folder.file("for-openssl", &key);
    let certificate = openssl(&format!("req -x509 -new -subj /CN=nas.local -key {}", key_file.display()), b"");
    let certificate = folder.file("certificate", &certificate);
    console.run(["csr", "answer", "nas", "--certificate", certificate.to_str().unwrap()]).worked();
    let sealed = openssl("pkcs8 -topk8 -passout pass:another", &key);
    for (what, content) in [
        ("nothing", &b""[..]),
        ("a line end", b"\n"),
        ("a line end of Windows", b"\r\n"),
        ("a mark alone", b"\xef\xbb\xbf"),
        ("a mark and a line end", b"\xef\xbb\xbf\r\n"),
        ("UTF-16 with nothing behind its mark", b"\xff\xfe"),
        ("UTF-16 with a line end", b"\xfe\xff\0\n"),
        ("a passphrase in the second line", b"\nlong enough for all\n"),
    ] {
        let empty = folder.file("empty", content);
        let empty = empty.to_str().unwrap();
        for command in ["key", "pkcs12"] {
            let ran = console.run(["csr", command, "nas", "--passphrase-file", empty]);
            assert!(ran.code != 0 && ran.err.contains("is empty"), "{what}, {command}: {}", ran.err);
        }
        let by_input = run(signet(&console.data()).args(["csr", "key", "nas", "--passphrase-file", "-"]), content);
        assert!(by_input.code == 65 && by_input.err.contains("standard input is empty"), "{what}: {}", by_input.err);
        let (said, fix) =
            import(&console, &folder, "x", (&request, &sealed), &["--passphrase-file", empty]).refused(65);
        assert!(
            said.contains("passphrase is empty") && fix.contains("passphrase of the key file"),
            "{what}: {said} {fix}"
        );
    }
}

#[test]
fn a_passphrase_file_in_no_encoding_is_refused_as_such() {
    let console = Console::first_boot();
    let folder = Folder::new();
    let key = ec_key("P-256");
    import(&console, &folder, "nas", (&request(&key, ""), &key), &[]).worked();
    for (what, content) in [
        ("Latin 1", &b"p\xe4ssw\xf6rt lang genug\n"[..]),
        ("UTF-16 of an odd length", b"\xff\xfea\0b"),
        ("half of a surrogate pair", b"\xff\xfe\x00\xd8a\0"),
    ] {
        let file = folder.file("odd", content);
        let (said, _) = console.run(["csr", "key", "nas", "--passphrase-file", file.to_str().unwrap()]).refused(65);
        assert!(said.contains("neither UTF-8 nor UTF-16"), "{what}: {said}");
    }
}

#[test]
fn a_common_name_that_is_too_long_may_be_left_out_where_its_name_is_asked_for() {
    let (console, mut browser) = Console::owned();
    let label = "b".repeat(40);
    for name in [
        format!("{}.{label}.example", "a".repeat(30)),
        format!("*.{label}.{label}.example"),
        format!("{}.example", "c".repeat(58)),
        format!("ü{}.{label}.example", "a".repeat(30)),
    ] {
        assert!(name.chars().count() > 64, "{name}");
        let arguments = format!(
            "csr create --name x --profile https-ecc --country DE --state B --city M --organization E --email a@b.example --san {name}"
        );
        let with_common = format!("{arguments} --common {name}");
        let (what, fix) = console.run(with_common.split(' ')).refused(65);
        assert!(what.contains("at most 64") && fix.starts_with("Leave the common name empty"), "{name}: {what} {fix}");
        console.run(arguments.split(' ')).worked();
        console.run(["csr", "delete", "x", "--yes"]).worked();

        let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
        // No browser lets so much be typed there; a script does.
        let form = wizard::subject(&page).set("san", &name).smuggle("common", &name);
        let page = browser.send(form.press("next")).expect(422, "Error: Certificate Subject");
        assert!(page.at_field("common").contains("Leave the common name empty"), "{name}: {}", page.at_field("common"));
        let form = page.step().set("common", "");
        browser.send(form.press("next")).expect(200, "Extra Constraints");
    }
    let file = format!(
        "name = 'y'\nprofile = 'https-ecc'\ncountry = 'DE'\nstate = 'B'\ncity = 'M'\norganization = 'E'\nemail = 'a@b.example'\ncommon = '{0}.{label}.example'\nsan = ['{0}.{label}.example']\n",
        "d".repeat(30)
    );
    let folder = Folder::new();
    let path = folder.file("y.toml", file.as_bytes());
    let (_, fix) = console.run(["csr", "create", "--from", path.to_str().unwrap()]).refused(65);
    assert!(fix.starts_with("Leave the common name empty"), "{fix}");
}

#[test]
fn what_is_suggested_for_a_name_is_a_name() {
    let console = Console::first_boot();
    let mut without = Vec::new();
    for name in [
        "_dmarc.example.org",
        "_sip._tcp.example.org",
        "_.example.org",
        "__a__.example.org",
        "my_nas.local",
        "-nas.local",
        "nas-.local",
    ] {
        let arguments = "csr create --name x --profile https-ecc --country DE --state B --city M --organization E --email a@b.example";
        let create = |name: &str| console.run(arguments.split(' ').chain([format!("--san={name}").as_str()]));
        let (_, fix) = create(name).refused(65);
        let suggested = fix.split('"').nth(1).map(str::to_owned);
        if let Some(suggested) = suggested.filter(|it| it.contains('.')) {
            assert_eq!(create(&suggested).code, 0, "{name}: {fix}");
            console.run(["csr", "delete", "x", "--yes"]).worked();
        } else {
            without.push(name);
        }
    }
    assert_eq!(
        without,
        ["-nas.local", "nas-.local"],
        "nothing is suggested for these, and for all others something is"
    );
}

#[test]
fn a_request_with_a_challenge_password_or_an_odd_version_is_imported_with_advice() {
    let console = Console::first_boot();
    let folder = Folder::new();
    let key = key("ED25519");
    let key_file = folder.file("for-openssl", &key);
    for (at, challenge) in ["short one", "ünïcödé wörd", "a very long challenge that nobody would remember by heart"]
        .into_iter()
        .enumerate()
    {
        let config = folder.file(
            "cnf",
            format!("[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\nattributes=at\n[dn]\nCN=nas.local\n[at]\nchallengePassword={challenge}\n").as_bytes(),
        );
        let request = openssl(&format!("req -new -utf8 -config {} -key {}", config.display(), key_file.display()), b"");
        let name = format!("challenge{at}");
        let ran = import(&console, &folder, &name, (&request, &key), &[]);
        assert!(ran.code == 0 && ran.err.contains("challenge password"), "{challenge}: {}", ran.err);
        let shown = console.run(["csr", "show", &name]).worked();
        assert!(shown.contains("(not shown)") && !shown.contains(challenge), "{shown}");
    }
}

#[test]
fn a_file_that_is_both_is_read_for_both_and_one_that_is_too_large_is_called_so() {
    let console = Console::first_boot();
    let folder = Folder::new();
    let key = rsa_key(2048);
    let both = [request(&key, ""), key.clone()].concat();
    import(&console, &folder, "both", (&both, &both), &[]).worked();
    let file = std::fs::read(console.data().join("csrs/both.pem")).unwrap();
    assert_eq!(public_of_key(&file, None), public_of_key(&key, None));
    for (request, key, words) in [
        (vec![b'x'; 257 << 10], both.clone(), "certificate request is larger than 256 KiB"),
        (both.clone(), vec![0; 300 << 10], "private key is larger than 256 KiB"),
        (vec![b'\n'; 5 << 20], both.clone(), "larger than 4194304 bytes"),
    ] {
        let ran = import(&console, &folder, "large", (&request, &key), &[]);
        assert!(ran.code != 0 && ran.err.contains(words), "{words}: {}", ran.err);
    }
}
