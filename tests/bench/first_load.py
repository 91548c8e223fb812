"""f) What a browser fetches before it shows the login for the first time: bytes on the wire below TLS, heads included,
and requests.

The other consoles' figures are theirs as they are installed from Debian and OpenWrt, counted once in a browser; they are not
fetched here.
"""

import http.client
import re
import ssl

from console import Console
from setting import free_port
from table import Row

# Name, KB, requests.
OTHERS = [("Cockpit", 186, 10), ("LuCI", 218, None), ("openmediavault", 4300, None)]


def measure(setting):
    port = free_port()
    console = Console(setting.signet, setting.filled(50), port)
    try:
        page, size = fetched(port, "/login")
        parts = re.findall(r'<(?:link|img|script)[^>]* (?:href|src)="([^"]+)"', page)
        size += sum(fetched(port, path)[1] for path in parts)
    finally:
        console.stop()
    for name, kilobytes, requests in OTHERS:
        yield Row("f", "login, first load", "KB", (size / 1000,) * 2, name, (kilobytes,) * 2)
        if requests:
            yield Row("f", "login, first load", "requests", (1 + len(parts),) * 2, name, (requests,) * 2)


def fetched(port, path):
    """The page's text where it was not compressed, and its bytes as they come to a browser."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sizes, text = [], ""
    for encoding in ("identity", "gzip"):
        line = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        line.request("GET", path, headers={"Accept-Encoding": encoding, "Sec-Fetch-Site": "same-origin"})
        answer = line.getresponse()
        body = answer.read()
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len("HTTP/1.1 200 OK\r\n\r\n")
        sizes.append(head + len(body))
        text = text or body.decode()
        line.close()
    return text, sizes[-1]
