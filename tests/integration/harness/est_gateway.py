"""An EST server (RFC 7030) behind nginx, which ends TLS and tells who the client is; OpenBao signs behind it.

Usage: est_gateway.py FOLDER BAO_ADDRESS BAO_TOKEN. Its port goes into FOLDER/port, what it is asked into FOLDER/asked.
The label says how it behaves; without one it is a good server that issues for the user and password in FOLDER/login, and for
clients with a certificate.
"""

import base64
import json
import subprocess
import sys
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

FOLDER, BAO, TOKEN = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
LOGIN = "Basic " + base64.b64encode((FOLDER / "login").read_bytes()).decode()
# RFC 7030, section 4.5.2's example.
WANTED = base64.b64decode(
    "MEEGCSqGSIb3DQEJBzASBgcqhkjOPQIBMQcGBSuBBAAiMBYGCSqGSIb3DQEJDjEJBgcrBgEBAQEWBggqhkjOPQQDAw=="
)
waiting = set()


def names(thing):
    try:
        extension = thing.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return sorted(str(name.value) for name in extension.value)
    except x509.ExtensionNotFound:
        return []


def sign(csr, role=None):
    body = json.dumps({"csr": csr.public_bytes(Encoding.PEM).decode(), "ttl": "240h"}).encode()
    path = f"sign/{role}" if role else "sign-verbatim"
    request = urllib.request.Request(f"{BAO}/v1/est/{path}", body, {"X-Vault-Token": TOKEN})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


def pkcs7(certificates):
    # Two requests at once have a text each.
    command = ["openssl", "crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", "/dev/stdin"]
    text = "\n".join(certificates) + "\n"
    return subprocess.run(command, input=text.encode(), check=True, capture_output=True).stdout


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def say(self, status, body=b"", kind="application/pkcs7-mime; smime-type=certs-only", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def certificates(self, certificates, wrapped=False):
        encode = base64.encodebytes if wrapped else base64.b64encode
        self.say(200, encode(pkcs7(certificates)), Content_Transfer_Encoding="base64")

    def where(self):
        parts = self.path.removeprefix("/.well-known/est/").split("/")
        label, operation = ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])
        client = self.headers["X-Client-Verify"] == "SUCCESS"
        login = self.headers["Authorization"] == LOGIN
        with open(FOLDER / "asked", "a") as asked:
            how = "certificate" if client else "password" if login else "nobody"
            print(self.command, label or "-", operation, how, file=asked, flush=True)
        return label, operation, client, login

    def do_GET(self):
        label, operation, _, _ = self.where()
        if label == "nothing":
            self.say(404, b"<html>not here</html>", "text/html")
        elif operation == "cacerts":
            self.certificates([(FOLDER / name).read_text() for name in ("issuing.crt", "root.crt")], label == "shuffled")
        elif operation == "csrattrs" and label in ("picky", "forbidden"):
            self.say(200, base64.encodebytes(WANTED), "application/csrattrs")
        else:
            self.say(204, kind=None)

    def do_POST(self):
        label, operation, client, login = self.where()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if label == "nothing":
            return self.say(404, b"<html>not here</html>", "text/html")
        if label == "html":
            return self.say(200, b"<!DOCTYPE html><html><body>Log in</body></html>", "text/html")
        if not client and not login:
            return self.say(401, b"", "text/plain", WWW_Authenticate='Basic realm="est"')
        if label == "forbidden":
            return self.say(403, b"this device may not have this name", "text/plain")
        csr = x509.load_der_x509_csr(base64.b64decode(body))
        if label == "picky":
            return self.say(400, b"the key must be P-384", "text/plain")
        if operation == "simplereenroll":
            # RFC 7030, section 4.2.2.
            if not client:
                return self.say(403, b"re-enrollment needs the certificate", "text/plain")
            before = x509.load_pem_x509_certificate(urllib.parse.unquote(self.headers["X-Client-Cert"]).encode())
            if before.subject != csr.subject or names(before) != names(csr):
                return self.say(400, b"the subject and names differ from the certificate's", "text/plain")
        if label == "later" and body not in waiting:
            waiting.add(body)
            return self.say(202, b"", "text/plain", Retry_After="1")
        if label == "days":
            return self.say(202, b"", "text/plain", Retry_After="200000")
        if label == "busy":
            return self.say(503, b"", "text/plain", Retry_After="120")
        if label == "noleaf":
            return self.certificates([(FOLDER / "issuing.crt").read_text()])
        # A CA that issues another subject than was asked, which a renewal has to repeat; one whose certificates are due; and one that
        # leaves names out.
        leaf = sign(csr, label if label in ("adds", "due", "fewer") else None)["certificate"]
        above = [(FOLDER / name).read_text() for name in ("root.crt", "issuing.crt")]
        if label == "shuffled":
            return self.certificates([*above, leaf], wrapped=True)
        self.certificates([leaf])


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    (FOLDER / "port.new").write_text(str(server.server_port))
    (FOLDER / "port.new").rename(FOLDER / "port")
    server.serve_forever()
