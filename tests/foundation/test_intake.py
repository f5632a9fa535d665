"""What comes with a request is looked at once: its size and its signs, wherever they stand."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from parloir.foundation.front import LARGEST_BODY, content_type
from parloir.notifications.queries import receipts_secret

FORM = "application/x-www-form-urlencoded"
RECEIPT = "/recus/" + "t" * 32 + "/"


@pytest.fixture
def stranger():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", ["/langue/", RECEIPT, "/aide/visites/linge/avis/", "/connexion/", "/nulle-part/"])
def test_what_announces_more_than_we_take_is_refused_unread_with_a_page(stranger, path):
    answer = stranger.post(path, "a", content_type=FORM, CONTENT_LENGTH=str(LARGEST_BODY + 1))

    assert answer.status_code == 413
    assert "Votre envoi est trop volumineux" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_says_so_in_the_reader_s_language(stranger):
    answer = stranger.post("/langue/", "a", content_type=FORM, CONTENT_LENGTH="999999", HTTP_ACCEPT_LANGUAGE="en")

    assert 'lang="en"' in answer.content.decode()


def test_no_file_is_kept_anywhere_of_those_that_nobody_asked_for(settings, stranger, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "none")
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="langue"; filename="a"\r\n\r\n'
        + b"a" * 150_000
        + b"\r\n--b--\r\n"
    )

    answer = stranger.generic("POST", "/langue/", parts, content_type="multipart/form-data; boundary=b")

    assert answer.status_code in {302, 400}
    assert not answer.wsgi_request.FILES


@pytest.mark.parametrize(
    "asked",
    [
        ("GET", "/etablissements/?q=a%00b"),
        ("GET", "/etablissements/?a%00=b"),
        ("GET", "/etablissements/%00/"),
        ("POST", "/recus/%00/", "status=delivered"),
        ("POST", RECEIPT, "status=delivered%00"),
        ("POST", RECEIPT, "a%00=delivered"),
        ("POST", RECEIPT, json.dumps({"status": "a\x00"})),
        ("POST", RECEIPT, json.dumps({"status": "a", "\x00": [{"b": 1}]})),
        ("POST", RECEIPT, json.dumps({"other": [{"deep": ["\ud800"]}]})),
        ("POST", RECEIPT, "[" * 90_000),
        ("POST", RECEIPT, "[" * 90_000 + "]" * 90_000),
        ("POST", RECEIPT, "[" * 30 + "]" * 30),
        ("POST", "/recus/ovh/{secret}/", "id=%00&dlr=1"),
        ("GET", "/recus/ovh/{secret}/?id=%00&dlr=1"),
    ],
    ids=lambda asked: " ".join(asked)[:60],
)
def test_a_sign_that_nothing_can_keep_is_refused_wherever_it_stands(stranger, asked):
    method, path, *body = asked
    kind = "application/json" if body and body[0][0] in "[{" else FORM
    path = path.replace("{secret}", receipts_secret())

    answer = stranger.generic(method, path, "".join(body), content_type=kind)

    assert answer.status_code == 400


@pytest.mark.parametrize("header", [{"HTTP_USER_AGENT": "a\x00"}, {"HTTP_COOKIE": r'langue="\000"'}])
def test_so_it_is_in_headers_and_cookies(stranger, header):
    assert stranger.get("/", **header).status_code == 400


@pytest.mark.parametrize(
    "head",
    ["form-data; name=\"a\"; filename*=nonsense''%41", "form-data; name*=nonsense''%41", "form-data", ""],
)
def test_a_part_whose_head_is_nonsense_is_no_failure_of_ours(stranger, head):
    parts = f"--b\r\nContent-Disposition: {head}\r\n\r\na\r\n--b--\r\n"

    answer = stranger.generic("POST", "/langue/", parts, content_type="multipart/form-data; boundary=b")

    assert answer.status_code in {302, 400}


@pytest.mark.parametrize("charset", ["rot13", "idna", "utf-7", "utf-16", "undefined", "base64"])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b", "application/json"])
def test_another_charset_than_ours_is_no_failure_of_ours(stranger, charset, kind):
    body = "a=b" if kind == FORM else '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--b--\r\n'

    answer = stranger.generic("POST", "/langue/", body, content_type=f"{kind}; charset={charset}")

    assert answer.status_code in {302, 400}


@pytest.mark.parametrize(
    "said",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        'application/json;charset="utf-8"',
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
        'multipart/form-data; boundary="a b"; charset=utf-8',
        "text/plain",
    ],
)
def test_the_content_types_of_browsers_and_providers_pass_as_they_are(said):
    assert content_type(said) == said


@pytest.mark.parametrize(
    "said",
    [
        *(
            "",
            ";",
            "text",
            "text/plain; a*=nonsense''%41",
            "text/plain; charset=utf-16",
            "text/plain\x00",
            "a/b; boundary=",
        ),
        f"multipart/form-data; boundary={'b' * 300}",
    ],
)
def test_the_others_are_only_bytes(said):
    assert content_type(said) == "application/octet-stream"
