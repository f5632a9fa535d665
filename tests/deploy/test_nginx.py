"""The proxy's configuration as it is written, started: what it stops, and what it says to the site."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from tests.nginx import NONE_TO_BE_HAD, nginx
from tests.serving import free_port

pytestmark = pytest.mark.skipif(nginx() is None, reason=NONE_TO_BE_HAD)

CONFIGURATION = settings.ROOT / "deploy" / "nginx.conf"
AROUND = """
daemon off;
pid {folder}/pid;
error_log stderr warn;
events {{ }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def certify(folder):
    """Make a certificate for a day, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])
    now = datetime.now(tz=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def wait_for(port):
    for _ in range(400):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(port)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """nginx with our configuration, on ports of ours, before a front with one thread; gives its port."""
    folder = tmp_path_factory.mktemp("nginx")
    certify(folder)
    plain, secure, upstream = free_port(), free_port(), free_port()
    text = CONFIGURATION.read_text()
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}").replace("/etc/ssl/parloir", str(folder))
    text = text.replace("/var/log/nginx/parloir.log", str(folder / "access.log"))
    text = re.sub(r"\n *listen \[::\].*", "", text).replace("listen 80;", f"listen 127.0.0.1:{plain};")
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{secure} ")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, site=text))
    front = [sys.executable, "-m", "tests.foundation.fronted", str(upstream), "120"]
    command = [nginx(), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (
        subprocess.Popen(front, cwd=settings.ROOT, stderr=subprocess.DEVNULL) as site,
        subprocess.Popen(command, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            wait_for(upstream)
            wait_for(secure)
            yield secure
        finally:
            process.terminate()
            site.terminate()


def ask(port, method="GET", path="/", **how):
    return httpx.request(method, f"https://127.0.0.1:{port}{path}", verify=False, timeout=20, **how)


def test_the_site_is_told_who_asks_and_how_whatever_the_client_says_of_it(proxy):
    lies = {
        "X-Forwarded-For": "1.2.3.4",
        "X_Forwarded_For": "1.2.3.4",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=1.2.3.4",
    }

    told = ask(proxy, headers={**lies, "Host": "parloir.example"}).json()

    assert (told["HTTP_X_FORWARDED_FOR"], told["HTTP_X_FORWARDED_PROTO"]) == ("127.0.0.1", "https")
    assert told["HTTP_HOST"] == "parloir.example"
    assert not {"HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED"} & set(told)


def test_a_body_arrives_whole_and_one_that_is_too_large_does_not(proxy):
    assert ask(proxy, "POST", content=iter([b"a" * 1_000, b"b"])).json()["CONTENT_LENGTH"] == "1001"
    assert ask(proxy, "POST", content=b"a" * 250_000).status_code == 413


def test_slow_bodies_reach_no_thread_of_the_site(proxy):
    trusting = ssl._create_unverified_context()
    head = b"POST / HTTP/1.1\r\nHost: parloir.example\r\nContent-Length: 100\r\n\r\na"
    with ExitStack() as stack:
        for _ in range(20):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", proxy), timeout=20))
            stack.enter_context(trusting.wrap_socket(raw)).sendall(head)

        assert ask(proxy, "POST", content=b"whole").json()["corps"] == "whole"


def test_one_address_holds_no_more_connections_than_its_share(proxy):
    trusting = ssl._create_unverified_context()
    with ExitStack() as stack:
        for _ in range(80):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", proxy), timeout=20))
            stack.enter_context(trusting.wrap_socket(raw)).sendall(
                b"POST / HTTP/1.1\r\nHost: parloir.example\r\nContent-Length: 100\r\n\r\na"
            )

        assert ask(proxy).status_code == 429


def test_what_is_logged_holds_no_address(proxy, tmp_path_factory):
    ask(proxy, path="/courriel/confirmer/secret/?q=secret")

    logs = [path.read_text() for path in tmp_path_factory.getbasetemp().glob("nginx*/access.log")]
    assert "GET 200" in "".join(logs)
    assert "secret" not in "".join(logs)
