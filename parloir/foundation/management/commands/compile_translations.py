"""Turn the catalogues into the form that Django reads."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from parloir.foundation import catalogue


class Command(BaseCommand):
    help = "Compile every catalogue of parloir/locale."

    def handle(self, *args: object, **options: object) -> None:
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                path = catalogue.compile_catalogue(language)
                if options["verbosity"]:
                    print(path)
