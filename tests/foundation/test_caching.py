"""Public pages are compressed once for all their readers, and files whose name is their content are kept for ever."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings


def test_a_page_travels_compressed_by_what_the_browser_reads_best(client):
    plain = client.get("/cookies/")
    squeezed = client.get("/cookies/", headers={"Accept-Encoding": "gzip, deflate, br, zstd"})

    assert squeezed["Content-Encoding"] == "br"
    assert brotli.decompress(squeezed.content) == plain.content
    assert len(squeezed.content) < len(plain.content) / 3
    assert "Accept-Encoding" in squeezed["Vary"]
    assert squeezed["Content-Length"] == str(len(squeezed.content))
    assert client.get("/cookies/", headers={"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("accepted", ["", "br;q=0", "br;q=0.0", "identity", "brotli"])
def test_a_browser_that_reads_no_brotli_is_sent_none(client, accepted):
    response = client.get("/cookies/", headers={"Accept-Encoding": accepted})

    assert response.get("Content-Encoding") != "br"
    assert "<h1>Cookies</h1>" in response.content.decode()


@pytest.mark.parametrize("accepted", ["br", "gzip", ""])
def test_a_page_already_read_is_not_sent_again_however_it_travels(client, accepted):
    first = client.get("/cookies/", headers={"Accept-Encoding": accepted})

    second = client.get("/cookies/", headers={"Accept-Encoding": "br", "If-None-Match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")


def test_files_named_by_their_content_are_kept_for_ever_and_compressed_beforehand(client):
    page = client.get("/").content.decode()
    named = set(re.findall(r"/static/([\w/.-]+\.(?:css|js|svg|woff2))", page))

    assert {Path(name).suffix for name in named} == {".css", ".js", ".svg", ".woff2"}
    for name in named:
        response = client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip, br"})
        assert "immutable" in response["Cache-Control"]
        assert response["Cache-Control"].startswith("max-age=315360000")
        if not name.endswith(".woff2"):  # compressed by its own format
            assert response["Content-Encoding"] == "br"
            assert (settings.STATIC_ROOT / f"{name}.br").exists()


def test_nothing_that_a_page_needs_waits_for_a_script(client):
    for path in ("/", "/contact/", "/cookies/"):
        scripts = re.findall(r"<script [^>]*>", client.get(path).content.decode())
        assert scripts
        assert [tag for tag in scripts if "defer" not in tag and "ld+json" not in tag] == []
