//! The table of refusals, one of each kind of rule, by step.

/// What is typed, the field that refuses it, and words that only this refusal has.
pub type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const NAME_121: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const TEXT_65: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

pub const IDENTITY: &[Case] = &[
    (&[("name", "")], "name", "A name is required"),
    (&[("name", "nas 2026")], "name", "contains a space"),
    (&[("name", "größe")], "name", "\"ö\""),
    (&[("name", "-nas")], "name", "starts with a hyphen"),
    (&[("name", NAME_121)], "name", "at most 120"),
    (&[("profile", "https-dsa")], "profile", "https-dsa"),
];

pub const OPTIONS: &[Case] = &[
    (&[("key_type", "DSA")], "key_type", "DSA"),
    (&[("key_length", "512")], "key_length", "512"),
    (&[("key_type", "EC"), ("ec_curve", "SECP192R1")], "ec_curve", "SECP192R1"),
    (&[("key_type", "ML-DSA"), ("ml_dsa", "66")], "ml_dsa", "66"),
    (&[("digest_algorithm", "MD5")], "digest_algorithm", "MD5"),
    (&[("lifetime", "0")], "lifetime", ""),
    (&[("lifetime", "36501")], "lifetime", ""),
    (&[("lifetime", "a year")], "lifetime", ""),
];

pub const SUBJECT: &[Case] = &[
    (&[("country", "")], "country", "required"),
    (&[("country", "XX")], "country", "XX"),
    (&[("state", "")], "state", "required"),
    (&[("city", "")], "city", "required"),
    (&[("organization", "")], "organization", "required"),
    (&[("email", "")], "email", "required"),
    (&[("san", "")], "san", "required"),
    (&[("organization", TEXT_65)], "organization", "at most 64"),
    (&[("organizational_unit", TEXT_65)], "organizational_unit", "at most 64"),
    (&[("common", TEXT_65)], "common", "at most 64"),
    (&[("common", "https://nas.example.org/admin")], "common", "is a URL"),
    (&[("city", "Mu\u{1b}nich")], "city", "control character"),
    (&[("state", "Ba\u{202e}varia")], "state", "writing direction"),
    (&[("email", "not an address")], "email", ""),
    (&[("email", "root@nas..local")], "email", ""),
    (&[("san", "nas.local:8443")], "san", "port"),
    (&[("san", "https://nas.local/admin")], "san", "URL"),
    (&[("san", "nas.local/admin")], "san", "path"),
    (&[("san", "192.0.2.0/24")], "san", "network"),
    (&[("san", "my nas")], "san", ""),
    (&[("san", "nas..local")], "san", ""),
    (&[("san", "*")], "san", ""),
    (&[("san", "nas.*.local")], "san", ""),
    (&[("san", "my_nas.local")], "san", ""),
    (&[("san", "nas.123")], "san", ""),
    (&[("san", "DNS:")], "san", "Nothing follows the prefix"),
    (&[("san", "DNS:192.0.2.7")], "san", "is an address"),
    (&[("san", "IP:nas.local")], "san", "is not an IP address"),
    (&[("san", "fe80::1%eth0")], "san", "zone"),
    (&[("san", "2001:db8::g")], "san", ""),
    (&[("san", "xn--a.example")], "san", ""),
    (&[("san", "ab--cd.example")], "san", ""),
    (&[("san", "email:größe@nas.local")], "san", ""),
    (&[("san", "otherName:1.2.3")], "san", "otherName"),
];

pub const CONSTRAINTS: &[Case] = &[
    (&[("bc_enabled", "on"), ("bc_path_length", "1")], "bc_path_length", "Only a CA has a path length"),
    (&[("bc_enabled", "on"), ("bc_ca", "on"), ("bc_path_length", "-1")], "bc_path_length", "less than 0"),
    (&[("bc_enabled", "on"), ("bc_ca", "on"), ("bc_path_length", "256")], "bc_path_length", "more than 255"),
    (&[("bc_enabled", "on"), ("bc_ca", "on"), ("bc_path_length", "few")], "bc_path_length", "whole number"),
    (&[("aki_enabled", "on"), ("aki_issuer", "")], "aki_issuer", "the CA is missing"),
    (&[("aki_enabled", "on"), ("aki_issuer", "01:2")], "aki_issuer", "odd number"),
    (&[("aki_enabled", "on"), ("aki_issuer", "-----BEGIN CERTIFICATE-----")], "aki_issuer", ""),
    (
        &[("aki_enabled", "on"), ("aki_issuer", "0102"), ("aki_cert_issuer", "on")],
        "aki_cert_issuer",
        "from the CA's certificate",
    ),
    (&[("eku_enabled", "on"), ("eku_critical", "on")], "eku_enabled", "no usage is selected"),
    (&[("ku_enabled", "on"), ("ku_critical", "on")], "ku_enabled", "nothing is selected"),
    (
        &[("eku_enabled", "on"), ("eku_ANY_EXTENDED_KEY_USAGE", "on"), ("eku_critical", "on")],
        "eku_critical",
        "4.2.1.12",
    ),
    (
        &[("ku_enabled", "on"), ("ku_digital_signature", "on"), ("ku_encipher_only", "on")],
        "ku_encipher_only",
        "Encipher Only needs Key Agreement",
    ),
    (
        &[("ku_enabled", "on"), ("ku_key_agreement", "on"), ("ku_encipher_only", "on"), ("ku_decipher_only", "on")],
        "ku_decipher_only",
        "exclude each other",
    ),
    (&[("ku_enabled", "on"), ("ku_key_cert_sign", "on")], "ku_key_cert_sign", "is for CAs only"),
    (
        &[("bc_enabled", "on"), ("bc_ca", "on"), ("ku_enabled", "on"), ("ku_crl_sign", "on")],
        "ku_key_cert_sign",
        "of a CA needs Key Cert Sign",
    ),
    (
        &[("ku_enabled", "on"), ("ku_crl_sign", "on"), ("eku_enabled", "on"), ("eku_SERVER_AUTH", "on")],
        "eku_SERVER_AUTH",
        "Web server (SERVER_AUTH) needs",
    ),
    (
        &[("ku_enabled", "on"), ("ku_key_encipherment", "on"), ("eku_enabled", "on"), ("eku_CODE_SIGNING", "on")],
        "eku_CODE_SIGNING",
        "Code signing (CODE_SIGNING) needs",
    ),
];
