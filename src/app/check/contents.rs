//! What lies in the directory: the CSRs one by one, what does not belong there, what was left half-done, the small files.

use super::place::failed;
use super::{Report, State, Wrong, answers, sentence};
use crate::config::Config;
use crate::requests::lineage::Lineage;
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_domain::visible;
use signet_pki::inspect::inspect;
use signet_pki::private_key::PrivateKey;
use signet_store::{Document, Entry, Store, StoreError, refuse_newer_document};
use std::collections::BTreeMap;

/// Every CSR: whether it reads, and whether its key is its own.
pub(super) fn csrs(report: &mut Report, store: &Store, config: &Config, now: Timestamp) {
    let mut folded: BTreeMap<String, CsrName> = BTreeMap::new();
    let mut count: u32 = 0;
    let before = report.findings().len();
    // What cannot be read is told below.
    let lineage = Lineage::read(store).unwrap_or_default();
    let outcome = store.each_csr(|entry| {
        count += 1;
        let told = whole(store, &entry).and_then(|()| answers::whole(&entry, &lineage, now));
        if let Err((state, what, fix)) = told {
            report.add("csrs", state, format!("The CSR {}: {what}.", entry.name), fix);
        }
        if let Some(other) = folded.insert(entry.name.folded(), entry.name.clone()) {
            report.add(
                "csrs",
                State::Attention,
                format!("The CSRs {other} and {} differ in case alone.", entry.name),
                "Rename one of them: names are unique ignoring case.",
            );
        }
    });
    if let Err(error) = outcome {
        return failed(report, "csrs", &error);
    }
    if u64::from(count) * 10 >= u64::from(config.max_csrs) * 9 {
        report.add(
            "csrs",
            State::Attention,
            format!("There are {count} CSRs, and [limits] csrs is {}.", config.max_csrs),
            "Delete some that are no longer needed, or raise the limit.",
        );
    }
    if report.findings().len() == before {
        report.fine("csrs", format!("All {count} CSRs read whole, each with its own key."));
    }
}

/// Never advises to delete: the file may hold the only copy of a key.
const DAMAGED: &str = "Restore its file from a backup, and keep the damaged file until then: it may hold the only copy of the \
                       private key; other requests are not affected.";

fn whole(store: &Store, entry: &Entry) -> Result<(), Wrong> {
    let broken = |what: String| (State::Broken, what, DAMAGED.to_owned());
    let stored = match &entry.content {
        Ok(stored) => stored,
        Err(damage) => {
            let fix = damage.way_out().unwrap_or(DAMAGED);
            return Err((State::Broken, damage.to_string(), fix.to_owned()));
        }
    };
    let request = inspect(&stored.request).map_err(|error| broken(format!("its request does not read: {error}")))?;
    let key = match store.private_key(&entry.name) {
        Ok(Some(key)) => PrivateKey::from_pkcs8(key.expose_secret()),
        // Gone since it was listed.
        Ok(None) => return Ok(()),
        Err(error) => return Err(broken(error.to_string())),
    };
    let key = key.map_err(|error| broken(format!("its key does not read: {error}")))?;
    if signet_pki::digest::sha256(key.spki_der()) != request.key_sha256 {
        return Err(broken("its key belongs to another request".into()));
    }
    Ok(())
}

/// Links, folders and foreign files.
pub(super) fn strays(report: &mut Report, store: &Store) {
    match store.strays() {
        Ok(strays) if strays.is_empty() => report.fine("strays", "Nothing lies there that is not the console's."),
        Ok(strays) => {
            for stray in strays {
                report.add(
                    "strays",
                    State::Attention,
                    format!("{} is {}; it is left alone.", visible::path(&stray.path), stray.what),
                    "Move it away if nobody needs it there.",
                );
            }
        }
        Err(error) => failed(report, "strays", &error),
    }
}

/// What a kill or a power cut left.
pub(super) fn leftovers(report: &mut Report, store: &Store) {
    let before = report.findings().len();
    match store.leftovers() {
        Ok(found) => {
            for path in found {
                report.add(
                    "leftovers",
                    State::Attention,
                    format!("{} is being written, or was when its writer was killed.", visible::path(&path)),
                    "Nothing: the next change or start takes it away.",
                );
            }
        }
        Err(error) => failed(report, "leftovers", &error),
    }
    let any_command = "Start the console or run any command: it is finished first.";
    for (document, what) in [(Document::RecoveryIntent, "A recovery"), (Document::ProvisionIntent, "A provisioning")] {
        match store.document(document) {
            Ok(None) => {}
            Ok(Some(_)) => {
                report.add(
                    "leftovers",
                    State::Attention,
                    format!("{what} was begun and is not finished."),
                    any_command,
                );
            }
            Err(error) => failed(report, "leftovers", &error),
        }
    }
    if store.on_disk().is_ok_and(|found| found.iter().any(|path| path.directory && path.path.ends_with("pending"))) {
        report.add(
            "leftovers",
            State::Attention,
            "The factory began a unit here and did not finish it.",
            "Run the same `signet provision` again.",
        );
    }
    if report.findings().len() == before {
        report.fine("leftovers", "Nothing was left half-done.");
    }
}

/// The owner and the other small files.
pub(super) fn small_files(report: &mut Report, store: &Store) {
    let before = report.findings().len();
    let mut read = |outcome: Result<(), StoreError>| {
        if let Err(error) = outcome {
            report.add("files", State::Broken, sentence(&error), error.fix());
        }
    };
    read(store.owner().map(drop));
    read(store.setup().map(drop));
    read(store.device().map(drop));
    read(store.seal_key().map(drop));
    for document in [Document::LoginDelays, Document::RecoveryIntent, Document::ProvisionIntent] {
        read(versioned(store, document));
    }
    if report.findings().len() > before {
        return;
    }
    match (store.owner(), store.setup()) {
        (Ok(Some(_)), _) => report.fine("files", "The console has an owner."),
        (_, Ok(Some(_))) => report.fine("files", "The console has no owner yet: the setup code opens it."),
        _ => report.fine("files", "The console has no owner and no setup code yet: its first start makes one."),
    }
}

/// Whether a document can be read, and its version is one that this program knows.
fn versioned(store: &Store, document: Document) -> Result<(), StoreError> {
    let Some(json) = store.document(document)? else { return Ok(()) };
    let path = || store.path().join(document.file_name());
    refuse_newer_document(&json, 1).map_err(|damage| StoreError::Damaged { path: path(), damage })
}
