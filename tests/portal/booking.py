"""How a relative goes through the pages of a booking."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from tests.factories import ContactFactory, SlotFactory
from tests.signed_in import signed_in
from tests.visits.families import Family


def at_two(days=9):
    return (timezone.now() + timedelta(days=days)).replace(hour=13, minute=0, second=0, microsecond=0)


def a_family(**about):
    """Return a signed-in relative with one slot to come, at two."""
    family = Family(slot=SlotFactory(wing=Family().wing, starts_at=at_two(), **about))
    ContactFactory(account=family.account)
    family.browser = signed_in(family.account)
    return family


def new(family, last=""):
    """Return the address of a step of a booking."""
    return f"/espace/rendez-vous/nouveau/{family.detainee.pk}/{last}"


def choose(family, *slots, browser=None):
    """Press the button of a time; several are those of a trip, taken again."""
    chosen = [slot.pk for slot in slots or [family.slot]]
    return (browser or family.browser).post(new(family, "garder/"), {"creneau": chosen})


def who(family, *permits, **more):
    return family.browser.post(new(family, "qui-vient/"), {"permis": [permit.pk for permit in permits], **more})


def fields_of(answer):
    """Return the hidden fields of the last check."""
    return dict(re.findall(r'name="(cle|creneaux)"[^>]*value="([^"]+)"', answer.content.decode()))


def press(family, *slots, key="k" * 32, browser=None, **more):
    """Press the last button of a page that showed these slots."""
    seen = ",".join(str(slot.pk) for slot in slots or [family.slot])
    return (browser or family.browser).post(new(family, "verifier/"), {"cle": key, "creneaux": seen, **more})


def confirm(family, *permits):
    """Go through every step; returns the answer to the last button."""
    choose(family)
    who(family, *permits)
    return press(family)


def about(visit, last=""):
    """Return an address of a visit."""
    return f"/espace/rendez-vous/{visit.reference}/{last}"


def words(answer):
    return answer.content.decode()
