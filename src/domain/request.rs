//! A whole new request, from all its answers: what Save and the command line make a key for.

use super::constraints::ConstraintsAnswers;
use super::extensions::{Extensions, ReadCa};
use super::invalid::Mistakes;
use super::key_spec::KeySpec;
use super::lifetime::Lifetime;
use super::messages;
use super::name::CsrName;
use super::name_and_type::{Kind, NameAndType, NameAndTypeAnswers};
use super::options::{Options, OptionsAnswers};
use super::policy::Policy;
use super::san::SanList;
use super::subject::{Named, Subject, SubjectAnswers};

/// Everything that a new CSR is made from but the key itself; valid as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The CSR's name.
    pub name: CsrName,
    /// The key to be made and the digest it signs with.
    pub key: KeySpec,
    /// The requested lifetime.
    pub lifetime: Lifetime,
    /// The distinguished name.
    pub subject: Subject,
    /// The subject alternative names, the common name's copy included.
    pub names: SanList,
    /// The other extensions.
    pub extensions: Extensions,
}

impl NewRequest {
    /// All four steps at once; refused with the mistakes of every step, in the order of the steps.
    pub fn parse(
        name_and_type: &NameAndTypeAnswers,
        options: &OptionsAnswers,
        subject: &SubjectAnswers,
        constraints: &ConstraintsAnswers,
        policy: &Policy,
        ca: &dyn ReadCa,
    ) -> Result<Self, Mistakes> {
        Self::of_steps(
            name_and_type.parse(),
            options.parse(policy),
            subject.parse(policy),
            constraints.parse(options.key_type(), ca),
        )
    }

    /// The request of four steps that were parsed each by itself; refused with the mistakes of every step, in their order.
    pub fn of_steps(
        name_and_type: Result<NameAndType, Mistakes>,
        options: Result<Options, Mistakes>,
        subject: Result<Named, Mistakes>,
        constraints: Result<Extensions, Mistakes>,
    ) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::none();
        let name_and_type = mistakes.keep_all(name_and_type);
        if name_and_type.as_ref().is_some_and(|name_and_type| !matches!(name_and_type.kind, Kind::New(_))) {
            mistakes.add(messages::key::not_a_new_request());
        }
        let options = mistakes.keep_all(options);
        let named = mistakes.keep_all(subject);
        let extensions = mistakes.keep_all(constraints);
        match (name_and_type, options, named, extensions) {
            (Some(name_and_type), Some(options), Some(named), Some(extensions)) if mistakes.is_empty() => Ok(Self {
                name: name_and_type.name,
                key: options.key,
                lifetime: options.lifetime,
                subject: named.subject,
                names: named.names,
                extensions,
            }),
            _ => Err(mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extensions::CaCertificate;
    use crate::profile::Profile;

    struct NoCa;

    impl ReadCa for NoCa {
        fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
            Err("No certificate is read here.".into())
        }
    }

    fn parse(name: &str, kind: &str, key_type: &str, san: &str, ca: bool) -> Result<NewRequest, Mistakes> {
        let name_and_type = NameAndTypeAnswers { name: name.into(), r#type: kind.into(), profile: "https-rsa".into() };
        let lifetime = Lifetime::parse("200").unwrap();
        let options = OptionsAnswers { key_type: key_type.into(), ..OptionsAnswers::preset(None, lifetime) };
        let subject = SubjectAnswers { san: san.into(), ..SubjectAnswers::default() };
        let mut constraints = ConstraintsAnswers::preset(Some(Profile::HttpsRsa), None);
        constraints.bc_ca = ca;
        let policy = Policy { required: Vec::new(), ..Policy::default() };
        NewRequest::parse(&name_and_type, &options, &subject, &constraints, &policy, &NoCa)
    }

    #[test]
    fn holds_the_values_of_all_steps() {
        let request = parse("nas", "csr", "EC", "nas.local", false).unwrap();
        assert_eq!((request.name.as_str(), request.key.kind().label().as_str()), ("nas", "EC SECP384R1"));
        assert_eq!((request.lifetime.days(), request.names.len()), (200, 1));
        assert!(request.extensions.key_usage.is_some());
    }

    #[test]
    fn tells_the_mistakes_of_all_steps_in_their_order() {
        let mistakes = parse("-", "csr", "DSA", "nas:80", true).unwrap_err();
        let fields: Vec<_> = mistakes.iter().map(|invalid| invalid.field).collect();
        assert_eq!(fields, ["name", "key_type", "san", "ku_key_cert_sign"]);
    }

    #[test]
    fn makes_no_import() {
        let mistakes = parse("nas", "import", "RSA", "nas.local", false).unwrap_err();
        assert_eq!(mistakes.iter().map(|invalid| invalid.field).collect::<Vec<_>>(), ["type"]);
    }
}
