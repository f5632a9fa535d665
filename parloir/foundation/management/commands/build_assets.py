"""Build the site's style sheet; ``collectstatic`` does it by itself."""

from __future__ import annotations

import gzip

from django.core.management.base import BaseCommand

from parloir.foundation import assets


class Command(BaseCommand):
    help = "Build the style sheet, fonts and icons from the design system and our own styles."

    def handle(self, *args: object, **options: object) -> None:
        folder = assets.build()
        css = (folder / "parloir" / "site.css").read_bytes()
        print(f"{folder}: site.css {len(css):,} bytes, {len(gzip.compress(css)):,} compressed")
