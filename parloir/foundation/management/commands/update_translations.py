"""Bring the catalogues up to date with the sentences of the code and templates."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from parloir.foundation import catalogue


class Command(BaseCommand):
    help = "Write parloir/locale/<language>/LC_MESSAGES/django.po anew; translations already there are kept."

    def handle(self, *args: object, **options: object) -> None:
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                catalog = catalogue.update(language)
                print(f"{catalogue.path_of(language)}: {len(catalog)} sentences")
