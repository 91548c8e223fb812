//! The wizard: its choices, hints and notices.

use signet_domain::invalid::Invalid;

pub(in crate::web) const TOO_LONG: &str = "The answers are too long for the wizard.";
pub(in crate::web) const STEP_MISSING: &str = "A step of this request is missing.";
pub(in crate::web) const NO_DRAFT: &str = "The form does not say which unfinished request it belongs to.";
pub(in crate::web) const NOT_SUGGESTED: &str = "The suggested text is not a name.";

pub(in crate::web) const NEW_REQUEST: &str = "The key and the request are made on this device.";
pub(in crate::web) const IMPORT_REQUEST: &str = "You already have a request and its private key.";
pub(in crate::web) const IMPORT_CERTIFICATE: &str = "You have both already, as PKCS#12 (.p12, .pfx) or as PEM.";

pub(in crate::web) const ALREADY_SAVED: &str = "This request is already saved";
pub(in crate::web) const ALREADY_SAVED_FIX: &str = "Open it, or start a new request.";
pub(in crate::web) const ANOTHER_STARTED: &str = "You have started another request";
pub(in crate::web) const ANOTHER_STARTED_WHAT: &str = "The page you came from belongs to an earlier request. You have started \
     a newer one since, perhaps in another tab. Nothing was changed.";
pub(in crate::web) const ANOTHER_STARTED_FIX: &str = "Continue with the newer request.";

/// A form of a request that is on the disk.
pub(in crate::web) fn already_saved(name: &str) -> String {
    format!("The page you came from belongs to the request {name}, which is saved. Nothing was changed.")
}

/// A renewal has answers, and an import has none.
pub(in crate::web) fn import_of(old: &str) -> Invalid {
    Invalid::new(
        "type",
        format!("This request replaces {old} and takes over its answers. An import has no answers."),
        "Choose New request. To import a request, start again from the list of requests.",
    )
}

/// More names than cookies hold.
pub(in crate::web) fn names_too_long() -> Invalid {
    Invalid::new(
        "san",
        "The names are too long for the wizard, which keeps 16 KiB in all.",
        "Enter fewer or shorter names, or use `signet csr create --from` on the device.",
    )
}

/// A longer certificate than cookies hold.
pub(in crate::web) fn ca_too_long() -> Invalid {
    Invalid::new(
        "aki_issuer",
        "The CA's certificate is too long for the wizard, which keeps 16 KiB in all.",
        "Enter the CA's key identifier in hex instead.",
    )
}

/// What the lifetime means; public CAs issue at most so many days today.
pub(in crate::web) fn lifetime_hint(public_limit: u32) -> String {
    format!(
        "In days, 1 to 36500. A request does not contain a lifetime: it is kept as a reminder, and the CA decides. \
         Public CAs issue at most {public_limit} days today, 100 from 2027-03-15 and 47 from 2029-03-15."
    )
}

/// The lifetime in the summary; both are such as `200 days`.
pub(in crate::web) fn lifetime(days: &str, public_limit: &str) -> String {
    format!("{days}. The CA decides; public CAs issue at most {public_limit}.")
}

/// Where a suggested name comes from.
pub(in crate::web) mod suggested {
    pub(in crate::web) const LEASE: &str = "From DHCP: it may change, unless you reserve it in the router.";
    pub(in crate::web) const ENTRANCE_LEASE: &str = "You are using it now. If it comes from DHCP, it may change.";
    pub(in crate::web) const MAYBE_LEASE: &str = "If it comes from DHCP, it may change.";
    pub(in crate::web) const ENTRANCE: &str = "You are using it now.";
    pub(in crate::web) const HOST_NAME: &str = "The device's host name.";
    pub(in crate::web) const MULTICAST: &str = "Works on the local network without a name server.";
    pub(in crate::web) const CONFIGURED: &str = "Set by the maker or administrator of the device.";
    pub(in crate::web) const STATIC: &str = "Static address.";
}
