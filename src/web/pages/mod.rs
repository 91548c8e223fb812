//! The pages outside the wizard, one file each; and the page that only tells something.

pub mod account;
pub mod csr;
pub mod csrs;
pub mod delete;
pub mod export;
pub mod help;
pub mod login;
pub mod setup;

use super::error::WebError;
use super::shell::Shell;
use super::visit::Visit;
use super::{Web, assets};
use askama::Template;

/// A page that tells something and shows the way on.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct Notice {
    shell: Shell,
    what: String,
    fix: String,
    links: Vec<(String, &'static str)>,
    id: Option<u64>,
}

impl Notice {
    /// An error's page.
    pub fn error(_web: &Web, visit: Option<&Visit<'_>>, error: &WebError, id: u64) -> Self {
        let title = match error {
            WebError::NotFound => "Page not found",
            WebError::TooSoon(_) => "Please wait",
            WebError::App(_) | WebError::Template(_) => "This did not work",
            _ => "This request was refused",
        };
        let shell = visit.map_or_else(|| bare(title), |visit| visit.error_shell(title));
        let mut what = error.to_string();
        if let Some(first) = what.get(..1).map(str::to_uppercase) {
            what.replace_range(..1, &first);
        }
        if !what.ends_with('.') {
            what.push('.');
        }
        let on = if shell.logged_in { ("/csrs".to_owned(), "To the list") } else { ("/".to_owned(), "To the start") };
        Self { shell: Shell { has_error: true, ..shell }, what, fix: error.fix(), links: vec![on], id: Some(id) }
    }

    /// A page that tells where things stand.
    pub fn told(visit: &Visit<'_>, title: &str, what: String, fix: String, links: Vec<(String, &'static str)>) -> Self {
        Self { shell: visit.shell(title), what, fix, links, id: None }
    }
}

fn bare(title: &str) -> Shell {
    Shell {
        title: title.to_owned(),
        csrf_token: String::new(),
        logged_in: false,
        has_error: true,
        style: assets::style(),
        icon: assets::icon(),
    }
}
