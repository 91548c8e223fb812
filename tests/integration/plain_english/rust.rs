//! Sentences of the program: string literals outside of tests, and the comments that become a flag's help.

use super::{Passage, Source, files, source};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where sentences are.
const BELOW: [&str; 1] = ["src"];

/// What a statement for a database begins with; no sentence does.
const SQL: [&str; 4] = ["SELECT ", "INSERT ", "DELETE ", "WITH "];

/// What clap makes help from.
const HELP: [&str; 4] = ["Parser", "Args", "Subcommand", "ValueEnum"];

pub fn sources() -> Vec<Source> {
    let mut paths: Vec<PathBuf> = BELOW.into_iter().flat_map(|below| files(below, ".rs")).collect();
    // Tests that are a program of their own.
    paths.retain(|path| !path.components().any(|part| part.as_os_str() == "tests"));
    let mut read = Vec::new();
    let mut tests = BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let tokens = TokenStream::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut reader = Reader { folder: modules_of(&path), passages: Vec::new(), tests: &mut tests };
        reader.items(tokens, false);
        let passages = reader.passages;
        read.push((path, passages));
    }
    read.retain(|(path, _)| !tests.iter().any(|test| path.starts_with(test) || *path == test.with_extension("rs")));
    read.into_iter().map(|(path, passages)| source(&path, passages)).collect()
}

/// The folder of a file's modules.
fn modules_of(path: &Path) -> PathBuf {
    let is_folder = path.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs" || name == "main.rs");
    if is_folder { path.parent().unwrap().to_owned() } else { path.with_extension("") }
}

struct Reader<'a> {
    folder: PathBuf,
    passages: Vec<Passage>,
    /// Modules of tests in files of their own, without ending.
    tests: &'a mut BTreeSet<PathBuf>,
}

/// What the attributes before an item say.
#[derive(Default)]
struct Attributes {
    /// The lines of its comment.
    comment: Vec<Passage>,
    is_help: bool,
    is_test: bool,
}

impl Reader<'_> {
    /// Reads items, fields or statements; `is_help` when their comments are a command's help.
    fn items(&mut self, tokens: TokenStream, is_help: bool) {
        let mut tokens = tokens.into_iter().peekable();
        let mut attributes = Attributes::default();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    tokens.next_if(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == '!'));
                    match tokens.next() {
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                            self.attribute(&group, &mut attributes);
                        }
                        Some(other) => panic!("{other} after #"),
                        None => {}
                    }
                }
                first if attributes.is_test => {
                    self.skip(first, &mut tokens);
                    attributes = Attributes::default();
                }
                token => {
                    let Attributes { comment, is_help: derives, .. } = std::mem::take(&mut attributes);
                    if is_help || derives {
                        self.passages.extend(joined(comment));
                    }
                    if derives {
                        // The item's name, its generics, and its fields or variants.
                        let body = std::iter::once(token).chain(std::iter::from_fn(|| tokens.next()));
                        for token in body {
                            let ends =
                                matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
                            self.token(token, true);
                            if ends {
                                break;
                            }
                        }
                    } else {
                        self.token(token, is_help);
                    }
                }
            }
        }
    }

    fn token(&mut self, token: TokenTree, is_help: bool) {
        match token {
            TokenTree::Group(group) => self.items(group.stream(), is_help),
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                let is_sentence = |text: &String| {
                    text.trim().contains(' ') && !SQL.iter().any(|word| text.trim_start().starts_with(word))
                };
                if let Some(text) = text_of(&literal.to_string()).filter(is_sentence) {
                    self.passages.push(Passage { line, text });
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }

    fn attribute(&mut self, group: &Group, attributes: &mut Attributes) {
        let mut tokens = group.stream().into_iter();
        let name = tokens.next().map(|name| name.to_string()).unwrap_or_default();
        match (name.as_str(), tokens.next(), tokens.next()) {
            ("doc", _, Some(TokenTree::Literal(literal))) => {
                let line = literal.span().start().line;
                let text = text_of(&literal.to_string()).unwrap_or_default();
                attributes.comment.push(Passage { line, text });
            }
            ("derive", Some(TokenTree::Group(derived)), _) => {
                let names = derived.stream().into_iter().map(|name| name.to_string());
                attributes.is_help |= names.into_iter().any(|name| HELP.contains(&name.as_str()));
            }
            ("cfg", Some(TokenTree::Group(when)), _) => {
                attributes.is_test |= when.stream().to_string() == "test";
            }
            ("allow" | "expect" | "cfg_attr" | "path" | "serde", ..) => {}
            _ => self.items(group.stream(), false),
        }
    }

    /// Leaves out the item of a test; where it is a module in a file of its own, remembers the file.
    fn skip(&mut self, first: TokenTree, rest: &mut impl Iterator<Item = TokenTree>) {
        let mut words = Vec::new();
        for token in std::iter::once(first).chain(rest) {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
                TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                token => words.push(token.to_string()),
            }
        }
        if let [.., keyword, name] = words.as_slice()
            && keyword == "mod"
        {
            self.tests.insert(self.folder.join(name));
        }
    }
}

/// The lines of a comment as one text.
fn joined(comment: Vec<Passage>) -> Option<Passage> {
    let line = comment.first()?.line;
    let text: Vec<String> = comment.into_iter().map(|passage| passage.text).collect();
    Some(Passage { line, text: text.join("\n") })
}

/// What a string literal says; none for numbers, bytes and letters.
fn text_of(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let text = raw.trim_start_matches('#').strip_prefix('"')?;
        return Some(text[..text.rfind('"')?].to_owned());
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next()? {
                // The blanks of the next line do not belong to it; the line counts.
                '\n' => text.push('\n'),
                'n' => text.push(' '),
                'u' => letters.by_ref().take_while(|letter| *letter != '}').for_each(drop),
                other => text.push(other),
            },
            letter => text.push(letter),
        }
    }
    Some(text)
}
