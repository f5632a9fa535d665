"""The caught messages: taken over real SMTP and HTTP, shown at ``/demo/``."""

from __future__ import annotations

import json
import smtplib
import urllib.error
import urllib.request
from email.message import EmailMessage

import pytest

from parloir.demo import catcher, caught
from tests.ports import free_port


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(caught, "FOLDER", tmp_path / "caught")
    return tmp_path / "caught"


def letter(**content):
    message = EmailMessage()
    message["Subject"] = content.get("subject", "Votre rendez-vous")
    message["From"] = "rendez-vous@example.org"
    message["To"] = "camille@example.org"
    message.set_content(content.get("text", "Confirmez : http://127.0.0.1:8000/confirmer/abc/."))
    if "html" in content:
        message.add_alternative(content["html"], subtype="html")
    return message


def keep(folder, **content):
    return caught.keep_email(folder, bytes(letter(**content)), recipients=["camille@example.org"])


def test_an_email_sent_over_smtp_is_kept_for_its_owner_alone(folder):
    port = free_port()
    with catcher.catching_emails(folder, port=port), smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(letter(subject="Rendez-vous du 11 novembre – confirmé"))

    (email,) = caught.emails(folder)

    assert (email.subject, email.recipient) == ("Rendez-vous du 11 novembre – confirmé", "camille@example.org")
    assert email.links == ("http://127.0.0.1:8000/confirmer/abc/",)
    assert [path.stat().st_mode & 0o777 for path in (folder / "emails", *(folder / "emails").iterdir())] == [
        0o700,
        0o600,
    ]


def test_an_sms_posted_over_http_is_kept(folder):
    port = free_port()
    with catcher.catching_sms(folder, port=port):
        body = json.dumps({"to": "+33612345678", "text": "Rendez-vous demain"}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sms", data=body) as answer:
            key = json.load(answer)["id"]
            status = answer.status

    (sms,) = caught.sms(folder)
    assert (status, sms.key, sms.to, sms.text) == (201, key, "+33612345678", "Rendez-vous demain")


@pytest.mark.parametrize("body", [b"not json", b'{"to": "+33612345678"}', b"[1]"])
def test_what_is_no_sms_is_refused_and_not_kept(folder, body):
    port = free_port()
    with (
        catcher.catching_sms(folder, port=port),
        pytest.raises(urllib.error.HTTPError) as refused,
    ):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/sms", data=body)

    assert refused.value.code == 400
    assert caught.sms(folder) == []


def test_only_the_newest_are_kept(folder, monkeypatch):
    monkeypatch.setattr(caught, "KEPT", 2)

    for number in range(3):
        keep(folder, subject=f"Message {number}")

    assert [email.subject for email in caught.emails(folder)] == ["Message 2", "Message 1"]


def test_the_page_says_how_to_get_messages_when_there_are_none(db, client, folder):
    page = client.get("/demo/").content.decode()

    assert "Aucun e-mail pour l’instant" in page
    assert "Aucun SMS pour l’instant" in page


def test_the_page_shows_personas_emails_with_links_and_sms(db, client, folder):
    key = keep(folder)
    caught.keep_sms(folder, to="+33612345678", text="Rendez-vous demain")

    page = client.get("/demo/").content.decode()

    assert "2026900101" in page
    assert f"/demo/courriels/{key}/" in page
    assert 'href="http://127.0.0.1:8000/confirmer/abc/"' in page
    assert "06 12 34 56 78" in page
    assert "Rendez-vous demain" in page


def test_an_emails_own_page_frames_its_layout_where_nothing_may_run(client, folder):
    key = keep(folder, html="<p>Bonjour</p><script>alert(1)</script>")

    page = client.get(f"/demo/courriels/{key}/").content.decode()
    layout = client.get(f"/demo/courriels/{key}/mise-en-page/")

    assert f'src="/demo/courriels/{key}/mise-en-page/"' in page
    assert "sandbox" in page
    assert layout.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in layout.headers["Content-Security-Policy"]
    assert "script-src" not in layout.headers["Content-Security-Policy"]


def test_the_text_of_a_message_is_never_markup(db, client, folder):
    keep(folder, subject="<b>gras</b>", text="<script>alert(1)</script>")

    page = client.get("/demo/").content.decode()

    assert "<b>gras" not in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("key", ["20260101T000000.000000Z-00000000", "..%2f..%2frun", "run.json"])
def test_an_unknown_message_is_not_found(client, folder, key):
    assert client.get(f"/demo/courriels/{key}/").status_code == 404
