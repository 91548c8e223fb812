//! Text of pages and of the label: what is left of a template without its tags, and the labels and hints in its calls.

use super::{Passage, Source, files, source};

/// Attributes that are read out.
const SPOKEN: [&str; 3] = ["aria-label=\"", "title=\"", "placeholder=\""];

pub fn sources() -> Vec<Source> {
    let paths = files("templates", ".html").into_iter().chain(files("templates", ".svg"));
    paths
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let passages = (1..).zip(text.lines()).flat_map(|(line, text)| passages(line, text)).collect();
            source(&path, passages)
        })
        .collect()
}

fn passages(line: usize, text: &str) -> Vec<Passage> {
    let mut texts = Vec::new();
    let text = without(text, "{#", "#}", |_| " ".to_owned());
    let text = without(&text, "{%", "%}", |call| {
        texts.extend(call.split('"').skip(1).step_by(2).filter(|one| one.contains(' ')).map(str::to_owned));
        // Text after a branch is another sentence's part.
        " ".to_owned()
    });
    let text = without(&text, "{{", "}}", |_| "X".to_owned());
    let text = without(&text, "<", ">", |tag| {
        for spoken in SPOKEN {
            texts.extend(tag.split(spoken).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
        String::new()
    });
    texts.push(text);
    let texts = texts.into_iter().filter(|text| text.trim().contains(' '));
    texts.map(|text| Passage { line, text }).collect()
}

/// The text with each part between the two marks replaced; one that is open at the line's end goes as well.
fn without(text: &str, open: &str, close: &str, mut by: impl FnMut(&str) -> String) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let (inner, after) = after.split_once(close).unwrap_or((after, ""));
        left += before;
        left += &by(inner);
        rest = after;
    }
    left + rest
}
