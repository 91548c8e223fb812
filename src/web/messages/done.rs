//! What a page says after a change, by the parameter `told` of its address.

/// On a request's page.
pub(in crate::web) fn to_request(what: &str) -> Option<&'static str> {
    Some(match what {
        "saved" => "The request is saved. Its private key stays on this device.",
        "with-certificate" => {
            "The certificate and its private key are imported. The request was made from the certificate."
        }
        "imported" => "The request and its private key are imported.",
        "changed" => "The changes are saved.",
        "deployed" => "The certificate and its key are handed to the other services within a minute.",
        "deploy-stopped" => "The copies of the other services are removed within a minute.",
        "renamed" => "The request has its new name.",
        "answered" => "The certificate is added to your request.",
        "same" => "This certificate was added before. Nothing has changed.",
        _ => return None,
    })
}

/// On the list of requests.
pub(in crate::web) fn to_list(what: &str) -> Option<&'static str> {
    Some(match what {
        "deleted" => "The request and its private key are deleted.",
        "answered" => "The certificates are added, each to its request.",
        "same" => "These certificates were added before. Nothing has changed.",
        _ => return None,
    })
}

/// On the page of the console's certificate.
pub(in crate::web) fn to_console(what: &str) -> Option<&'static str> {
    Some(match what {
        "confirmed" => "The certificate is kept. It stays in use after a restart.",
        "ended" => "The trial has ended. The previous certificate is in use again.",
        "back" => "The certificate is changed. Visitors see this one from now on.",
        _ => return None,
    })
}

/// On the account's page.
pub(in crate::web) fn to_account(what: &str) -> Option<&'static str> {
    (what == "changed").then_some("The password is changed. All other sessions are logged out.")
}

/// On a step of the wizard.
pub(in crate::web) fn to_wizard(what: &str) -> Option<&'static str> {
    Some(match what {
        "stale" => "Your unfinished request has expired or was started on another device. Please start again.",
        "cloned" => "These are the answers of another request. Enter a name for the new one.",
        "renewed" => "These are the answers of the request that you renew, with a new name. Next: review and save.",
        "to-change" => "These are the answers of the request that you change. Go through the steps and edit them.",
        "preset" => "The profile has replaced the options and constraints. Check them.",
        "with-key" => {
            "The file contains a certificate with its private key, and no request on this device has that key. Enter a name \
             to import both."
        }
        "import-gone" => "What you imported is no longer in memory. Please enter it again.",
        _ => return None,
    })
}

/// On the page of an order.
pub(in crate::web) fn to_enroll(what: &str) -> Option<&'static str> {
    (what == "chosen").then_some("The choice is saved.")
}

/// On the pages of CAs.
pub(in crate::web) fn to_authorities(what: &str) -> Option<&'static str> {
    Some(match what {
        "added" => "The CA is added. Test whether this device can reach it.",
        "changed" => "The changes are saved.",
        "same" => "It was so before. Nothing has changed.",
        "deleted" => "The CA and its account's key are deleted.",
        _ => return None,
    })
}
