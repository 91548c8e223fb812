"""acme2certifier, an ACME server with ARI (RFC 9773) and profiles, over HTTPS: acme2certifier_server.py FOLDER PORT NAMESERVER RENEW

Makes a root, a CA below it and a certificate for its own web server in FOLDER. There are two profiles: a certificate of "shortlived"
is valid for six days, any other for 90. RENEW says from when on a certificate's life the CA suggests to renew it, in percent. Names are looked up at NAMESERVER.
Writes `ready` once it listens.
"""

import configparser
import datetime
import ipaddress
import json
import os
import socketserver
import ssl
import sys
from pathlib import Path
from wsgiref import simple_server

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = {"standard": 90, "shortlived": 6}


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(folder, name, issuer=None, addresses=()):
    """Writes NAME.pem and NAME.key: a CA's where there are no addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    above, signer = issuer or (named(f"Example {name}"), key)
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder(above, named(f"Example {name}"), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=3000))
    made = made.add_extension(x509.BasicConstraints(ca=not addresses, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    if addresses:
        names = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    made = made.sign(signer, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(private)
    return made.subject, key


def configure(folder, nameserver, renew):
    handlers = {
        f"CAhandler:{name}": {
            "handler_module": "acme2certifier.cahandlers.openssl_ca_handler",
            "issuing_ca_key": folder / "issuing.key",
            "issuing_ca_cert": folder / "issuing.pem",
            "issuing_ca_crl": folder / "issuing.crl",
            "ca_cert_chain_list": json.dumps([str(folder / "root.pem")]),
            "cert_save_path": folder / "issued",
            "cert_validity_days": days,
        }
        for name, days in DAYS.items()
    }
    config = configparser.ConfigParser(interpolation=None)
    config.read_dict(
        {
            "DEFAULT": {"debug": "False"},
            "CAhandler": {"multi_handler": "True", "default_handler": "standard"},
            **handlers,
            "DBhandler": {"handler": "wsgi", "dbfile": folder / "acme.db"},
            "Challenge": {"dns_server_list": json.dumps([nameserver])},
            "Order": {
                "profiles": json.dumps({name: f"valid for {days} days" for name, days in DAYS.items()}),
                "profile_cahandler": json.dumps({name: name for name in DAYS}),
            },
            "Renewalinfo": {"renewalthreshold_pctg": renew, "renewal_window_duration": "3600s", "retry_after_timeout": "21600"},
        }
    )
    with open(folder / "acme_srv.cfg", "w", encoding="ascii") as file:
        config.write(file)
    (folder / "issued").mkdir()
    os.environ["ACME_SRV_CONFIGFILE"] = str(folder / "acme_srv.cfg")


class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True


class Handler(simple_server.WSGIRequestHandler):
    # Without this a handshake that does not end would hold up all others.
    def setup(self):
        self.request.do_handshake()
        super().setup()

    def address_string(self):
        return self.client_address[0]

    def log_message(self, format, *args):
        pass


def main(folder, port, nameserver, renew):
    folder = Path(folder)
    root = certificate(folder, "root")
    certificate(folder, "issuing", root)
    certificate(folder, "server", root, ["127.0.0.1"])
    configure(folder, nameserver, renew)
    # It reads its configuration when it is imported.
    from acme2certifier.share.acme2certifier_wsgi import application

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server = Server(("127.0.0.1", int(port)), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.base_environ["wsgi.url_scheme"] = "https"
    server.set_app(lambda environ, answer: application({**environ, "wsgi.url_scheme": "https"}, answer))
    print("ready", flush=True)
    server.serve_forever()


main(*sys.argv[1:])
