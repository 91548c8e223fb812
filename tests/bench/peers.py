"""Servers of static files: lighttpd, nginx and caddy, each with its own defaults but for what makes the comparison fair.

The same key and certificate, TLS 1.3 with resumption, one worker, no access log, and the console's pages as files:
the bytes that it sent, with the headers that it sent. They check nothing and render nothing: they show what is physically possible.
"""

import os
import socket
import ssl
import time
from pathlib import Path

from process import Server

NAMES = ["lighttpd", "nginx", "caddy"]


class Site:
    """A folder of answers that were recorded from the console: bodies, and their headers by path."""

    def __init__(self, folder, identity):
        self.folder, self.headers = Path(folder), {}
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "files").mkdir()
        self.pem = self.folder / "identity.pem"
        self.pem.write_text(identity, encoding="ascii")

    def record(self, name, answer, body):
        (self.folder / "files" / name).write_bytes(body)
        ours = ("content-length", "date", "set-cookie", "connection", "vary")
        self.headers[name] = [(key, value) for key, value in answer.getheaders() if key.lower() not in ours]

    def start(self, server, port):
        command = self.command(server, port)
        log = open(self.folder / f"{server}.log", "w", encoding="utf-8")
        started = Server(command, log, env=self.environment())
        wait_for(port, started, log.name)
        return started

    def command(self, server, port):
        return {"nginx": self.nginx, "lighttpd": self.lighttpd, "caddy": self.caddy}[server](port)

    def environment(self):
        # Where caddy looks for what it keeps.
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)}

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def nginx(self, port):
        places = ""
        for name, headers in self.headers.items():
            kind = dict((key.lower(), value) for key, value in headers)["content-type"].split(";")[0]
            places += f"location = /{name} {{ default_type {kind}; charset utf-8; {added(headers)}}}\n"
        files = f"etag on; sendfile on; tcp_nopush on; types {{ }} open_file_cache max=100 inactive=60s; root {self.folder}/files;"
        return nginx(self.folder, port, self.pem, f"{files}\n{places}")

    def lighttpd(self, port):
        places = ""
        for name, headers in self.headers.items():
            pairs = ", ".join(f'"{key}" => "{value}"' for key, value in headers if key.lower() != "content-type")
            kind = dict((key.lower(), value) for key, value in headers)["content-type"]
            places += f'$HTTP["url"] == "/{name}" {{ setenv.set-response-header = ({pairs}) mimetype.assign = ("" => "{kind}") }}\n'
        text = f"""
            server.modules = ("mod_openssl", "mod_setenv")
            server.document-root = "{self.folder}/files"
            server.bind = "127.0.0.1"
            server.port = {port}
            server.max-connections = 4096
            server.max-fds = 8192
            server.max-keep-alive-requests = 1000000000
            server.max-keep-alive-idle = 300
            ssl.engine = "enable"
            ssl.pemfile = "{self.pem}"
            {places}
        """
        return ["lighttpd", "-D", "-f", self.write("lighttpd.conf", text)]

    def caddy(self, port):
        places = ""
        for name, headers in self.headers.items():
            lines = "".join(f'header @{name_of(name)} {key} "{escaped(value)}"\n' for key, value in headers)
            places += f"@{name_of(name)} path /{name}\n{lines}"
        text = f"""
        {{
            admin off
            auto_https off
            log {{
                level ERROR
            }}
            servers {{
                protocols h1
                timeouts {{
                    idle 5m
                }}
            }}
        }}
        https://127.0.0.1:{port}, https://localhost:{port} {{
            bind 127.0.0.1
            tls {self.pem} {self.pem}
            root * {self.folder}/files
            {places}
            file_server
        }}
        """
        return ["caddy", "run", "--adapter", "caddyfile", "--config", self.write("Caddyfile", text)]


def nginx(folder, port, pem, places):
    """The command for one worker that serves `places`, all that its server block says but for TLS and connections."""
    text = f"""
        {"user root;" if os.geteuid() == 0 else ""} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;
        events {{ worker_connections 4096; }}
        http {{
            access_log off; keepalive_requests 1000000000; keepalive_timeout 300;
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on;
            server {{
                listen 127.0.0.1:{port} ssl;
                ssl_certificate {pem}; ssl_certificate_key {pem};
                {places}
            }}
        }}
    """
    file = folder / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    return ["nginx", "-p", folder, "-e", "stderr", "-c", file]


def added(headers):
    """What nginx adds of an answer's headers; the kind of the page is said elsewhere."""
    return "".join(f'add_header {key} "{value}"; ' for key, value in headers if key.lower() != "content-type")


def name_of(file):
    return file.replace(".", "_")


def escaped(value):
    return value.replace('"', '\\"')


def wait_for(port, server, log):
    """Until it shakes hands; what it wrote to its log is told where it does not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    until = time.monotonic() + 60
    while time.monotonic() < until and not server.has_ended():
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as line:
                with context.wrap_socket(line, server_hostname="localhost"):
                    return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"no server answers on port {port}: {Path(log).read_text(encoding='utf-8', errors='replace')}")
