"""Refuse a product of which a sentence cannot be read in every language."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from parloir.foundation import catalogue


class Command(BaseCommand):
    help = "List the sentences that are missing, empty, doubtful or have lost a placeholder; exit 1 if there is one."

    def handle(self, *args: object, **options: object) -> None:
        count = 0
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                faults = catalogue.faults(language)
                count += len(faults)
                for fault in faults:
                    print(f"{language}: {fault}")
        if count:
            raise CommandError(f"{count} sentences to mend: run update_translations, then complete parloir/locale.")
