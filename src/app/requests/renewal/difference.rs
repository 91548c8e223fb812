//! What differs between a request and the one that it replaces, field by field.
//!
//! What was requested is in the requests themselves, so that imports are compared as well as requests made here; the
//! lifetime alone is kept beside them. What a CA made of either is not looked at.

use super::Renewals;
use crate::Failure;
use crate::messages::difference as say;
use crate::requests::content::Content;
use signet_domain::name::CsrName;

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, as the CSR's page calls it.
    pub label: String,
    /// What the older one asks for; of names only those that the newer one lacks.
    pub old: Vec<String>,
    /// What the newer one asks for; of names only those that the older one lacks.
    pub new: Vec<String>,
}

/// A request beside the one that it replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The older one.
    pub old: CsrName,
    /// Whether both have the same key.
    pub same_key: bool,
    /// The fields that differ.
    pub differences: Vec<Difference>,
}

impl Renewals {
    /// A request beside the one that it replaces; none where it replaces none, or that one was deleted.
    pub fn compared(&self, name: &CsrName) -> Result<Option<Compared>, Failure> {
        let new = self.catalog.readable(name)?;
        let Some(old_name) = self.catalog.relatives(&new.record)?.supersedes else { return Ok(None) };
        let old = self.catalog.readable(&old_name)?;
        let same_key = old.request.key_sha256 == new.request.key_sha256;
        Ok(Some(Compared { old: old_name, same_key, differences: differences(&old, &new) }))
    }
}

fn differences(old: &Content, new: &Content) -> Vec<Difference> {
    let (old, new) = (fields(old), fields(new));
    let of = |fields: &[(String, Vec<String>)], label: &str| {
        fields.iter().find(|(other, _)| other == label).map(|(_, lines)| lines.clone()).unwrap_or_default()
    };
    let labels = new.iter().chain(old.iter().filter(|(label, _)| !new.iter().any(|(other, _)| other == label)));
    let pairs =
        labels.map(|(label, _)| Difference { label: label.clone(), old: of(&old, label), new: of(&new, label) });
    // The order of usages or names says nothing.
    let sorted = |lines: &[String]| {
        let mut lines = lines.to_vec();
        lines.sort_unstable();
        lines
    };
    pairs.map(only_what_differs).filter(|pair| sorted(&pair.old) != sorted(&pair.new)).collect()
}

/// Of a long list of names a reader wants the few that changed.
fn only_what_differs(pair: Difference) -> Difference {
    let Difference { label, old, new } = pair;
    if label != say::NAMES {
        return Difference { label, old, new };
    }
    let without = |some: &[String], others: &[String]| {
        some.iter().filter(|line| !others.contains(line)).cloned().collect::<Vec<_>>()
    };
    Difference { old: without(&old, &new), new: without(&new, &old), label }
}

/// Label and lines of everything that a CSR asks for, in the order of its page.
fn fields(content: &Content) -> Vec<(String, Vec<String>)> {
    let request = &content.request;
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |label: &str, line: String| match fields.iter_mut().find(|(other, _)| other == label) {
        Some((_, lines)) => lines.push(line),
        None => fields.push((label.to_owned(), vec![line])),
    };
    request.subject.iter().for_each(|part| add(&part.label, part.value.clone()));
    request.san.iter().for_each(|name| add(say::NAMES, name.clone()));
    for extension in &request.extensions {
        // The names have their own field.
        let is_san = extension.oid == "2.5.29.17";
        let label = if is_san { say::NAMES_ARE_CRITICAL.to_owned() } else { extension.name.clone() };
        add(&label, say::critical(extension.critical).to_owned());
        extension.lines.iter().filter(|_| !is_san).for_each(|line| add(&label, line.clone()));
    }
    request.attributes.iter().for_each(|part| add(&part.label, part.value.clone()));
    add("Key", request.key.label.clone());
    add("Signature", request.signature.label.clone());
    if let Some(days) = content.record.lifetime {
        add("Requested lifetime", say::days(days));
    }
    fields
}
