//! One thing that was looked at: a stable code, how bad it is, what it is about, numbers for programs, sentences for people.

use crate::messages::Said;
use serde::Serialize;
use signet_domain::name::CsrName;
use signet_domain::visible;
use std::collections::BTreeMap;
use std::path::Path;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Fine,
    /// It works, and somebody should look at it.
    Attention,
    /// It does not work, or what is promised does not hold.
    Broken,
}

impl State {
    /// The same in the words of monitoring.
    pub fn severity(self) -> Severity {
        match self {
            Self::Fine => Severity::Ok,
            Self::Attention => Severity::Warning,
            Self::Broken => Severity::Critical,
        }
    }
}

/// The same in the words of monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Warning,
    /// It does not work.
    Critical,
}

/// What a finding is about, where that is one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Subject {
    /// A request, or its certificate.
    Request {
        /// Its name.
        name: String,
    },
    /// A file or folder.
    File {
        /// Its path.
        path: String,
    },
    /// Another service of the device.
    Service {
        /// Its name.
        name: String,
    },
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: one word, stable.
    pub about: &'static str,
    /// What was found: one word, stable; `fine` where nothing is wrong.
    pub code: &'static str,
    /// How bad it is.
    pub state: State,
    /// The same in the words of monitoring.
    pub severity: Severity,
    /// What it is about, where that is one thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Facts of the sentence as numbers: days, bytes, counts, and times in seconds since 1970.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<&'static str, i64>,
    /// What is so: a sentence.
    pub what: String,
    /// What to do: a sentence; empty where all is fine.
    pub fix: String,
    /// Where an owner or a mode is wrong: every component from `/` to the path, with its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<String>,
}

/// The code of what is as it should be.
pub(super) const FINE: &str = "fine";

impl Finding {
    /// Of this code.
    pub(crate) fn new(about: &'static str, code: &'static str, state: State, Said { what, fix }: Said) -> Self {
        Self {
            about,
            code,
            state,
            severity: state.severity(),
            subject: None,
            numbers: BTreeMap::new(),
            what,
            fix,
            way: Vec::new(),
        }
    }

    /// True where nothing is to be done.
    pub fn is_fine(&self) -> bool {
        self.code == FINE
    }

    /// About this request.
    pub fn request(&mut self, name: &CsrName) -> &mut Self {
        self.subject = Some(Subject::Request { name: name.to_string() });
        self
    }

    /// About this service.
    pub fn service(&mut self, name: &CsrName) -> &mut Self {
        self.subject = Some(Subject::Service { name: name.to_string() });
        self
    }

    /// About this path.
    pub fn file(&mut self, path: &Path) -> &mut Self {
        self.subject = Some(Subject::File { path: visible::path(path) });
        self
    }

    /// With a number of its sentence; one that is larger than JSON's readers take is cut.
    pub fn number(&mut self, name: &'static str, value: impl TryInto<i64>) -> &mut Self {
        self.numbers.insert(name, value.try_into().unwrap_or(i64::MAX));
        self
    }
}
