//! The same request for those who work with openssl: a configuration file and the commands that use it.
//!
//! Given the same key, `openssl req` makes the same bytes from it, up to the signature (config(5ssl), req(1ssl)).

use super::error::PkiError;
use super::request::authority;
use signet_domain::extensions::{BasicConstraints, ExtendedKeyUsage, Extensions, KeyUsage, KeyUsageBit};
use signet_domain::hex::colons;
use signet_domain::key_spec::{Curve, KeySpec};
use signet_domain::request::NewRequest;
use signet_domain::san::SanList;
use signet_domain::subject::Subject;
use std::fmt::Write;

/// The configuration file.
///
/// # Errors
/// [`PkiError::Encoding`] when the authority key identifier does not encode, which a valid one does.
pub fn config(request: &NewRequest) -> Result<String, PkiError> {
    let NewRequest { name: _, key: _, lifetime: _, subject, names, extensions } = request;
    let asked = asked(subject, names, extensions)?;
    let mut text =
        String::from("[req]\nprompt = no\nutf8 = yes\nstring_mask = utf8only\ndistinguished_name = subject\n");
    if !asked.is_empty() {
        text.push_str("req_extensions = asked\n");
    }
    text.push_str("\n[subject]\n");
    for (key, value) in parts(subject) {
        line(&mut text, key, &escaped(&value));
    }
    if !asked.is_empty() {
        text.push_str("\n[asked]\n");
        asked.iter().for_each(|(key, value)| line(&mut text, key, value));
    }
    if !names.is_empty() {
        text.push_str("\n[names]\n");
        for (number, name) in (1..).zip(names.iter()) {
            let shown = name.to_string();
            let value = shown.split_once(':').map_or(shown.as_str(), |(_, value)| value);
            line(&mut text, &format!("{}.{number}", name.prefix()), &escaped(value));
        }
    }
    Ok(text)
}

/// The two commands: one makes the key, the other the request.
pub fn commands(request: &NewRequest) -> [String; 2] {
    let name = &request.name;
    let algorithm = match request.key {
        KeySpec::Rsa(bits, _) => format!("RSA -pkeyopt rsa_keygen_bits:{}", bits.value()),
        KeySpec::Ec(curve, _) => {
            format!("EC -pkeyopt ec_paramgen_curve:{} -pkeyopt ec_param_enc:named_curve", curve_name(curve))
        }
        KeySpec::Ed25519 => "ED25519".to_owned(),
        KeySpec::MlDsa(set) => set.label().to_owned(),
    };
    let digest =
        request.key.digest().map(|digest| format!(" -{}", digest.value().to_ascii_lowercase())).unwrap_or_default();
    let nameless = if parts(&request.subject).is_empty() { " -subj /" } else { "" };
    [
        format!("openssl genpkey -algorithm {algorithm} -out {name}.key"),
        format!("openssl req -new -config {name}.cnf -key {name}.key{digest}{nameless} -out {name}.csr"),
    ]
}

fn curve_name(curve: Curve) -> &'static str {
    match curve {
        Curve::Secp256r1 => "prime256v1",
        Curve::Secp384r1 => "secp384r1",
        Curve::Secp521r1 => "secp521r1",
        Curve::Secp256k1 => "secp256k1",
        Curve::BrainpoolP256r1 => "brainpoolP256r1",
        Curve::BrainpoolP384r1 => "brainpoolP384r1",
        Curve::BrainpoolP512r1 => "brainpoolP512r1",
    }
}

fn parts(subject: &Subject) -> Vec<(&'static str, String)> {
    let Subject { common_name, country, state, locality, organization, organizational_unit, email } = subject;
    let text = |text: &Option<signet_domain::subject::Text>| text.as_ref().map(|text| text.as_str().to_owned());
    let parts = [
        ("CN", text(common_name)),
        ("C", country.map(|country| country.code().to_owned())),
        ("ST", text(state)),
        ("L", text(locality)),
        ("O", text(organization)),
        ("OU", text(organizational_unit)),
        ("emailAddress", email.as_ref().map(|email| email.as_str().to_owned())),
    ];
    parts.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn asked(subject: &Subject, names: &SanList, extensions: &Extensions) -> Result<Vec<(&'static str, String)>, PkiError> {
    let Extensions { basic_constraints, authority_key_identifier, extended_key_usage, key_usage } = extensions;
    let critical = |on: bool| if on { "critical, " } else { "" };
    let mut asked = Vec::new();
    if !names.is_empty() {
        asked.push(("subjectAltName", format!("{}@names", critical(parts(subject).is_empty()))));
    }
    if let Some(BasicConstraints { ca, path_length, critical: is_critical }) = basic_constraints {
        let path = path_length.map(|length| format!(", pathlen:{length}")).unwrap_or_default();
        let ca = if *ca { "TRUE" } else { "FALSE" };
        asked.push(("basicConstraints", format!("{}CA:{ca}{path}", critical(*is_critical))));
    }
    if let Some(identifier) = authority_key_identifier {
        // openssl can read this one only from a certificate at hand, so its bytes are given.
        let der = authority(identifier).map_err(PkiError::encoding("authority key identifier"))?;
        asked.push(("2.5.29.35", format!("DER:{}", colons(&der))));
    }
    if let Some(ExtendedKeyUsage { usages, critical: is_critical }) = extended_key_usage {
        let oids: Vec<&str> = usages.iter().map(|usage| usage.oid()).collect();
        asked.push(("extendedKeyUsage", format!("{}{}", critical(*is_critical), oids.join(", "))));
    }
    if let Some(KeyUsage { bits, critical: is_critical }) = key_usage {
        let bits: Vec<&str> = bits.iter().map(|bit| usage_name(*bit)).collect();
        asked.push(("keyUsage", format!("{}{}", critical(*is_critical), bits.join(", "))));
    }
    Ok(asked)
}

fn usage_name(bit: KeyUsageBit) -> &'static str {
    match bit {
        KeyUsageBit::DigitalSignature => "digitalSignature",
        KeyUsageBit::ContentCommitment => "nonRepudiation",
        KeyUsageBit::KeyEncipherment => "keyEncipherment",
        KeyUsageBit::DataEncipherment => "dataEncipherment",
        KeyUsageBit::KeyAgreement => "keyAgreement",
        KeyUsageBit::KeyCertSign => "keyCertSign",
        KeyUsageBit::CrlSign => "cRLSign",
        KeyUsageBit::EncipherOnly => "encipherOnly",
        KeyUsageBit::DecipherOnly => "decipherOnly",
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{key} = {value}");
}

/// Signs that config(5ssl) reads as quotes, comments, variables or escapes are said literally.
fn escaped(value: &str) -> String {
    value.chars().fold(String::with_capacity(value.len()), |mut text, sign| {
        if matches!(sign, '\\' | '"' | '\'' | '`' | '#' | '$') {
            text.push('\\');
        }
        text.push(sign);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::plain_pkcs8_pem;
    use crate::{generate::generate, request::encode};
    use signet_domain::constraints::ConstraintsAnswers;
    use signet_domain::extensions::{CaCertificate, IssuerSerial, ReadCa, Usage};
    use signet_domain::lifetime::Lifetime;
    use signet_domain::name_and_type::NameAndTypeAnswers;
    use signet_domain::options::OptionsAnswers;
    use signet_domain::policy::Policy;
    use signet_domain::subject::SubjectAnswers;
    use std::process::Command;

    struct NoCa;
    impl ReadCa for NoCa {
        fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
            Ok(CaCertificate { key_id: vec![7; 20], issued: IssuerSerial { issuer: vec![0x30, 0], serial: vec![3] } })
        }
    }

    fn request(curve: &str, common: &str, constraints: &ConstraintsAnswers) -> NewRequest {
        let name_and_type = NameAndTypeAnswers { name: "twin".into(), r#type: "csr".into(), profile: String::new() };
        let mut options = OptionsAnswers::preset(None, Lifetime::parse("90").unwrap());
        options.key_type = "EC".into();
        options.ec_curve = curve.into();
        let named = !common.is_empty();
        let subject = SubjectAnswers {
            common: common.into(),
            country: if named { "DE" } else { "" }.into(),
            organization: if named { "A \"quoted\" $HOME #1 \\ 'it' GmbH & Söhne" } else { "" }.into(),
            email: if named { "root@nas.local" } else { "" }.into(),
            san: "nas.local\n192.0.2.7\n2001:db8::7\nemail:a@nas.local\nURI:https://nas.example.org/a?b=$c#d".into(),
            ..SubjectAnswers::default()
        };
        let policy = Policy { required: vec![], ..Policy::default() };
        NewRequest::parse(&name_and_type, &options, &subject, constraints, &policy, &NoCa).unwrap()
    }

    /// The part that is signed: everything but the signature.
    fn info(der: &[u8]) -> Vec<u8> {
        use der::{Decode, Encode};
        x509_cert::request::CertReq::from_der(der).unwrap().info.to_der().unwrap()
    }

    #[test]
    fn openssl_makes_the_same_request_from_the_same_key() {
        let everything = ConstraintsAnswers {
            bc_enabled: true,
            bc_ca: true,
            bc_path_length: "3".into(),
            bc_critical: true,
            aki_enabled: true,
            aki_issuer: "-----BEGIN".into(),
            aki_cert_issuer: true,
            eku_enabled: true,
            eku: Usage::ALL.to_vec(),
            ku_enabled: true,
            ku: KeyUsageBit::ALL.into_iter().filter(|bit| *bit != KeyUsageBit::DecipherOnly).collect(),
            ku_critical: true,
            ..ConstraintsAnswers::default()
        };
        for (curve, common, constraints) in [
            ("SECP384R1", "nas.example.org", &everything),
            ("ed25519", "nas.example.org", &ConstraintsAnswers::default()),
            ("BrainpoolP512R1", "", &everything),
        ] {
            let request = request(curve, common, constraints);
            let key = generate(request.key).unwrap();
            let ours =
                encode(&request.subject, &request.names, &request.extensions, &key, request.key.digest()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("twin.cnf"), config(&request).unwrap()).unwrap();
            std::fs::write(folder.path().join("twin.key"), plain_pkcs8_pem(&key).unwrap().as_bytes()).unwrap();
            let [_, make] = commands(&request);
            let script = format!("{make} && openssl req -in twin.csr -outform DER -out twin.der");
            let output = Command::new("sh").arg("-c").arg(script).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{curve}: {}", String::from_utf8_lossy(&output.stderr));
            let theirs = std::fs::read(folder.path().join("twin.der")).unwrap();
            assert_eq!(info(&ours), info(&theirs), "{curve} {common}\n{}", config(&request).unwrap());
        }
    }

    #[test]
    fn the_command_makes_a_key_of_the_same_kind() {
        for spec in ["SECP256R1", "SECP256K1", "ed25519"] {
            let [make, _] = commands(&request(spec, "nas", &ConstraintsAnswers::default()));
            let folder = tempfile::tempdir().unwrap();
            let output = Command::new("sh").arg("-c").arg(&make).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{make}");
        }
    }
}
