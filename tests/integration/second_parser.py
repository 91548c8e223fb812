"""Reads certificate requests with Python's cryptography and prints what they say as JSON.

Usage: second_parser.py FILE... ; each file holds a request as PEM (text and other blocks around it do not matter) or DER.
Prints a list with one object a file: the subject in order with OIDs and ASN.1 string types, the extensions in order with
OID, criticality and what is in them, the key, the signature algorithm.
"""

import json
import re
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ObjectIdentifier


def names(general_names):
    def one(name):
        if isinstance(name, x509.DirectoryName):
            return "dirname:" + name.value.rfc4514_string()
        kind = {x509.DNSName: "DNS", x509.IPAddress: "IP", x509.RFC822Name: "email", x509.UniformResourceIdentifier: "URI"}
        return kind[type(name)] + ":" + str(name.value)

    return [one(name) for name in general_names]


def usage_bits(usage):
    bits = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    bits += ["key_cert_sign", "crl_sign"]
    if usage.key_agreement:
        bits += ["encipher_only", "decipher_only"]
    return [bit for bit in bits if getattr(usage, bit)]


def content(value):
    if isinstance(value, x509.SubjectAlternativeName):
        return names(value)
    if isinstance(value, x509.BasicConstraints):
        return {"ca": value.ca, "path_length": value.path_length}
    if isinstance(value, x509.KeyUsage):
        return usage_bits(value)
    if isinstance(value, x509.ExtendedKeyUsage):
        return [usage.dotted_string for usage in value]
    if isinstance(value, x509.AuthorityKeyIdentifier):
        issuer = value.authority_cert_issuer
        return {
            "key_identifier": value.key_identifier.hex() if value.key_identifier else None,
            "issuer": names(issuer) if issuer else None,
            "serial": value.authority_cert_serial_number,
        }
    return value.public_bytes().hex()


def key(public):
    if isinstance(public, rsa.RSAPublicKey):
        return {"type": "RSA", "bits": public.key_size, "exponent": public.public_numbers().e}
    if isinstance(public, ec.EllipticCurvePublicKey):
        return {"type": "EC", "curve": public.curve.name, "bits": public.key_size}
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"type": "Ed25519"}
    # MLDSA65PublicKey: ML-DSA-65.
    return {"type": re.sub(r"^MLDSA(\d+)PublicKey$", r"ML-DSA-\1", type(public).__name__)}


def verifies(csr, digest):
    """The request's signature by its own key. cryptography's own is_signature_valid calls no SHA-1 valid."""
    public, signed = csr.public_key(), (csr.signature, csr.tbs_certrequest_bytes)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(*signed, padding.PKCS1v15(), digest)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(*signed, ec.ECDSA(digest))
        else:
            public.verify(*signed)
    except InvalidSignature:
        return False
    return True


def tlv(data):
    """The first DER value of the bytes: tag, content, what follows."""
    length, at = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    return data[0], data[at : at + length], data[at + length :]


def algorithm(der):
    """An AlgorithmIdentifier: the OID, and the parameters as hex (an OID among them in dotted form)."""
    tag, inner, _ = tlv(der)
    assert tag == 0x30
    tag, oid, parameters = tlv(inner)
    assert tag == 0x06
    if parameters[:1] == b"\x06":
        return [dotted(oid), dotted(tlv(parameters)[1])]
    return [dotted(oid), parameters.hex()]


def dotted(content):
    parts, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            parts.append(number)
            number = 0
    first = min(parts[0] // 40, 2)
    return ".".join(str(part) for part in [first, parts[0] - 40 * first, *parts[1:]])


def request(csr):
    der = csr.public_bytes(serialization.Encoding.DER)
    _, info, rest = tlv(tlv(der)[1])
    version, after = info[:3], info[3:]
    _, _, spki_on = tlv(after)
    _, spki, _ = tlv(spki_on)
    try:
        digest = csr.signature_hash_algorithm
    except Exception:
        digest = None
    subject = [[part.oid.dotted_string, part._type.name, part.value] for part in csr.subject]
    return {
        "version": version.hex(),
        "subject": subject,
        "extensions": [[one.oid.dotted_string, one.critical, content(one.value)] for one in csr.extensions],
        "attributes": [one.oid.dotted_string for one in csr.attributes],
        "key": key(csr.public_key()),
        "key_algorithm": algorithm(spki),
        "signature_algorithm": algorithm(rest),
        "digest": digest.name if isinstance(digest, hashes.HashAlgorithm) else None,
        "valid": verifies(csr, digest),
        "der": der.hex(),
    }


def load(path):
    data = open(path, "rb").read()
    pem = re.search(rb"-----BEGIN CERTIFICATE REQUEST-----.*?-----END CERTIFICATE REQUEST-----", data, re.DOTALL)
    return x509.load_pem_x509_csr(pem.group()) if pem else x509.load_der_x509_csr(data)


assert ObjectIdentifier("1.2.840.10045.2.1").dotted_string == dotted(bytes.fromhex("2a8648ce3d0201"))
print(json.dumps([request(load(path)) for path in sys.argv[1:]]))
