//! What is in the directory: the requests one by one, what does not belong there, what was left unfinished, the small files.

use super::place::failed;
use super::{Finding, Report, State, answers, of_error};
use crate::config::Config;
use crate::messages::Said;
use crate::messages::check::contents as say;
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
    // What cannot be read is reported below.
    let lineage = Lineage::read(store).unwrap_or_default();
    let uses = Uses::of(store, &config.services);
    let outcome = store.each_csr(|entry| {
        count += 1;
        let found = whole(store, &entry).and_then(|()| answers::whole(&entry, &lineage, &uses, now));
        if let Err(finding) = found {
            let what = say::of_request(entry.name.as_str(), &finding.what);
            report.push(Finding { what, ..*finding }).request(&entry.name);
        }
        if let Some(other) = folded.insert(entry.name.folded(), entry.name.clone()) {
            let finding = report.attention(
                "csrs",
                "names_differ_in_case",
                say::differ_in_case(other.as_str(), entry.name.as_str()),
            );
            finding.request(&entry.name);
        }
    });
    if let Err(error) = outcome {
        return failed(report, "csrs", &error);
    }
    if u64::from(count) * 10 >= u64::from(config.max_csrs) * 9 {
        let finding = report.attention("csrs", "near_limit", say::near_limit(count, config.max_csrs));
        finding.number("requests", count).number("limit", config.max_csrs);
    }
    if report.findings().len() == before {
        let finding = report.fine("csrs", say::requests(count as usize));
        finding.number("requests", count);
    }
}

fn whole(store: &Store, entry: &Entry) -> Result<(), Box<Finding>> {
    let broken =
        |code, what: String| Box::new(Finding::new("csrs", code, State::Broken, Said::new(what, say::DAMAGED)));
    let stored = match &entry.content {
        Ok(stored) => stored,
        Err(damage) => {
            let fix = damage.way_out().unwrap_or(say::DAMAGED);
            let code = match damage {
                Damage::Newer(_) => "request_newer",
                Damage::Unreadable(_) => "request_unreadable",
                _ => "request_damaged",
            };
            return Err(Box::new(Finding::new("csrs", code, State::Broken, Said::new(damage.to_string(), fix))));
        }
    };
    let request =
        inspect(&stored.request).map_err(|error| broken("request_damaged", say::request_unreadable(&error)))?;
    let key = match store.private_key(&entry.name) {
        Ok(Some(key)) => PrivateKey::from_pkcs8(key.expose_secret()),
        // Gone since it was listed.
        Ok(None) => return Ok(()),
        Err(error) => return Err(broken("key_damaged", error.to_string())),
    };
    let key = key.map_err(|error| broken("key_damaged", say::key_unreadable(&error)))?;
    if signet_pki::digest::sha256(key.spki_der()) != request.key_sha256 {
        return Err(broken("key_mismatch", say::KEY_OF_ANOTHER.to_owned()));
    }
    Ok(())
}

/// Links, folders and foreign files.
pub(super) fn strays(report: &mut Report, store: &Store) {
    match store.strays() {
        Ok(strays) if strays.is_empty() => {
            report.fine("strays", say::NO_STRAYS);
        }
        Ok(strays) => {
            for stray in strays {
                let said = say::stray(&visible::path(&stray.path), stray.what);
                report.attention("strays", "stray_file", said).file(&stray.path);
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
                let said = say::temporary(&visible::path(&path));
                report.attention("leftovers", "temporary_file", said).file(&path);
            }
        }
        Err(error) => failed(report, "leftovers", &error),
    }
    let intents = [
        (Document::RecoveryIntent, "recovery_unfinished", "recovery"),
        (Document::ProvisionIntent, "provisioning_unfinished", "provisioning"),
        (Document::RestoreIntent, "restore_unfinished", "restore"),
    ];
    for (document, code, what) in intents {
        match store.document(document) {
            Ok(None) => {}
            Ok(Some(_)) => {
                report.attention("leftovers", code, say::unfinished(what));
            }
            Err(error) => failed(report, "leftovers", &error),
        }
    }
    if store.has_restoring().unwrap_or(false) && matches!(store.document(Document::RestoreIntent), Ok(None)) {
        report.attention("leftovers", "restore_unfinished", say::restore_unfinished());
    }
    if store.on_disk().is_ok_and(|found| found.iter().any(|path| path.directory && path.path.ends_with("pending"))) {
        report.attention("leftovers", "provisioning_unfinished", say::device_unfinished());
    }
    if report.findings().len() == before {
        report.fine("leftovers", say::NO_LEFTOVERS);
    }
}

/// The owner and the other small files.
pub(super) fn small_files(report: &mut Report, store: &Store) {
    let before = report.findings().len();
    let mut read = |outcome: Result<(), StoreError>| {
        if let Err(error) = outcome {
            let finding = report.broken("files", "file_damaged", of_error(&error));
            if let StoreError::Damaged { path, .. } = &error {
                finding.file(path);
            }
        }
    };
    read(store.owner().map(drop));
    read(store.setup().map(drop));
    read(store.device().map(drop));
    read(store.machine().map(drop));
    read(store.seal_key().map(drop));
    let documents =
        [Document::LoginDelays, Document::RecoveryIntent, Document::ProvisionIntent, Document::RestoreIntent];
    for document in documents {
        read(versioned(store, document));
    }
    if report.findings().len() > before {
        return;
    }
    match (store.owner(), store.setup()) {
        (Ok(Some(_)), _) => report.fine("files", say::OWNED).number("owner", 1),
        (_, Ok(Some(_))) => report.fine("files", say::NO_OWNER).number("owner", 0),
        _ => report.fine("files", say::NO_CODE).number("owner", 0),
    };
}

/// Whether a document can be read, and its version is one that this program knows.
fn versioned(store: &Store, document: Document) -> Result<(), StoreError> {
    let Some(json) = store.document(document)? else { return Ok(()) };
    let path = || store.path().join(document.file_name());
    refuse_newer_document(&json, 1).map_err(|damage| StoreError::Damaged { path: path(), damage })
}
