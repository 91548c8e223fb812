//! The sentences of pages that are built in code: what is wrong, then what to do.
//!
//! A file has one subject, and a function or constant the name of its situation. Templates hold the rest of the text, and
//! `web::error` what error pages say (docs/decisions.md has the rule).

pub(super) mod console;
pub(super) mod done;
pub(super) mod enroll;
pub(super) mod forms;
pub(super) mod progress;
pub(super) mod verdict;
pub(super) mod wizard;
