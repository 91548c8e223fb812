//! Manual pages that two formatters accept without a warning, and completions that shells load and use.

use crate::harness::console::{plain_signet, run};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok();
    if !found {
        signet_testing::skip(&format!("there is no {program} here"));
    }
    found
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    run(plain_signet().arg("man").arg(folder), b"").worked();
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn there_is_a_manual_page_for_each_command_and_formatters_warn_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let pages = pages(folder.path());
    assert!(pages.len() > 30, "{pages:?}");
    if has("mandoc") {
        let ran = run(Command::new("mandoc").args(["-Tlint", "-Wwarning"]).args(&pages), b"");
        let said = String::from_utf8_lossy(&ran.out) + ran.err.as_str();
        assert!(ran.code == 0 && said.is_empty(), "{said}");
    }
    if has("groff") {
        for page in &pages {
            let ran = run(Command::new("groff").args(["-man", "-ww", "-z", "-Tutf8"]).arg(page), b"");
            assert!(ran.code == 0 && ran.err.is_empty(), "{}: {}", page.display(), ran.err);
        }
    }
}

#[test]
fn a_manual_page_says_what_the_help_says() {
    if !has("mandoc") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    pages(folder.path());
    let page = |name: &str| {
        let ran = run(Command::new("mandoc").args(["-Tutf8", "-O", "width=100"]).arg(folder.path().join(name)), b"");
        // A letter, a backspace and the letter again is a bold one.
        let text = String::from_utf8(ran.out).unwrap();
        let mut plain = String::new();
        for character in text.chars() {
            match character {
                '\u{8}' => _ = plain.pop(),
                _ => plain.push(character),
            }
        }
        plain
    };
    let create = page("signet-csr-create.1");
    for part in [
        "signet-csr-create - Create a private key and a request",
        "--key-type",
        "SUBJECT",
        "[default: the profile's, else RSA]",
        "EXAMPLES",
        "    --san nas.example.org --san 192.168.1.20 \\",
        "SEE ALSO",
    ] {
        assert!(create.contains(part), "{part}: {create}");
    }
    let root = page("signet.1");
    for part in ["SIGNET_DATA", "EXIT STATUS", "signet-csr(1)", "/var/lib/signet"] {
        assert!(root.contains(part), "{part}: {root}");
    }
    assert!(page("signet-csr-needs-renewal.1").contains("255  any failure"));
}

fn script(folder: &Path, shell: &str, name: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, run(plain_signet().args(["completions", shell]), b"").worked()).unwrap();
    path
}

#[test]
fn bash_completes_commands_and_flags() {
    let folder = tempfile::tempdir().unwrap();
    let path = script(folder.path(), "bash", "signet");
    let complete = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [.., before, last] = words.as_slice() else { panic!("{line}") };
        let code = format!(
            "set -u; . '{}'; complete -p signet >/dev/null; COMP_WORDS=({line}); COMP_CWORD={}\n\
             [ -n \"{last}\" ] || COMP_WORDS+=('')\n_signet signet '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            path.display(),
            words.len() - 1
        );
        let ran = run(Command::new("bash").args(["--norc", "--noprofile", "-c", &code]), b"");
        assert!(ran.code == 0 && ran.err.is_empty(), "{line}: {}", ran.err);
        String::from_utf8(ran.out).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("signet ch"), ["check"]);
    assert_eq!(complete("signet csr cr"), ["create"]);
    assert_eq!(complete("signet csr create --key-"), ["--key-type", "--key-length"]);
    assert_eq!(complete("signet console back --to f"), ["former"]);
    assert_eq!(complete("signet --color n"), ["never"]);
}

#[test]
fn zsh_completes_commands() {
    if !has("zsh") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "zsh", "_signet");
    let code = format!(
        "fpath=('{0}' $fpath); autoload -Uz compinit; compinit -u -d '{0}/dump'; print -r -- $_comps[signet]; autoload +X _signet",
        folder.path().display()
    );
    let ran = run(Command::new("zsh").args(["-f", "-c", &code]), b"");
    assert_eq!((ran.code, ran.err.as_str(), ran.out.as_slice()), (0, "", b"_signet\n".as_slice()));
    // A shell at a terminal: what the tabulator makes of it.
    let typed = format!(
        "zmodload zsh/zpty\nzpty shell zsh -f -i\n\
         zpty -w shell \"PS1='READY '; fpath=('{0}' \\$fpath); autoload -Uz compinit; compinit -u -d '{0}/dump'\"\n\
         zpty -w shell \"print BEG''IN\"\nzpty -r shell text '*BEGIN*'\n\
         zpty -w -n shell $'signet csr need\\t'\nzpty -r shell text '*needs-renewal*' && print found",
        folder.path().display()
    );
    let ran = run(Command::new("timeout").args(["60", "zsh", "-f", "-c", &typed]), b"");
    assert!(ran.code == 0 && ran.out.ends_with(b"found\n"), "{}", ran.err);
}
