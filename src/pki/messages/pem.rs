//! Damaged PEM around a thing that `thing` names, so that the same causes have words of their own for each field.

use crate::pem::PemError;

pub(super) fn damaged(thing: &str, error: &PemError) -> String {
    match error {
        PemError::NoEnd { label } => format!("The {thing} is cut off: the line -----END {label}----- is missing."),
        PemError::NoBegin { label } => format!("The {thing} lacks its first line, -----BEGIN {label}-----."),
        PemError::LabelsDiffer { begin, end } => {
            format!("The {thing} begins as {begin} and ends as {end}: a part is missing.")
        }
        PemError::Dashes => format!("The {thing} has a BEGIN or END line without its five dashes on each side."),
        PemError::Empty { label } => format!("The {thing} is empty between the lines of {label}."),
        PemError::Base64 { label } => {
            format!("The {thing}'s text is damaged: characters of {label} are missing or do not belong there.")
        }
    }
}

pub(super) fn copy_again(thing: &str) -> String {
    format!("Copy the whole {thing} again, from its first dash to its last, or give its file.")
}
