"""ML-DSA by Python's cryptography, which has OpenSSL 3.5 or later inside: the opinion of another implementation.

  ml_dsa.py make SET DIR           a key, a request and a self-signed certificate for it: key.pem, request.pem, certificate.pem;
                                   with OpenSSL's encryption locked.pem
  ml_dsa.py certify KEY REQUEST    a certificate for a request, signed by its own key (PEM on standard output)
  ml_dsa.py key FILE [PASSPHRASE]  JSON: which kind, the public key and the key as PKCS#8, both as hex
  ml_dsa.py certificate FILE       JSON: the kinds of key and signature; fails unless its own key has signed it
  ml_dsa.py pkcs12 FILE PASSPHRASE JSON: the same of the one encrypted key in a PKCS#12 file
"""

import datetime
import json
import pathlib
import re
import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

SETS = {"44": mldsa.MLDSA44PrivateKey, "65": mldsa.MLDSA65PrivateKey, "87": mldsa.MLDSA87PrivateKey}
PASSPHRASE = b"correct horse"
# pkcs8ShroudedKeyBag (RFC 7292 4.2.2).
SHROUDED = bytes.fromhex("060b2a864886f70d010c0a0102")


def kind(public):
    return re.sub(r"MLDSA(\d\d)PublicKey", r"ML-DSA-\1", type(public).__name__)


def spki(key):
    public = key.public_key() if hasattr(key, "public_key") else key
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()


def names():
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nas.example.org")])
    return subject, x509.SubjectAlternativeName([x509.DNSName("nas.example.org")])


def certified(key, subject, san):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(san, False)
    day = datetime.timedelta(days=1)
    builder = builder.not_valid_before(now - day).not_valid_after(now + 90 * day)
    usage = dict.fromkeys(
        ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
        + ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"],
        False,
    )
    builder = builder.add_extension(x509.KeyUsage(**{**usage, "digital_signature": True}), True)
    return builder.sign(key, None)


def make(size, folder):
    key = SETS[size].generate()
    subject, san = names()
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(san, False).sign(key, None)
    certificate = certified(key, subject, san)
    encryption = BestAvailableEncryption(PASSPHRASE)
    for name, content in {
        "key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "locked.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
        "request.pem": request.public_bytes(Encoding.PEM),
        "certificate.pem": certificate.public_bytes(Encoding.PEM),
    }.items():
        (pathlib.Path(folder) / name).write_bytes(content)
    return {"public": spki(key)}


def certify(key, request):
    request = x509.load_pem_x509_csr(pathlib.Path(request).read_bytes())
    key = load_pem_private_key(pathlib.Path(key).read_bytes(), None)
    assert spki(key) == spki(request.public_key())
    san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    sys.stdout.write(certified(key, request.subject, san).public_bytes(Encoding.PEM).decode())


def key(path, passphrase=None):
    return told_of(load_pem_private_key(pathlib.Path(path).read_bytes(), passphrase and passphrase.encode()))


def told_of(key):
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {"kind": kind(key.public_key()), "public": spki(key), "pkcs8": der.hex()}


def certificate(path):
    read = x509.load_pem_x509_certificate(pathlib.Path(path).read_bytes())
    read.verify_directly_issued_by(read)
    return {"kind": kind(read.public_key()), "signature": read.signature_algorithm_oid.dotted_string}


def bundle(path, passphrase):
    """Its own reader of PKCS#12 knows no ML-DSA keys (cryptography 50): the bag is cut out, and is a key file like any other."""
    content = pathlib.Path(path).read_bytes()
    assert content.count(SHROUDED) == 1
    _, explicit = tlv(content[content.index(SHROUDED) + len(SHROUDED) :])
    return told_of(load_der_private_key(explicit, passphrase.encode()))


def tlv(data):
    """Tag and content of the first DER value."""
    length, at = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    return data[0], data[at : at + length]


told = {"make": make, "certify": certify, "key": key, "certificate": certificate, "pkcs12": bundle}[sys.argv[1]](*sys.argv[2:])
if told:
    print(json.dumps(told))
