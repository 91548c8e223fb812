"""Reads a backup with pyrage and nothing of ours, or writes one: backup.py open|close FILE PASSPHRASE-FILE.

`open` prints its parts as JSON; `close` encrypts standard input into the file, by the specification of age and the primitives of
`cryptography`, since pyrage chooses a work factor by how fast the machine is.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import sys

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyrage import passphrase

CHUNK = 64 * 1024


def derived(key, salt, info):
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def closed(plain, secret, work=16):
    def text(data):
        return base64.b64encode(data).rstrip(b"=")

    key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    n, most = 1 << work, 256 << 20
    wrap = hashlib.scrypt(secret.encode(), salt=b"age-encryption.org/v1/scrypt" + salt, n=n, r=8, p=1, maxmem=most, dklen=32)
    wrapped = ChaCha20Poly1305(wrap).encrypt(bytes(12), key, None)
    head = b"age-encryption.org/v1\n-> scrypt %s %d\n%s\n---" % (text(salt), work, text(wrapped))
    mac = hmac.digest(derived(key, None, b"header"), head, "sha256")
    cipher = ChaCha20Poly1305(derived(key, nonce, b"payload"))
    chunks = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    last = len(chunks) - 1
    body = [
        cipher.encrypt(number.to_bytes(11, "big") + bytes([number == last]), chunk, None)
        for number, chunk in enumerate(chunks)
    ]
    return head + b" " + text(mac) + b"\n" + nonce + b"".join(body)


how, file, secret = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).read_text().splitlines()[0]
if how == "close":
    file.write_bytes(closed(sys.stdin.buffer.read(), secret))
    # The other implementation agrees.
    passphrase.decrypt(file.read_bytes(), secret)
    sys.exit()
plain = passphrase.decrypt(file.read_bytes(), secret)
head, rest = plain.split(b"\n", 1)
parts = []
while True:
    line, rest = rest.split(b"\n", 1)
    line = json.loads(line)
    if line["kind"] == "end":
        break
    content, rest = rest[: line["length"]], rest[line["length"] + 1 :]
    parts.append({"kind": line["kind"], "name": line.get("name"), "content": content.decode()})
assert rest == b"" and line["parts"] == len(parts)
print(json.dumps({"head": json.loads(head), "parts": parts, "plain": plain.decode()}))
