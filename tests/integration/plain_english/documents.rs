//! Documents without their code, and the comments of shipped units and files.

use super::{Passage, Source, files, source};

const DOCUMENTS: [&str; 6] = ["docs", "README.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "systemd"];

/// The endings of what `signet install` puts into an image.
const SHIPPED: [&str; 8] = [".service", ".socket", ".timer", ".path", ".target", ".toml", ".sysusers", ".tmpfiles"];

pub fn sources() -> Vec<Source> {
    let documents = DOCUMENTS.into_iter().flat_map(|below| files(below, ".md"));
    let documents = documents.map(|path| {
        let passages = paragraphs(&std::fs::read_to_string(&path).unwrap());
        source(&path, passages)
    });
    let shipped = SHIPPED.into_iter().flat_map(|ends| files("systemd", ends));
    let shipped = shipped.map(|path| {
        let passages = comments(&std::fs::read_to_string(&path).unwrap());
        source(&path, passages)
    });
    documents.chain(shipped).collect()
}

/// Paragraphs, list items and rows of tables, without code.
fn paragraphs(text: &str) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let (mut is_code, mut begins) = (false, true);
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim_start().starts_with("```") {
            is_code = !is_code;
            begins = true;
            continue;
        }
        if is_code || text.trim().is_empty() {
            begins = true;
            continue;
        }
        let is_new = begins || text.trim_start().starts_with(['-', '|', '#']);
        match passages.last_mut().filter(|_| !is_new) {
            Some(last) => last.text = format!("{}\n{text}", last.text),
            None => passages.push(Passage { line, text: text.to_owned() }),
        }
        begins = false;
    }
    for passage in &mut passages {
        passage.text = without_code(&passage.text);
    }
    passages
}

/// The text with `code` and the addresses of links taken away; line breaks in them stay.
fn without_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let text: String = parts
        .map(|(number, part)| match number % 2 {
            0 => part.to_owned(),
            _ => format!("X{}", "\n".repeat(part.matches('\n').count())),
        })
        .collect();
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "]" + part.split_once(')').map_or("", |(_, rest)| rest))
}

/// Comments of a unit or a configuration, each block as one text.
fn comments(text: &str) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut follows = false;
    for (line, text) in (1..).zip(text.lines()) {
        let comment = text.strip_prefix('#').filter(|rest| rest.starts_with(' '));
        let spoken =
            comment.or_else(|| text.strip_prefix("Description=")).or_else(|| text.split_once(" # ").map(|(_, it)| it));
        match (spoken, passages.last_mut().filter(|_| follows && comment.is_some())) {
            (Some(spoken), Some(last)) => last.text = format!("{}\n{spoken}", last.text),
            (Some(spoken), None) => passages.push(Passage { line, text: spoken.to_owned() }),
            (None, _) => {}
        }
        follows = comment.is_some();
    }
    for passage in &mut passages {
        passage.text = without_code(&passage.text);
    }
    passages
}
