//! The extensions that a request asks for, as values. Their rules are in [`super::constraints`].

use serde::{Deserialize, Serialize};

/// What step 4 asks for, valid as a whole ([`super::constraints::ConstraintsAnswers::parse`]).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions {
    /// RFC 5280 4.2.1.9.
    pub basic_constraints: Option<BasicConstraints>,
    /// RFC 5280 4.2.1.1; never critical.
    pub authority_key_identifier: Option<AuthorityKeyIdentifier>,
    /// RFC 5280 4.2.1.12.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// RFC 5280 4.2.1.3.
    pub key_usage: Option<KeyUsage>,
}

/// RFC 5280 4.2.1.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// May sign certificates.
    pub ca: bool,
    /// How many CAs may follow below; only with `ca`.
    pub path_length: Option<u8>,
    /// A reader that does not know the extension must refuse.
    pub critical: bool,
}

/// Which CA is meant to sign: RFC 5280 4.2.1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyIdentifier {
    /// The CA's key identifier, 1 to 64 bytes.
    pub key_id: Vec<u8>,
    /// The CA certificate's own issuer and serial number, when they are asked to be named too.
    pub cert_issuer: Option<IssuerSerial>,
}

/// A certificate named by who issued it and under which number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSerial {
    /// DER of the issuer's `Name`.
    pub issuer: Vec<u8>,
    /// The serial number's DER content bytes (big-endian, two's complement).
    pub serial: Vec<u8>,
}

/// What a CA's certificate says of it that an Authority Key Identifier needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaCertificate {
    /// Its subject key identifier, or the SHA-1 of its key where it has none (RFC 5280 4.2.1.2).
    pub key_id: Vec<u8>,
    /// Its own issuer and serial number.
    pub issued: IssuerSerial,
}

/// Reads a CA's certificate from PEM text; implemented where ASN.1 is known.
pub trait ReadCa {
    /// The certificate's facts; `Err` is one sentence saying what the text is instead.
    fn read_ca(&self, pem: &str) -> Result<CaCertificate, String>;
}

/// RFC 5280 4.2.1.12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// At least one, each once, in the order of [`Usage::ALL`].
    pub usages: Vec<Usage>,
    /// A reader that does not know the extension must refuse.
    pub critical: bool,
}

/// RFC 5280 4.2.1.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUsage {
    /// At least one, each once, in the order of [`KeyUsageBit::ALL`], which is the order of the bits.
    pub bits: Vec<KeyUsageBit>,
    /// A reader that does not know the extension must refuse.
    pub critical: bool,
}

/// One extended key usage. Serialised as its form value (`SERVER_AUTH`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are the form's and the RFCs'")]
pub enum Usage {
    AnyExtendedKeyUsage,
    CertificateTransparency,
    ClientAuth,
    CodeSigning,
    EmailProtection,
    IpsecIke,
    KerberosPkinitKdc,
    OcspSigning,
    ServerAuth,
    SmartcardLogon,
    TimeStamping,
}

/// One key usage bit. Serialised as its command-line value (`digital_signature`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are RFC 5280's")]
pub enum KeyUsageBit {
    DigitalSignature,
    ContentCommitment,
    KeyEncipherment,
    DataEncipherment,
    KeyAgreement,
    KeyCertSign,
    CrlSign,
    EncipherOnly,
    DecipherOnly,
}

impl Usage {
    /// All, in the order of the form and of the encoding.
    pub const ALL: [Self; 11] = [
        Self::AnyExtendedKeyUsage,
        Self::CertificateTransparency,
        Self::ClientAuth,
        Self::CodeSigning,
        Self::EmailProtection,
        Self::IpsecIke,
        Self::KerberosPkinitKdc,
        Self::OcspSigning,
        Self::ServerAuth,
        Self::SmartcardLogon,
        Self::TimeStamping,
    ];

    /// The value on the command line.
    pub fn value(self) -> &'static str {
        self.field().trim_start_matches("eku_")
    }

    /// The usage as people read it, with its value: the label in the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::AnyExtendedKeyUsage => "Any usage (ANY_EXTENDED_KEY_USAGE)",
            Self::CertificateTransparency => "Certificate transparency (CERTIFICATE_TRANSPARENCY)",
            Self::ClientAuth => "TLS client (CLIENT_AUTH)",
            Self::CodeSigning => "Code signing (CODE_SIGNING)",
            Self::EmailProtection => "Email protection (EMAIL_PROTECTION)",
            Self::IpsecIke => "VPN with IPsec (IPSEC_IKE)",
            Self::KerberosPkinitKdc => "Kerberos server (KERBEROS_PKINIT_KDC)",
            Self::OcspSigning => "OCSP responses (OCSP_SIGNING)",
            Self::ServerAuth => "Web server (SERVER_AUTH)",
            Self::SmartcardLogon => "Smart card logon (SMARTCARD_LOGON)",
            Self::TimeStamping => "Time stamping (TIME_STAMPING)",
        }
    }

    /// The label of a value as requests and certificates are decoded; an unknown value is its own label.
    pub fn label_of(value: &str) -> &str {
        Self::ALL.into_iter().find(|usage| usage.value() == value).map_or(value, |usage| usage.label())
    }

    /// The form's checkbox.
    pub fn field(self) -> &'static str {
        match self {
            Self::AnyExtendedKeyUsage => "eku_ANY_EXTENDED_KEY_USAGE",
            Self::CertificateTransparency => "eku_CERTIFICATE_TRANSPARENCY",
            Self::ClientAuth => "eku_CLIENT_AUTH",
            Self::CodeSigning => "eku_CODE_SIGNING",
            Self::EmailProtection => "eku_EMAIL_PROTECTION",
            Self::IpsecIke => "eku_IPSEC_IKE",
            Self::KerberosPkinitKdc => "eku_KERBEROS_PKINIT_KDC",
            Self::OcspSigning => "eku_OCSP_SIGNING",
            Self::ServerAuth => "eku_SERVER_AUTH",
            Self::SmartcardLogon => "eku_SMARTCARD_LOGON",
            Self::TimeStamping => "eku_TIME_STAMPING",
        }
    }

    /// Its object identifier, dotted.
    pub fn oid(self) -> &'static str {
        match self {
            Self::AnyExtendedKeyUsage => "2.5.29.37.0", // RFC 5280 4.2.1.12
            Self::CertificateTransparency => "1.3.6.1.4.1.11129.2.4.4", // RFC 6962 3.1
            Self::ClientAuth => "1.3.6.1.5.5.7.3.2",
            Self::CodeSigning => "1.3.6.1.5.5.7.3.3",
            Self::EmailProtection => "1.3.6.1.5.5.7.3.4",
            Self::IpsecIke => "1.3.6.1.5.5.7.3.17",       // RFC 4945 5.1.3.12
            Self::KerberosPkinitKdc => "1.3.6.1.5.2.3.5", // RFC 4556 3.2.4
            Self::OcspSigning => "1.3.6.1.5.5.7.3.9",
            Self::ServerAuth => "1.3.6.1.5.5.7.3.1",
            Self::SmartcardLogon => "1.3.6.1.4.1.311.20.2.2", // Microsoft smart card logon
            Self::TimeStamping => "1.3.6.1.5.5.7.3.8",
        }
    }
}

impl KeyUsageBit {
    /// All, in the order of their bits: the position here is the bit number of RFC 5280 4.2.1.3.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::ContentCommitment,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// The value on the command line.
    pub fn value(self) -> &'static str {
        self.field().trim_start_matches("ku_")
    }

    /// The form's checkbox.
    pub fn field(self) -> &'static str {
        match self {
            Self::DigitalSignature => "ku_digital_signature",
            Self::ContentCommitment => "ku_content_commitment",
            Self::KeyEncipherment => "ku_key_encipherment",
            Self::DataEncipherment => "ku_data_encipherment",
            Self::KeyAgreement => "ku_key_agreement",
            Self::KeyCertSign => "ku_key_cert_sign",
            Self::CrlSign => "ku_crl_sign",
            Self::EncipherOnly => "ku_encipher_only",
            Self::DecipherOnly => "ku_decipher_only",
        }
    }

    /// The label in the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::DigitalSignature => "Digital Signature",
            Self::ContentCommitment => "Content Commitment",
            Self::KeyEncipherment => "Key Encipherment",
            Self::DataEncipherment => "Data Encipherment",
            Self::KeyAgreement => "Key Agreement",
            Self::KeyCertSign => "Key Cert Sign",
            Self::CrlSign => "CRL Sign",
            Self::EncipherOnly => "Encipher Only",
            Self::DecipherOnly => "Decipher Only",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_is_shown_in_words_with_its_value_behind() {
        assert_eq!(Usage::label_of("SERVER_AUTH"), "Web server (SERVER_AUTH)");
        assert_eq!(Usage::label_of("1.2.3.4"), "1.2.3.4");
        for usage in Usage::ALL {
            let (words, value) = usage.label().split_once(" (").unwrap();
            assert_eq!(value.trim_end_matches(')'), usage.value());
            assert!(words.contains(char::is_lowercase) && !words.contains('_'), "{words}");
        }
    }
}
