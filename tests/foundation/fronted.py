"""A small application behind the front, with one thread: ``python -m tests.foundation.fronted PORT SECONDS``."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from parloir.config.serve import serve
from parloir.foundation.front import FileToSend

FILM = Path(__file__).parents[2] / "parloir/public/static/tutorials/creer-mon-espace.mp4"
GATE = threading.Event()


class Part:
    """A part of a file, as WhiteNoise gives it."""

    def __init__(self, path, first, length):
        self.fileobj = path.open("rb")
        self.fileobj.seek(first)
        self.remaining = length

    def close(self):
        self.fileobj.close()


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/bloquer":
        GATE.wait(30)
    if path == "/sante/liberer":
        GATE.set()
    if path == "/tombe":
        raise SystemExit("The thread must live on.")
    if path == "/film":
        start_response("200 OK", [("Content-Type", "video/mp4"), ("Content-Length", str(FILM.stat().st_size))])
        return environ["wsgi.file_wrapper"](FILM.open("rb"))
    if path == "/partie":
        start_response("206 Partial Content", [("Content-Length", "10")])
        return FileToSend(Part(FILM, 4, 10))
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    told["corps"] = environ["wsgi.input"].read().decode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


def load():
    return application


if __name__ == "__main__":
    serve(load, host="127.0.0.1", port=int(sys.argv[1]), processes=1, threads=1, seconds_for_a_body=float(sys.argv[2]))
