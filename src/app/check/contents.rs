//! What lies in the directory: the CSRs one by one, what does not belong there, what was left half-done, the small files.

use super::place::failed;
use super::{Finding, Report, State, answers, sentence};
use crate::config::Config;
use crate::requests::lineage::Lineage;
use crate::uses::Uses;
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_domain::visible;
use signet_pki::inspect::inspect;
use signet_pki::private_key::PrivateKey;
use signet_store::{Damage, Document, Entry, Store, StoreError, refuse_newer_document};
use std::collections::BTreeMap;

/// Every CSR: whether it reads, and whether its key is its own.
pub(super) fn csrs(report: &mut Report, store: &Store, config: &Config, now: Timestamp) {
    let mut folded: BTreeMap<String, CsrName> = BTreeMap::new();
    let mut count: u32 = 0;
    let before = report.findings().len();
    // What cannot be read is told below.
    let lineage = Lineage::read(store).unwrap_or_default();
    let uses = Uses::of(store, &config.services);
    let outcome = store.each_csr(|entry| {
        count += 1;
        let told = whole(store, &entry).and_then(|()| answers::whole(&entry, &lineage, &uses, now));
        if let Err(finding) = told {
            let what = format!("The CSR {}: {}.", entry.name, finding.what);
            report.push(Finding { what, ..*finding }).request(&entry.name);
        }
        if let Some(other) = folded.insert(entry.name.folded(), entry.name.clone()) {
            let finding = report.attention(
                "csrs",
                "names_differ_in_case",
                format!("The CSRs {other} and {} differ in case alone.", entry.name),
                "Rename one of them: names are unique ignoring case.",
            );
            finding.request(&entry.name);
        }
    });
    if let Err(error) = outcome {
        return failed(report, "csrs", &error);
    }
    if u64::from(count) * 10 >= u64::from(config.max_csrs) * 9 {
        let finding = report.attention(
            "csrs",
            "near_limit",
            format!("There are {count} CSRs, and [limits] csrs is {}.", config.max_csrs),
            "Delete some that are no longer needed, or raise the limit.",
        );
        finding.number("requests", count).number("limit", config.max_csrs);
    }
    if report.findings().len() == before {
        let finding = report.fine("csrs", format!("All {count} CSRs read whole, each with its own key."));
        finding.number("requests", count);
    }
}

/// Never advises to delete: the file may hold the only copy of a key.
const DAMAGED: &str = "Restore its file from a backup, and keep the damaged file until then: it may hold the only copy of the \
                       private key; other requests are not affected.";

fn whole(store: &Store, entry: &Entry) -> Result<(), Box<Finding>> {
    let broken = |code, what: String| Box::new(Finding::new("csrs", code, State::Broken, what, DAMAGED));
    let stored = match &entry.content {
        Ok(stored) => stored,
        Err(damage) => {
            let fix = damage.way_out().unwrap_or(DAMAGED);
            let code = match damage {
                Damage::Newer(_) => "request_newer",
                Damage::Unreadable(_) => "request_unreadable",
                _ => "request_damaged",
            };
            return Err(Box::new(Finding::new("csrs", code, State::Broken, damage.to_string(), fix)));
        }
    };
    let request = inspect(&stored.request)
        .map_err(|error| broken("request_damaged", format!("its request does not read: {error}")))?;
    let key = match store.private_key(&entry.name) {
        Ok(Some(key)) => PrivateKey::from_pkcs8(key.expose_secret()),
        // Gone since it was listed.
        Ok(None) => return Ok(()),
        Err(error) => return Err(broken("key_damaged", error.to_string())),
    };
    let key = key.map_err(|error| broken("key_damaged", format!("its key does not read: {error}")))?;
    if signet_pki::digest::sha256(key.spki_der()) != request.key_sha256 {
        return Err(broken("key_mismatch", "its key belongs to another request".into()));
    }
    Ok(())
}

/// Links, folders and foreign files.
pub(super) fn strays(report: &mut Report, store: &Store) {
    match store.strays() {
        Ok(strays) if strays.is_empty() => {
            report.fine("strays", "Nothing lies there that is not the console's.");
        }
        Ok(strays) => {
            for stray in strays {
                let finding = report.attention(
                    "strays",
                    "stray_file",
                    format!("{} is {}; it is left alone.", visible::path(&stray.path), stray.what),
                    "Move it away if nobody needs it there.",
                );
                finding.file(&stray.path);
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
                let finding = report.attention(
                    "leftovers",
                    "temporary_file",
                    format!("{} is being written, or was when its writer was killed.", visible::path(&path)),
                    "Nothing: the next change or start takes it away.",
                );
                finding.file(&path);
            }
        }
        Err(error) => failed(report, "leftovers", &error),
    }
    let any_command = "Start the console or run any command: it is finished first.";
    let intents = [
        (Document::RecoveryIntent, "recovery_unfinished", "A recovery"),
        (Document::ProvisionIntent, "provisioning_unfinished", "A provisioning"),
    ];
    for (document, code, what) in intents {
        match store.document(document) {
            Ok(None) => {}
            Ok(Some(_)) => {
                report.attention("leftovers", code, format!("{what} was begun and is not finished."), any_command);
            }
            Err(error) => failed(report, "leftovers", &error),
        }
    }
    if store.on_disk().is_ok_and(|found| found.iter().any(|path| path.directory && path.path.ends_with("pending"))) {
        report.attention(
            "leftovers",
            "provisioning_unfinished",
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
            let finding = report.broken("files", "file_damaged", sentence(&error), error.fix());
            if let StoreError::Damaged { path, .. } = &error {
                finding.file(path);
            }
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
        (Ok(Some(_)), _) => report.fine("files", "The console has an owner.").number("owner", 1),
        (_, Ok(Some(_))) => {
            report.fine("files", "The console has no owner yet: the setup code opens it.").number("owner", 0)
        }
        _ => {
            let what = "The console has no owner and no setup code yet: its first start makes one.";
            report.fine("files", what).number("owner", 0)
        }
    };
}

/// Whether a document can be read, and its version is one that this program knows.
fn versioned(store: &Store, document: Document) -> Result<(), StoreError> {
    let Some(json) = store.document(document)? else { return Ok(()) };
    let path = || store.path().join(document.file_name());
    refuse_newer_document(&json, 1).map_err(|damage| StoreError::Damaged { path: path(), damage })
}
