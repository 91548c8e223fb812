//! Names of the algorithms that are met in key files and requests and refused: `DSA` says more than
//! `1.2.840.10040.4.1`.

use der::asn1::ObjectIdentifier;

/// Name by OID: keys, curves, signatures, encryption.
const NAMES: [(&str, &str); 47] = [
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10040.4.3", "DSA with SHA-1"),
    ("2.16.840.1.101.3.4.3.1", "DSA with SHA-224"),
    ("2.16.840.1.101.3.4.3.2", "DSA with SHA-256"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
    ("1.2.840.10046.2.1", "Diffie-Hellman (X9.42)"),
    ("1.2.840.113549.1.1.2", "RSA with MD2"),
    ("1.2.840.113549.1.1.3", "RSA with MD4"),
    ("1.2.840.113549.1.1.4", "RSA with MD5"),
    ("1.2.840.113549.1.1.7", "RSAES-OAEP"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.113", "Ed448"),
    ("1.3.132.1.12", "ECDH"),
    ("1.2.643.2.2.19", "GOST R 34.10-2001"),
    ("1.2.643.7.1.1.1.1", "GOST R 34.10-2012 (256 bits)"),
    ("1.2.643.7.1.1.1.2", "GOST R 34.10-2012 (512 bits)"),
    ("2.16.840.1.101.3.4.4.1", "ML-KEM-512"),
    ("2.16.840.1.101.3.4.4.2", "ML-KEM-768"),
    ("2.16.840.1.101.3.4.4.3", "ML-KEM-1024"),
    ("1.2.840.10045.3.1.1", "SECP192R1"),
    ("1.3.132.0.33", "SECP224R1"),
    ("1.3.132.0.31", "SECP192K1"),
    ("1.3.132.0.32", "SECP224K1"),
    ("1.3.132.0.28", "SECP128R1"),
    ("1.3.132.0.8", "SECP160R1"),
    ("1.3.36.3.3.2.8.1.1.3", "BrainpoolP192R1"),
    ("1.3.36.3.3.2.8.1.1.5", "BrainpoolP224R1"),
    ("1.3.36.3.3.2.8.1.1.8", "BrainpoolP256T1"),
    ("1.3.36.3.3.2.8.1.1.9", "BrainpoolP320R1"),
    ("1.3.36.3.3.2.8.1.1.12", "BrainpoolP384T1"),
    ("1.3.36.3.3.2.8.1.1.14", "BrainpoolP512T1"),
    ("1.2.156.10197.1.301", "SM2"),
    ("1.3.132.0.1", "SECT163K1"),
    ("1.3.132.0.15", "SECT163R2"),
    ("1.3.132.0.26", "SECT233K1"),
    ("1.3.132.0.27", "SECT233R1"),
    ("1.2.840.113549.1.5.3", "PBES1 with MD5 and DES"),
    ("1.2.840.113549.1.5.6", "PBES1 with MD5 and RC2"),
    ("1.2.840.113549.1.5.10", "PBES1 with SHA-1 and DES"),
    ("1.2.840.113549.1.5.11", "PBES1 with SHA-1 and RC2"),
    ("1.2.840.113549.1.12.1.1", "PKCS#12's RC4 (128 bits)"),
    ("1.2.840.113549.1.12.1.2", "PKCS#12's RC4 (40 bits)"),
    ("1.2.840.113549.3.2", "RC2"),
    ("1.3.14.3.2.7", "DES"),
    ("2.16.840.1.101.3.4.1.46", "AES-256-GCM"),
];

/// The name of an algorithm or a curve; its OID where it has none here.
pub fn algorithm_name(oid: ObjectIdentifier) -> String {
    let dotted = oid.to_string();
    match NAMES.iter().find(|(known, _)| *known == dotted) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("OID {dotted}"),
    }
}
