//! The audit log as people read it.

/// What was done, by the entry's word; words of a newer program are shown as they are. `detail` may be empty.
pub(crate) fn entry(word: &str, detail: &str, count: Option<u32>) -> String {
    let text = match word {
        "setup" => "Set up the console",
        "owner" => "Set the owner's password by command",
        "login" => "Logged in",
        "ticket" => "Made a login link",
        "ticket-login" => "Logged in by a login link",
        "logout" => "Logged out",
        "password" => "Changed the password",
        "create" => "Created a request",
        "import" => "Imported a request",
        "key" => "Exported the private key",
        "answer" => "Added the certificate",
        "ca-add" => "Added an authority",
        "ca-change" => "Changed an authority",
        "ca-delete" => "Deleted an authority",
        "ca-client" => "Copied its key to an authority",
        "revoke" => "Asked to revoke its certificate",
        "revoked" => "Its certificate is revoked",
        "revoke-failed" => "Its certificate is not revoked",
        "enroll" => "Ordered a certificate",
        "auto-renew" => "Renewed automatically from now on",
        "auto-renew-stop" => "No longer renewed automatically",
        "enroll-cancel" => "Cancelled the order",
        "enroll-failed" => "The order failed",
        "rename" => return format!("Renamed it to {detail}"),
        "note" => "Changed the note",
        "delete" => "Deleted it with its key",
        "deploy" => "Handed it to other services",
        "deploy-stop" => "Stopped handing it to other services",
        "backup" => "Made a backup with the private keys",
        "restore" => "Restored a backup",
        "recovery" => "Recovery",
        "console-try" => "Tried its certificate for the console",
        "console-use" => "Put its certificate in use for the console",
        "console-revert" => "Ended its trial for the console: the previous certificate was restored",
        "console-back" => "Went back to another certificate of the console",
        "setup-refused" => "Entered a wrong setup code",
        "login-refused" => "Entered a wrong password at login",
        "password-refused" => "Entered a wrong password",
        "ticket-refused" => "Used a login link that is not valid",
        "lost" => "Entries that did not fit into memory",
        other => other,
    };
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    match count {
        Some(count) => format!("{text}{detail}, {count} times"),
        None => format!("{text}{detail}"),
    }
}

/// The detail of a request that replaces another one.
pub(crate) fn replaces(key: &str, old: &str, same_key: bool) -> String {
    format!("{key}, replaces {old}, {}", if same_key { "with its key" } else { "with a new key" })
}

/// The detail of a key that was exported.
pub(crate) fn export(encrypted: bool) -> &'static str {
    if encrypted { "encrypted" } else { "unencrypted" }
}

/// The detail of an export with the certificate.
pub(crate) const PKCS12: &str = "PKCS#12, encrypted";

/// Whose certificate it is, for the detail of one that was added.
pub(crate) fn certificate(issuer: &str, until: &str) -> String {
    format!("by {issuer} until {until}")
}

/// Who ran the command, behind the user whose rights it has.
pub(crate) fn caller(uid: Option<u32>, login: Option<u32>, sudo: Option<&str>) -> String {
    let uid = uid.map(|uid| format!(", called by uid {uid}"));
    let login = login.map(|uid| format!(", logged in as uid {uid}"));
    let sudo = sudo.map(|name| format!(", SUDO_USER={name} (not verified)"));
    [uid, login, sudo].into_iter().flatten().collect()
}
