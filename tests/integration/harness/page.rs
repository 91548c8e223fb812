//! A page as its reader sees it: title, texts, links, forms, mistakes.

use super::form::Form;
use super::origin::Answer;
use scraper::{ElementRef, Html, Selector};

/// An answer at the path that the address bar shows.
#[derive(Debug, Clone)]
pub struct Page {
    /// With its query.
    pub path: String,
    pub status: u16,
    pub answer: Answer,
}

impl Page {
    pub fn new(path: String, answer: Answer) -> Self {
        Self { path, status: answer.status, answer }
    }

    pub fn source(&self) -> &str {
        std::str::from_utf8(&self.answer.body).expect("a page is UTF-8")
    }

    pub fn html(&self) -> Html {
        Html::parse_document(self.source())
    }

    /// Fails unless the page is there with this status and title (without the console's name).
    pub fn expect(self, status: u16, title: &str) -> Self {
        let found = (self.status, self.title());
        assert_eq!(found, (status, title.to_owned()), "at {}:\n{}", self.path, self.main());
        self
    }

    /// The title without the product's name behind it.
    pub fn title(&self) -> String {
        let title = self.texts("title").concat();
        title.rsplit_once(" – ").map_or(&*title, |(title, _)| title).to_owned()
    }

    /// The text of each element, blanks folded.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.html().select(&parse(selector)).map(|element| text_of(&element)).collect()
    }

    /// All that stands on the page between the bar and the end.
    pub fn main(&self) -> String {
        match self.texts("main") {
            texts if texts.is_empty() => String::from_utf8_lossy(&self.answer.body).into_owned(),
            texts => texts.concat(),
        }
    }

    /// The value beside a label in a list of facts.
    pub fn fact(&self, label: &str) -> String {
        let html = self.html();
        let (groups, labels, values) = (parse("dl.facts > div"), parse("dt"), parse("dd"));
        let labelled = |group: &scraper::ElementRef<'_>| group.select(&labels).any(|found| text_of(&found) == label);
        let group = html.select(&groups).find(labelled).unwrap_or_else(|| panic!("no fact {label}:\n{}", self.main()));
        group.select(&values).map(|value| text_of(&value)).collect::<Vec<_>>().join("\n")
    }

    /// Where the link of this text leads.
    pub fn link(&self, text: &str) -> String {
        let html = self.html();
        let links = parse("a[href]");
        let found = html.select(&links).find(|link| text_of(link) == text);
        let found = found.unwrap_or_else(|| panic!("no link \"{text}\" at {}:\n{}", self.path, self.main()));
        found.attr("href").unwrap().to_owned()
    }

    /// The form that is sent to this path, with what its fields hold.
    pub fn form(&self, path: &str) -> Form {
        let html = self.html();
        let forms = parse("form");
        let found =
            html.select(&forms).find(|form| form.attr("action").unwrap().split(['?', '#']).next() == Some(path));
        Form::read(&found.unwrap_or_else(|| panic!("no form to {path} at {}:\n{}", self.path, self.main())))
    }

    /// The form of the page's own path that has this field.
    pub fn form_with(&self, field: &str) -> Form {
        let html = self.html();
        let (forms, fields) = (parse("form"), parse(&format!("[name={field}]")));
        let found = html.select(&forms).find(|form| form.select(&fields).next().is_some());
        Form::read(&found.unwrap_or_else(|| panic!("no form with {field} at {}:\n{}", self.path, self.main())))
    }

    /// The step's form.
    pub fn step(&self) -> Form {
        let html = self.html();
        let steps = parse("form.step");
        let found = html.select(&steps).next();
        Form::read(&found.unwrap_or_else(|| panic!("no step at {}:\n{}", self.path, self.main())))
    }

    /// The error summary: the field that each entry links to, and its words. Each stands at its field too.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let html = self.html();
        let entries = parse("#summary a");
        let mistakes: Vec<(String, String)> = html
            .select(&entries)
            .map(|link| (link.attr("href").unwrap().trim_start_matches('#').to_owned(), text_of(&link)))
            .collect();
        for (field, what) in &mistakes {
            let target = html.select(&parse(&format!("[id='{field}']"))).next();
            assert!(target.is_some(), "the summary links to #{field}, which is not there");
            let beside = self.at_field(field);
            assert!(beside.contains(what), "\"{what}\" stands in the summary and not at {field}: \"{beside}\"");
        }
        mistakes
    }

    /// What is said at a field that is wrong.
    pub fn at_field(&self, field: &str) -> String {
        self.texts(&format!("[id='{field}-error']")).concat()
    }
}

pub fn parse(selector: &str) -> Selector {
    Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}"))
}

fn text_of(element: &ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
