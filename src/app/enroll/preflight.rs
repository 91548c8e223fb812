//! The facts of a request as it is, for the table of rules.

use crate::requests::content::Content;
use jiff::civil::Date;
use signet_domain::extensions::Extensions;
use signet_domain::preflight::{CaKind, Facts, Finding, preflight};
use signet_domain::subject_part::Part;
use signet_pki::ca::CaReader;
use signet_pki::inspect::Inspected;

/// What a CA of this kind does with a stored request.
pub fn findings(content: &Content, kind: CaKind, has_dns: bool, today: Date) -> Vec<Finding> {
    let asked = content.record.asked.as_ref();
    let extensions = asked.and_then(|asked| asked.constraints.parse(None, &CaReader).ok());
    found(&content.request, content.record.lifetime, extensions.as_ref(), kind, has_dns, today)
}

/// The same of a request alone; `extensions` are those that were chosen here.
pub(crate) fn found(
    request: &Inspected,
    lifetime: Option<u32>,
    extensions: Option<&Extensions>,
    kind: CaKind,
    has_dns: bool,
    today: Date,
) -> Vec<Finding> {
    let names = request.names();
    let subject = &request.typed_subject;
    let set = [
        (Part::Country, &subject.country),
        (Part::State, &subject.state),
        (Part::City, &subject.city),
        (Part::Organization, &subject.organization),
        (Part::OrganizationalUnit, &subject.organizational_unit),
        (Part::Email, &subject.email),
    ];
    let facts = Facts {
        names: &names,
        common: request.common_name.as_deref(),
        subject: set.into_iter().filter(|(_, value)| value.is_some()).map(|(part, _)| part).collect(),
        key: request.key.kind,
        digest: request.signature.digest,
        lifetime,
        is_ca: request.requested.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca),
        extensions,
        has_dns,
    };
    preflight(&facts, kind, today)
}
