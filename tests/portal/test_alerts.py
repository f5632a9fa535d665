"""A family that books reads the alerts of the prison, and only those."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from parloir.establishments.operations import publish_alert
from parloir.journal.operations import SERVICE
from tests.factories import EstablishmentFactory

pytestmark = pytest.mark.django_db


def test_the_calendar_shows_the_alerts_of_its_prison_and_not_of_another(family):
    now = timezone.now()
    for prison, text in ((family.wing.establishment, "Travaux à l’entrée"), (EstablishmentFactory(), "Ailleurs")):
        publish_alert(
            establishment_id=prison.pk,
            texts={"fr": text},
            starts_at=now - timedelta(hours=1),
            ends_at=None,
            actor=SERVICE,
            now=now,
        )
    cache.clear()

    page = family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert "Travaux à l’entrée" in page
    assert "Ailleurs" not in page
