"""Tell the operator which address to give OVHcloud for its receipts."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from parloir.notifications.queries import receipts_secret


class Command(BaseCommand):
    help = "Print the address that OVHcloud is to call with its receipts; whoever knows it is believed."

    def handle(self, *args: object, **options: object) -> None:
        print(f"{settings.SITE_URL}/recus/ovh/{receipts_secret()}/")
