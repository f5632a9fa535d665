"""Load the questions of the help pages: run at set-up and after each release, as often as wished."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from parloir.content.documents import BadDocument, read_questions
from parloir.content.operations import load_questions


class Command(BaseCommand):
    help = "Load the questions and answers from their Markdown files; a version that was read is kept."

    def handle(self, **_options: object) -> None:
        try:
            facts = read_questions()
        except BadDocument as error:
            raise CommandError(str(error)) from error
        loaded = load_questions(facts=facts, now=timezone.now())
        self.stdout.write(
            f"questions: created={loaded.created} rewritten={loaded.rewritten} unchanged={loaded.unchanged} "
            f"kept={loaded.kept} withdrawn={loaded.withdrawn}"
        )
