"""The front: nobody who sends or reads slowly keeps others waiting. Real sockets, one thread."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest
from django.conf import settings

from parloir.foundation.front import LARGEST_BODY
from tests.foundation.fronted import FILM
from tests.serving import free_port

CROWD = 30


@contextmanager
def fronted(seconds):
    port = free_port()
    command = [sys.executable, "-m", "tests.foundation.fronted", str(port), str(seconds)]
    with subprocess.Popen(command, cwd=settings.ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(400):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def patient():
    """A front that waits for a body as long as no test lasts."""
    with fronted(120) as port:
        yield port


@pytest.fixture(scope="module")
def hurried():
    with fronted(0.3) as port:
        yield port


def connect(port, *parts):
    """Send the beginning of a request and leave the connection open."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    for part in parts:
        connection.sendall(part)
    return connection


def said(connection):
    """Return all that the server says until it closes the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def head(method, path, *headers):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def ask(port, path="/", **kwargs):
    return httpx.post(f"http://127.0.0.1:{port}{path}", timeout=10, **kwargs).json()


SLOW = {
    "bodies": [head("POST", "/", "Content-Length: 100000"), b"langue=f"],
    "chunked bodies": [head("POST", "/", "Transfer-Encoding: chunked"), b"3\r\nlan\r\n"],
    "headers": [b"POST / HTTP/1.1\r\nHost: loc"],
    "readers": [head("GET", "/film")],
}


@pytest.mark.parametrize("kind", SLOW)
def test_slow_clients_take_no_thread(patient, kind):
    with ExitStack() as stack:
        for _ in range(CROWD):
            stack.enter_context(connect(patient, *SLOW[kind]))

        assert [ask(patient, content=b"tout")["corps"] for _ in range(3)] == ["tout"] * 3


def test_a_body_that_comes_byte_by_byte_has_one_deadline_for_the_whole(hurried):
    with connect(hurried, head("POST", "/", "Content-Length: 1000")) as connection, suppress(OSError):
        for _ in range(200):
            connection.sendall(b"a")
            time.sleep(0.05)
        raise AssertionError("ten seconds later it still waits")


def test_who_is_too_slow_is_told_so(hurried):
    with connect(hurried, *SLOW["bodies"]) as connection:
        answer = said(connection).decode()

    assert answer.startswith("HTTP/1.1 408 ")
    assert "rien n’a été enregistré" in answer


def test_whoever_watches_is_answered_while_every_thread_is_taken(hurried):
    site = f"http://127.0.0.1:{hurried}"
    with connect(hurried, head("GET", "/bloquer", "Connection: close")) as blocked:
        alive = httpx.get(f"{site}/sante/vivant", timeout=10)
        ready = httpx.get(f"{site}/sante/pret", timeout=10)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{site}/", timeout=0.3)
        httpx.get(f"{site}/sante/liberer", timeout=10)

        assert said(blocked).startswith(b"HTTP/1.1 200 ")
    assert (alive.status_code, alive.text, ready.status_code) == (200, "vivant\n", 200)
    assert alive.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("length", [0, 1, LARGEST_BODY])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_arrives_whole_with_its_length(patient, length, chunked):
    content = b"a" * length
    told = ask(patient, content=iter([content]) if chunked else content)

    assert (len(told["corps"]), told["CONTENT_LENGTH"]) == (length, str(length))
    assert "HTTP_TRANSFER_ENCODING" not in told


def test_a_body_announced_too_long_is_not_awaited(patient):
    with connect(patient, head("POST", "/", f"Content-Length: {10**9}")) as connection:
        told = json.loads(said(connection).partition(b"\r\n\r\n")[2])

    assert (told["corps"], told["CONTENT_LENGTH"]) == ("", str(10**9))


def test_a_body_that_becomes_too_long_is_not_read_further(patient):
    with connect(patient, head("POST", "/", "Transfer-Encoding: chunked")) as connection:
        connection.sendall(b"40000\r\n" + b"a" * 0x40000 + b"\r\n")
        told = json.loads(said(connection).partition(b"\r\n\r\n")[2])

    assert told["corps"] == ""
    assert int(told["CONTENT_LENGTH"]) > LARGEST_BODY


@pytest.mark.parametrize(
    "request_cut_short",
    [
        [head("POST", "/", "Content-Length: 10"), b"abc"],
        [head("POST", "/", "Transfer-Encoding: chunked"), b"3\r\nabc\r\n"],
    ],
)
def test_a_request_cut_short_reaches_nobody(patient, request_cut_short):
    with connect(patient, *request_cut_short) as connection:
        connection.shutdown(socket.SHUT_WR)

        assert said(connection).startswith(b"HTTP/1.1 400 ")


def test_a_header_name_with_an_underscore_is_dropped(patient):
    told = ask(patient, headers={"X_Forwarded_For": "1.2.3.4", "Content_Length": "9", "X-Forwarded-For": "5.6.7.8"})

    assert told["HTTP_X_FORWARDED_FOR"] == "5.6.7.8"
    assert told["CONTENT_LENGTH"] == "0"


def test_a_header_said_twice_is_one_list_and_cookies_are_joined_as_cookies(patient):
    with connect(patient, head("GET", "/", "X-A: 1", "X-A: 2", "Cookie: a=1", "Cookie: b=2", "Connection: close")) as c:
        told = json.loads(said(c).partition(b"\r\n\r\n")[2])

    assert (told["HTTP_X_A"], told["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")


def test_no_secret_of_the_environment_is_among_what_a_request_says(patient):
    assert "PATH" not in ask(patient)


def test_an_address_keeps_its_letters_and_whoever_asks_has_no_port(patient):
    told = ask(patient, "/a%C3%A9?b=%C3%A9")

    assert told["PATH_INFO"].encode("latin-1").decode() == "/aé"
    assert (told["QUERY_STRING"], told["REMOTE_ADDR"]) == ("b=%C3%A9", "127.0.0.1")


def test_a_file_is_sent_whole_and_by_parts(patient):
    film = FILM.read_bytes()

    assert httpx.get(f"http://127.0.0.1:{patient}/film", timeout=30).content == film
    assert httpx.get(f"http://127.0.0.1:{patient}/partie", timeout=30).content == film[4:14]


def test_a_fault_of_the_application_costs_no_thread(patient):
    fell = httpx.get(f"http://127.0.0.1:{patient}/tombe", timeout=10)

    assert (fell.status_code, ask(patient, content=b"encore")["corps"]) == (500, "encore")
