//! One enum holds every path (docs/reference.md); a path that is not in it does not exist.

use hyper::Method;
use signet_domain::name::CsrName;
use signet_domain::step::Step;

/// A page, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are docs/reference.md's routes")]
pub enum Route {
    Root,
    Setup,
    Login,
    /// A login link that root made.
    Ticket,
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
    /// Its certificate is ordered at a CA.
    Enroll(CsrName),
    Renew(CsrName),
    Change(CsrName),
    Difference(CsrName),
    Expiry(CsrName),
    Trial(CsrName),
    Console,
    ConsoleConfirm,
    ConsoleBack,
    Wizard,
    Progress,
    Step(Step),
    Account,
    AccountPassword,
    Audit,
    /// The CAs that certificates are ordered from.
    Authorities,
    /// A CA that is reached by EST is added.
    Est,
    /// One of them.
    Authority(String),
    AuthorityDelete(String),
    Help,
    Licences,
    Healthz,
    /// Any other path.
    Nowhere,
    Static(String),
}

/// The path of a wizard's step.
pub fn step_path(step: Step) -> &'static str {
    match step {
        Step::NameAndType => "/wizard/identity",
        Step::Options => "/wizard/options",
        Step::Subject => "/wizard/subject",
        Step::Constraints => "/wizard/constraints",
        Step::Import => "/wizard/import",
        Step::Certificate => "/wizard/certificate",
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
            ["ticket"] => Self::Ticket,
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
                    "enroll" => Self::Enroll(name),
                    "renew" => Self::Renew(name),
                    "change" => Self::Change(name),
                    "difference" => Self::Difference(name),
                    "expiry.ics" => Self::Expiry(name),
                    "try" => Self::Trial(name),
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
                "identity" => Step::NameAndType,
                "options" => Step::Options,
                "subject" => Step::Subject,
                "constraints" => Step::Constraints,
                "import" => Step::Import,
                "certificate" => Step::Certificate,
                "confirm" => Step::Confirm,
                _ => return None,
            }),
            ["account"] => Self::Account,
            ["account", "password"] => Self::AccountPassword,
            ["audit"] => Self::Audit,
            ["authorities"] => Self::Authorities,
            ["authorities", "new", "est"] => Self::Est,
            ["authorities", name] => Self::Authority((*name).to_owned()),
            ["authorities", name, "delete"] => Self::AuthorityDelete((*name).to_owned()),
            ["help"] => Self::Help,
            ["licences"] => Self::Licences,
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
            | Self::Ticket
            | Self::Csr(_)
            | Self::Key(_)
            | Self::Certificate(_)
            | Self::Pkcs12(_)
            | Self::Reply
            | Self::Delete(_)
            | Self::Deploy(_)
            | Self::Enroll(_)
            | Self::Authorities
            | Self::Est
            | Self::Authority(_)
            | Self::AuthorityDelete(_)
            | Self::Trial(_)
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
        matches!(self, Self::Root | Self::Setup | Self::Login | Self::Ticket | Self::Healthz | Self::Static(_))
    }

    /// Bytes that a form sent here may have.
    pub fn body_limit(&self) -> usize {
        match self {
            Self::Step(Step::Import | Step::Certificate) => 256 * 1024,
            Self::Certificate(_) | Self::Reply => 320 * 1024,
            // The login carries what was typed into the page that it replaces, up to 32 KiB, encoded again.
            Self::Login => 128 * 1024,
            _ => 64 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use signet_domain::step::Walk;
    use std::collections::BTreeSet;

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
    /// This file without its tests.
    fn source() -> &'static str {
        include_str!("router.rs").split("#[cfg(test)]").next().unwrap()
    }

    /// The names of the routes, as the enum has them.
    fn variants() -> BTreeSet<String> {
        let body = source().split("pub enum Route {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap();
        let lines =
            body.lines().map(str::trim).filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
        lines.map(|line| line.trim_end_matches(',').to_owned()).collect()
    }

    fn variant(route: &Route) -> String {
        let text = format!("{route:?}");
        match route {
            Route::Step(_) => "Step(Step)".to_owned(),
            Route::Static(_) | Route::Authority(_) | Route::AuthorityDelete(_) => {
                text.split_once('(').map_or(text.clone(), |(name, _)| format!("{name}(String)"))
            }
            _ => text.split_once('(').map_or(text.clone(), |(name, _)| format!("{name}(CsrName)")),
        }
    }

    #[test]
    fn the_reference_names_every_route_with_its_methods_and_no_other() {
        let rows = reference::table("Routes");
        let (mut found, mut segments) = (BTreeSet::new(), BTreeSet::new());
        let mut steps = Vec::new();
        for row in &rows {
            let path = reference::code(&row[0]);
            segments.extend(path.split('/').map(str::to_owned));
            let route = Route::parse(&path).unwrap_or_else(|| panic!("{path} does not exist"));
            if let Route::Step(step) = route {
                steps.push(step);
            }
            let methods: Vec<&str> = route.allow().split(", ").filter(|name| *name != "HEAD").collect();
            assert_eq!(methods.join(", "), row[1], "{path}: methods");
            assert_eq!(if route.is_public() { "no" } else { "yes" }, row[2], "{path}: login");
            let form = if row[3].is_empty() { None } else { Some(reference::number(&row[3]) as usize) };
            assert_eq!(form, route.takes(&Method::POST).then(|| route.body_limit()), "{path}: form");
            found.insert(variant(&route));
        }
        reference::names(&rows);
        found.insert(variant(&Route::Nowhere));
        reference::agree("Routes", variants(), found);
        // A base path that begins with one of them is refused.
        let paths = rows.iter().map(|row| reference::code(&row[0]));
        let first = paths.filter_map(|path| path.split('/').nth(1).map(str::to_owned)).filter(|part| !part.is_empty());
        reference::agree("first parts of paths", signet_app::config::OWN_PATHS.map(str::to_owned), first);
        let order = Walk::ALL.map(Step::order);
        for step in order.iter().flat_map(|order| order.iter()) {
            assert!(steps.contains(step), "the reference has no step {step:?}");
        }
        // Another path of a route that has one already.
        let parser = source().split("pub fn parse(").nth(1).and_then(|rest| rest.split("\n    }").next()).unwrap();
        for literal in parser.split('"').skip(1).step_by(2).filter(|text| !text.contains('/') && !text.is_empty()) {
            assert!(segments.contains(literal), "no path of the reference has {literal:?}");
        }
    }
}
