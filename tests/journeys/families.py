"""A family in front of a screen, signed in already, with three weeks of times to choose from."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from parloir.identity.cookies import SESSION
from tests.factories import SlotFactory
from tests.portal.booking import a_family, at_two
from tests.signed_in import signed_in

HOURS = (-4, -3, 0, 1)
"""From 10:00 to 15:00 in winter, two before noon."""


def in_front_of_times(**about):
    """Return a family; from a Tuesday on, five days a week have four times each."""
    family = a_family(**about)
    family.slot.delete()
    family.wing.establishment.name = "Maison d’arrêt de Dijon"
    family.wing.establishment.save()
    tuesday = at_two(8 - timezone.now().weekday())
    family.slots = [
        SlotFactory(
            wing=family.wing, starts_at=tuesday + timedelta(weeks=week, days=day, hours=hour), accessible_capacity=1
        )
        for week in range(3)
        for day in range(5)
        for hour in HOURS
    ]
    return family


def in_session(context, site, account):
    """Sign an account in, in a browser's context."""
    cookie = signed_in(account).cookies[SESSION]
    context.add_cookies([{"name": SESSION, "value": cookie.value, "url": site}])


def screen(chromium, width, height, *, javascript=True, **asked):
    size = {"width": width, "height": height}
    return chromium.new_context(viewport=size, locale="fr-FR", java_script_enabled=javascript, **asked)


def calendar(site, family):
    return f"{site}/espace/rendez-vous/nouveau/{family.detainee.pk}/"


def times(page):
    return page.locator("button.p-time")
