//! What every page has around it: title, token, the way to the other pages.

/// The frame's facts, the same for each template that extends `base.html`.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Of the page, without the console's name.
    pub title: String,
    /// For the page's forms.
    pub csrf_token: String,
    /// Whether the pages behind the login are linked.
    pub logged_in: bool,
    /// Whether the title says that something is wrong.
    pub has_error: bool,
    /// The style sheet's path with its content's hash.
    pub style: &'static str,
    /// The icon's path with its content's hash.
    pub icon: &'static str,
}

/// A row of links or facts: label and value.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What is there, a line a value; empty ones are shown as "none".
    pub value: String,
}

impl Fact {
    /// A label and its value.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}
