//! What pages are made of, compiled once: the text of a macro would be compiled again at each of its calls, 200 KB in all.
//!
//! Pages call these by the macros of `macros.html`.

use super::layout::{Fact, Layout};
use super::look;
use super::pages::comparison::Comparison;
use askama::Template;
use signet_domain::invalid::Mistakes;
use std::borrow::Cow;

/// What is above a page.
#[derive(Debug, Template)]
#[template(path = "parts/top.html")]
pub struct Top<'a> {
    layout: &'a Layout,
}

/// What is above a page: the head, the bar, and a trial that is running.
pub fn top(layout: &Layout) -> Top<'_> {
    Top { layout }
}

/// What is below a page.
#[derive(Debug, Template)]
#[template(path = "parts/bottom.html")]
pub struct Bottom<'a> {
    layout: &'a Layout,
}

/// What is below a page.
pub fn bottom(layout: &Layout) -> Bottom<'_> {
    Bottom { layout }
}

/// A sentence.
#[derive(Debug, Template)]
#[template(path = "parts/prose.html")]
pub struct Prose<'a> {
    text: Cow<'a, str>,
}

/// A sentence: no line breaks inside a date, and a command is set as one.
pub fn prose(text: &str) -> Prose<'_> {
    Prose { text: look::current().words(text) }
}

/// The error summary.
#[derive(Debug, Template)]
#[template(path = "parts/summary.html")]
pub struct Summary<'a> {
    mistakes: &'a Mistakes,
}

/// The error summary: the form's action ends in `#summary`, so that the browser lands here without script.
pub fn summary(mistakes: &Mistakes) -> Summary<'_> {
    Summary { mistakes }
}

/// What is wrong at a field.
#[derive(Debug, Template)]
#[template(path = "parts/told.html")]
pub struct Told<'a> {
    field: &'a str,
    mistakes: &'a Mistakes,
}

/// What is wrong at a field, with a button where the right value is known.
pub fn told<'a>(field: &'a str, mistakes: &'a Mistakes) -> Told<'a> {
    Told { field, mistakes }
}

/// Label, hint and errors of a control.
#[derive(Debug, Template)]
#[template(path = "parts/head.html")]
pub struct Head<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    mistakes: &'a Mistakes,
}

/// Label, hint and errors of a control.
pub fn head<'a>(field: &'a str, label: &'a str, hint: &'a str, mistakes: &'a Mistakes) -> Head<'a> {
    Head { field, label, hint, mistakes }
}

/// A line of text.
#[derive(Debug, Template)]
#[template(path = "parts/text.html")]
pub struct Text<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    mistakes: &'a Mistakes,
    attributes: &'a str,
}

/// A line of text; `attributes` is HTML.
pub fn text<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    mistakes: &'a Mistakes,
    attributes: &'a str,
) -> Text<'a> {
    Text { field, label, hint, value, mistakes, attributes }
}

/// A password, which is never filled in.
#[derive(Debug, Template)]
#[template(path = "parts/password.html")]
pub struct Password<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    mistakes: &'a Mistakes,
    autocomplete: &'a str,
}

/// A password, which is never filled in.
pub fn password<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    mistakes: &'a Mistakes,
    autocomplete: &'a str,
) -> Password<'a> {
    Password { field, label, hint, mistakes, autocomplete }
}

/// Lines of text.
#[derive(Debug, Template)]
#[template(path = "parts/area.html")]
pub struct Area<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    mistakes: &'a Mistakes,
    rows: i32,
}

/// Lines of text.
pub fn area<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    mistakes: &'a Mistakes,
    rows: i32,
) -> Area<'a> {
    Area { field, label, hint, value, mistakes, rows }
}

/// A box to tick.
#[derive(Debug, Template)]
#[template(path = "parts/checkbox.html")]
pub struct Checkbox<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    checked: bool,
    mistakes: &'a Mistakes,
}

/// A box to tick.
pub fn checkbox<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    checked: bool,
    mistakes: &'a Mistakes,
) -> Checkbox<'a> {
    Checkbox { field, label, hint, checked, mistakes }
}

/// Rows of a list of facts.
#[derive(Debug, Template)]
#[template(path = "parts/facts.html")]
pub struct Facts<'a> {
    list: &'a [Fact],
}

/// Rows of a list of facts.
pub fn facts(list: &[Fact]) -> Facts<'_> {
    Facts { list }
}

/// A file to choose.
#[derive(Debug, Template)]
#[template(path = "parts/file.html")]
pub struct FileField<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
}

/// A file to choose.
pub fn file<'a>(field: &'a str, label: &'a str, hint: &'a str) -> FileField<'a> {
    FileField { field, label, hint }
}

/// A list to choose one from.
#[derive(Debug, Template)]
#[template(path = "parts/choice.html")]
pub struct Choice<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    options: Vec<(&'a str, &'a str)>,
    chosen: &'a str,
    mistakes: &'a Mistakes,
}

/// A list to choose one from: values and their names.
pub fn choice<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    options: &'a [(impl AsRef<str>, impl AsRef<str>)],
    chosen: &'a str,
    mistakes: &'a Mistakes,
) -> Choice<'a> {
    let options = options.iter().map(|(value, name)| (value.as_ref(), name.as_ref())).collect();
    Choice { field, label, hint, options, chosen, mistakes }
}

/// Buttons of which one is chosen.
#[derive(Debug, Template)]
#[template(path = "parts/radios.html")]
pub struct Radios<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    options: &'a [(&'a str, &'a str, &'a str)],
    chosen: &'a str,
    mistakes: &'a Mistakes,
}

/// Buttons of which one is chosen: values, their names, and what is worth knowing.
pub fn radios<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    options: &'a [(&'a str, &'a str, &'a str)],
    chosen: &'a str,
    mistakes: &'a Mistakes,
) -> Radios<'a> {
    Radios { field, label, hint, options, chosen, mistakes }
}

/// Boxes of which several can be ticked.
#[derive(Debug, Template)]
#[template(path = "parts/ticks.html")]
pub struct Ticks<'a> {
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    options: &'a [(&'a str, &'a str, &'a str, bool)],
    mistakes: &'a Mistakes,
}

/// Boxes of which several can be ticked: the ends of their names, what they stand for, what is worth knowing, and whether they are.
pub fn ticks<'a>(
    field: &'a str,
    label: &'a str,
    hint: &'a str,
    options: &'a [(&'a str, &'a str, &'a str, bool)],
    mistakes: &'a Mistakes,
) -> Ticks<'a> {
    Ticks { field, label, hint, options, mistakes }
}

/// What a certificate is good for.
#[derive(Template)]
#[template(path = "parts/verdict.html")]
pub struct Judged<'a> {
    one: &'a Comparison,
    heading: &'a str,
}

/// What a certificate is good for, below a heading of this element.
pub fn verdict<'a>(one: &'a Comparison, heading: &'a str) -> Judged<'a> {
    Judged { one, heading }
}

/// A certificate beside its request.
#[derive(Template)]
#[template(path = "parts/comparison.html")]
pub struct Beside<'a> {
    one: &'a Comparison,
}

/// A certificate beside its request, below its verdict.
pub fn comparison(one: &Comparison) -> Beside<'_> {
    Beside { one }
}
