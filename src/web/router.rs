//! One enum holds every path (SPEC 2); a path that is not in it does not exist.

use hyper::Method;
use signet_domain::name::CsrName;
use signet_domain::step::Step;

/// A page, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are SPEC 2's routes")]
pub enum Route {
    Root,
    Setup,
    Login,
    Logout,
    Csrs,
    Csr(CsrName),
    Download(CsrName),
    Key(CsrName),
    /// The CA's answer to this CSR.
    Certificate(CsrName),
    CertificateDownload(CsrName),
    Pkcs12(CsrName),
    /// The CA's answer to whichever CSR it belongs to.
    Reply,
    Delete(CsrName),
    Clone(CsrName),
    Deploy(CsrName),
    Renew(CsrName),
    Change(CsrName),
    Difference(CsrName),
    Expiry(CsrName),
    TryOut(CsrName),
    Console,
    ConsoleConfirm,
    ConsoleBack,
    Wizard,
    Progress,
    Step(Step),
    Account,
    AccountPassword,
    Audit,
    Help,
    Healthz,
    /// Any other path.
    Nowhere,
    Static(String),
}

/// The path of a wizard's step.
pub fn step_path(step: Step) -> &'static str {
    match step {
        Step::Identity => "/wizard/identity",
        Step::Options => "/wizard/options",
        Step::Subject => "/wizard/subject",
        Step::Constraints => "/wizard/constraints",
        Step::Import => "/wizard/import",
        Step::Confirm => "/wizard/confirm",
    }
}

impl Route {
    /// The route of a path without its query, or none.
    pub fn parse(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let segments: Vec<&str> = path.split('/').collect();
        Some(match segments.as_slice() {
            [""] => Self::Root,
            ["setup"] => Self::Setup,
            ["login"] => Self::Login,
            ["logout"] => Self::Logout,
            ["csrs"] => Self::Csrs,
            ["csrs", name] => Self::Csr(CsrName::parse(name).ok()?),
            ["csrs", name, below] => {
                let name = CsrName::parse(name).ok()?;
                match *below {
                    "download" => Self::Download(name),
                    "key" => Self::Key(name),
                    "certificate" => Self::Certificate(name),
                    "pkcs12" => Self::Pkcs12(name),
                    "delete" => Self::Delete(name),
                    "clone" => Self::Clone(name),
                    "deploy" => Self::Deploy(name),
                    "renew" => Self::Renew(name),
                    "change" => Self::Change(name),
                    "difference" => Self::Difference(name),
                    "expiry.ics" => Self::Expiry(name),
                    "try" => Self::TryOut(name),
                    _ => return None,
                }
            }
            ["csrs", name, "certificate", "download"] => Self::CertificateDownload(CsrName::parse(name).ok()?),
            ["reply"] => Self::Reply,
            ["console"] => Self::Console,
            ["console", "confirm"] => Self::ConsoleConfirm,
            ["console", "back"] => Self::ConsoleBack,
            ["wizard"] => Self::Wizard,
            ["wizard", "progress"] => Self::Progress,
            ["wizard", step] => Self::Step(match *step {
                "identity" => Step::Identity,
                "options" => Step::Options,
                "subject" => Step::Subject,
                "constraints" => Step::Constraints,
                "import" => Step::Import,
                "confirm" => Step::Confirm,
                _ => return None,
            }),
            ["account"] => Self::Account,
            ["account", "password"] => Self::AccountPassword,
            ["audit"] => Self::Audit,
            ["help"] => Self::Help,
            ["healthz"] => Self::Healthz,
            ["static", name] => Self::Static((*name).to_owned()),
            _ => return None,
        })
    }

    /// The `Allow` header: which methods the page takes. HEAD goes where GET does.
    pub fn allow(&self) -> &'static str {
        match self {
            Self::Logout
            | Self::Clone(_)
            | Self::Renew(_)
            | Self::Change(_)
            | Self::AccountPassword
            | Self::ConsoleConfirm
            | Self::ConsoleBack => "POST",
            Self::Setup
            | Self::Login
            | Self::Csr(_)
            | Self::Key(_)
            | Self::Certificate(_)
            | Self::Pkcs12(_)
            | Self::Reply
            | Self::Delete(_)
            | Self::Deploy(_)
            | Self::TryOut(_)
            | Self::Wizard
            | Self::Step(_) => "GET, HEAD, POST",
            _ => "GET, HEAD",
        }
    }

    /// True when the page takes the method.
    pub fn takes(&self, method: &Method) -> bool {
        *self == Self::Nowhere || self.allow().split(", ").any(|name| name == method.as_str())
    }

    /// True for pages that need no login.
    pub fn is_public(&self) -> bool {
        matches!(self, Self::Root | Self::Setup | Self::Login | Self::Healthz | Self::Static(_))
    }

    /// Bytes that a form sent here may have.
    pub fn body_limit(&self) -> usize {
        match self {
            Self::Step(Step::Import) => 256 * 1024,
            Self::Certificate(_) | Self::Reply => 320 * 1024,
            // The login carries what was typed into the page that it stands in for.
            Self::Login => 320 * 1024,
            _ => 64 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_outside_the_table_do_not_exist() {
        for path in [
            "",
            "setup",
            "/setup/",
            "//",
            "/csrs/",
            "/csrs/a b",
            "/csrs/..",
            "/csrs/%2e%2e",
            "/csrs/a/b",
            "/wizard/other",
            "/static/",
            "/CSRS",
        ] {
            let found = Route::parse(path);
            assert!(found.is_none() || matches!(found, Some(Route::Static(ref name)) if name.is_empty()), "{path}");
        }
    }

    #[test]
    fn methods_are_those_of_the_table() {
        assert!(Route::Logout.takes(&Method::POST) && !Route::Logout.takes(&Method::GET));
        assert!(Route::Csrs.takes(&Method::HEAD) && !Route::Csrs.takes(&Method::POST));
        assert!(!Route::Csrs.takes(&Method::PUT));
    }
}
