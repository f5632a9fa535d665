"""Lay every message out on one page, for those who read them over."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.template.loader import render_to_string

from parloir.foundation import languages
from parloir.notifications.rules import Sms
from parloir.notifications.texts import signs, sms_needed
from parloir.visits.samples import samples


class Command(BaseCommand):
    help = "Write every message, in every language and channel, with invented data, to var/messages.html."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, default=settings.ROOT / "var" / "messages.html")

    def handle(self, *args: object, **options: object) -> None:
        page = Path(str(options["output"]))
        names = dict(languages.of_messages())
        found = [(sample, _sms_facts(sample.message)) for sample in samples(list(names))]
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render_to_string("visits/messages/all.html", {"found": found, "languages": names}))
        print(f"{page}: {len(found)} messages")


def _sms_facts(message: object) -> dict[str, int]:
    return {"signs": signs(message.text), "parts": sms_needed(message.text)} if isinstance(message, Sms) else {}
