"""Structured logs, one JSON object a line, without personal data.

What is logged is chosen key by key: a free text may hold a name, so exceptions give their class and
the place they were raised, never their message (PostgreSQL quotes the values of a failed row in it).
"""

from __future__ import annotations

import logging
import logging.config
import traceback
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def _without_values(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and its frames: its text can quote a person's data."""
    given = event.pop("exc_info", None)
    if given is True:
        import sys

        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        event["error"] = type(error).__name__
        event["at"] = [f"{frame.filename.rpartition('/parloir/')[2]}:{frame.lineno}" for frame in frames]
    return event


def _raised(record: logging.LogRecord) -> bool:
    """Keep what Django says of an exception, under a name: its pattern is only “%s: %s”, of a status and an address.

    Of an answer without one it says no more than our own line of the request.
    """
    if record.exc_info is None:
        return False
    record.msg, record.args = "request_failed", ()
    return True


def _without_what_was_sent(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say what kind of request was refused, in our words: Django's own quote the host, or whatever else was sent."""
    _django, _dot, kind = str(event.get("logger", "")).partition("django.security.")
    if kind:
        event["event"], event["kind"] = "request refused", kind
    return event


def configure() -> None:
    """Send every log line of the process to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_values,
        _without_what_was_sent,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    # A library's pattern without its arguments: they may be addresses or names.
                    "use_get_message": False,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(ensure_ascii=False),
                    ],
                }
            },
            "filters": {"raised": {"()": lambda: _raised}},
            "handlers": {"standard": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["standard"], "level": "INFO"},
            "loggers": {
                "django.request": {"level": "ERROR", "filters": ["raised"]},
                "django.security.csrf": {"level": "ERROR"},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
                "procrastinate.worker": {"level": "ERROR"},
                "mail.log": {"level": "WARNING"},
            },
        }
    )
