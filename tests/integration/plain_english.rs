//! What people read is plain English: no sentence of a page, command, document or shipped file has a phrase that this project
//! has given up.
//!
//! It reads string literals of the program (its tests left out), the help of flags, templates without their tags, documents
//! without their code, and the comments of shipped units and files. Comments in code are not looked at.

mod documents;
mod phrases;
mod rust;
mod templates;

use phrases::{GIVEN_UP, Phrase, Readers};
use std::path::{Path, PathBuf};

/// Text of one file that is read as a whole, with the line that it begins in. Line breaks in it count on.
#[derive(Debug)]
struct Passage {
    line: usize,
    text: String,
}

/// A file with its passages; its path is relative to the repository.
#[derive(Debug)]
struct Source {
    path: String,
    passages: Vec<Passage>,
}

/// The letters of a passage in lower case with their lines; blanks and line breaks in a row are one blank.
fn letters(passage: &Passage) -> Vec<(char, usize)> {
    let mut letters: Vec<(char, usize)> = Vec::new();
    let mut line = passage.line;
    for letter in passage.text.chars() {
        if letter.is_whitespace() {
            if letters.last().is_some_and(|(last, _)| *last != ' ') {
                letters.push((' ', line));
            }
            line += usize::from(letter == '\n');
        } else {
            let plain = if letter == '’' { '\'' } else { letter };
            letters.extend(plain.to_lowercase().map(|letter| (letter, line)));
        }
    }
    letters
}

/// True when `words` are at `at`, as whole words: `told` is not in `--told-by`.
fn has_at(letters: &[(char, usize)], at: usize, words: &str) -> bool {
    let is_of_word = |place: Option<&(char, usize)>| {
        place.is_some_and(|(letter, _)| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    };
    let end = at + words.chars().count();
    let here = letters.get(at..end).is_some_and(|found| found.iter().map(|(letter, _)| *letter).eq(words.chars()));
    here && !at.checked_sub(1).is_some_and(|before| is_of_word(letters.get(before))) && !is_of_word(letters.get(end))
}

/// The lines with a phrase, unless it is a part of what is right.
fn lines_with(letters: &[(char, usize)], phrase: &Phrase) -> Vec<usize> {
    let first = phrase.words.chars().next();
    let is_right = |at: usize| {
        phrase.unless.iter().any(|right| {
            let before = right.find(phrase.words).expect("a phrase is in what is right with it");
            at.checked_sub(right[..before].chars().count()).is_some_and(|start| has_at(letters, start, right))
        })
    };
    let begins = letters.iter().enumerate().filter(|(_, (letter, _))| Some(*letter) == first);
    let places = begins.filter(|(at, _)| has_at(letters, *at, phrase.words) && !is_right(*at));
    places.map(|(_, (_, line))| *line).collect()
}

/// Words in capitals with an underscore that lack their meaning, such as `SERVER_AUTH` outside of brackets.
fn bare_codes(passage: &Passage) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in passage.text.split('\n').enumerate() {
        let is_of_code = |letter: char| letter.is_ascii_uppercase() || letter == '_';
        let mut before = ' ';
        let mut rest = line;
        while let Some(start) = rest.find(is_of_code) {
            before = rest[..start].chars().next_back().unwrap_or(before);
            let code: String = rest[start..].chars().take_while(|letter| is_of_code(*letter)).collect();
            rest = &rest[start + code.len()..];
            let is_code = code.contains('_') && code.len() > 3 && code.starts_with(|first: char| first != '_');
            if is_code && !matches!(before, '(' | '{') && !phrases::VARIABLES.contains(&code.as_str()) {
                found.push((passage.line + number, code));
            }
            before = 'A';
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, or the file itself, whose names end so.
fn files(below: &str, ends: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root().join(below)]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.to_string_lossy().ends_with(ends) {
            found.push(path);
        }
    }
    assert!(!found.is_empty(), "there is no {ends} in {below}");
    found.sort();
    found
}

fn source(path: &Path, passages: Vec<Passage>) -> Source {
    Source { path: path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), passages }
}

fn everything() -> Vec<Source> {
    [rust::sources(), templates::sources(), documents::sources()].into_iter().flatten().collect()
}

#[test]
fn no_sentence_that_people_read_has_a_phrase_that_was_given_up() {
    let mut wrong = Vec::new();
    for source in everything() {
        for passage in &source.passages {
            let letters = letters(passage);
            for phrase in GIVEN_UP.iter().filter(|phrase| phrase.readers.read(&source.path)) {
                for line in lines_with(&letters, phrase) {
                    wrong.push(format!("{}:{line}: “{}”: {}", source.path, phrase.words, phrase.instead));
                }
            }
            if Readers::Owners.read(&source.path) {
                for (line, code) in bare_codes(passage) {
                    wrong.push(format!(
                        "{}:{line}: {code}: write what it means, such as “Web server (SERVER_AUTH)”",
                        source.path
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} sentences to rewrite:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn all_that_people_read_is_looked_at() {
    let sources = everything();
    let passages = |of: &dyn Fn(&str) -> bool| -> usize {
        sources.iter().filter(|source| of(&source.path)).map(|source| source.passages.len()).sum()
    };
    for (what, least, of) in [
        ("src/app", 250, "src/app/"),
        ("src/web", 200, "src/web/"),
        ("src/cli", 500, "src/cli/"),
        ("templates", 200, "templates/"),
        ("docs", 300, "docs/"),
        ("systemd", 100, "systemd/"),
    ] {
        let found = passages(&|path| path.starts_with(of));
        assert!(found >= least, "only {found} passages in {what}");
    }
    let all = |path: &str, text: &str| {
        let source = sources.iter().find(|source| source.path == path).unwrap_or_else(|| panic!("{path}"));
        assert!(source.passages.iter().any(|passage| passage.text.contains(text)), "{path}: {text}");
    };
    all("src/cli/mod.rs", "Serve the console over HTTPS");
    all("src/cli/csr/create.rs", "Request that the new one replaces");
    all("src/domain/fields.rs", "Common Name: the main name of the device");
    all("templates/login.html", "Your session has expired.");
    all("templates/export.html", "Encrypts the file.");
    all("README.md", "The private key stays on the device.");
    all("systemd/signet.toml", "Every key is optional");
}

#[test]
fn phrases_are_found_as_whole_words_and_not_in_what_is_right() {
    let found = |text: &str, words: &str| {
        let phrase = GIVEN_UP.iter().find(|phrase| phrase.words == words).unwrap();
        lines_with(&letters(&Passage { line: 7, text: text.to_owned() }), phrase)
    };
    assert_eq!(found("It is no folder.", "is no"), [7]);
    assert_eq!(found("A folder.\nIt is\n  no folder; is no file.", "is no"), [8, 9]);
    assert!(found("There is no folder. It is no longer here. It is not one.", "is no").is_empty());
    assert_eq!(found("The service was told. See `told_by`, --told.", "told"), [7]);
    assert_eq!(
        bare_codes(&Passage { line: 1, text: "a\nWrite SERVER_AUTH, not Web server (SERVER_AUTH).".into() }).len(),
        1
    );
    for phrase in GIVEN_UP {
        assert!(!phrase.instead.is_empty() && phrase.words == phrase.words.to_lowercase(), "{}", phrase.words);
        assert!(phrase.unless.iter().all(|right| right.contains(phrase.words)), "{}", phrase.words);
    }
}
