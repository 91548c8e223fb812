//! Which certificates of a CA's own server are refused, and what is said of them.

use super::run;
use super::server::{Server, TestCa, said};
use crate::error::Kind;
use crate::{Https, Roots};
use hyper::Method;
use rcgen::{BasicConstraints, CertificateParams, IsCa, SanType};

fn refused(change: impl FnOnce(&mut CertificateParams), root: Option<&TestCa>) -> (String, String) {
    let ca = TestCa::new();
    let root = root.map_or(&ca.pem, |root| &root.pem);
    run(async {
        let server = Server::start(ca.server(change), |_, _| said(200, "", "{}")).await;
        let mut https = Https::new(Roots::Pem(root.as_bytes()), None).unwrap();
        let failure = https.send(Method::GET, &server.url, &[], Vec::new()).await.unwrap_err().failure();
        assert_eq!((failure.code.as_str(), failure.kind), ("untrusted", Kind::Unreachable));
        assert!(server.asked.lock().unwrap().is_empty(), "nothing is sent");
        (failure.what, failure.remedy)
    })
}

#[test]
fn a_certificate_that_is_not_the_cas_is_refused_with_its_reason() {
    let other = TestCa::new();
    let (what, remedy) = refused(|_| {}, Some(&other));
    assert!(what.contains("does not chain to a root") && remedy.contains("--root"), "{what} {remedy}");
    let (what, remedy) = refused(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1), None);
    assert!(what.contains("has expired") && remedy.contains("clock"), "{what} {remedy}");
    let (what, _) = refused(|params| params.not_before = rcgen::date_time_ymd(2090, 1, 1), None);
    assert!(what.contains("not valid yet"), "{what}");
    let (what, _) =
        refused(|params| params.subject_alt_names = vec![SanType::DnsName("other".try_into().unwrap())], None);
    assert!(what.contains("another name"), "{what}");
    let (what, remedy) = refused(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), None);
    assert!(what.contains("is a CA certificate") && remedy.contains("of its own"), "{what} {remedy}");
}

#[test]
fn a_file_without_roots_is_refused() {
    for bad in [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Roots::Pem(bad).check().is_err());
    }
    assert!(Roots::Pem(&vec![b' '; 70_000]).check().is_err());
    Roots::Public.check().unwrap();
}
