"""What one prison asks of those who come, said once for the page and for the sheet of paper."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parloir.foundation.text import local_time
from parloir.people.rules import is_adult

if TYPE_CHECKING:
    from parloir.visits.models import Visit


def house_rules(visit: Visit) -> list[str]:
    """Return the rules of the visit's wing that concern those who come, in the language in force."""
    policy = visit.slot.wing.policy
    children = any(not is_adult(attendance.visitor.birth_date, visit.local_date) for attendance in visit.coming)
    identity = [_("Pour chaque adulte : une pièce d’identité en cours de validité, l’original.")]
    if not policy.driving_licence_accepted:
        identity.append(_("Le permis de conduire n’est pas accepté."))
    rules = [_arrival(visit), _lateness(policy.lateness_tolerance_minutes), " ".join(identity)]
    if children and policy.family_record_book_for_children:
        rules.append(_("Pour les enfants : le livret de famille."))
    return rules


def _arrival(visit: Visit) -> str:
    minutes = visit.slot.wing.policy.arrive_minutes_before
    if not minutes:
        return _("Arrivez à l’heure.")
    arrival = local_time(visit.slot.starts_at - timedelta(minutes=minutes), visit.slot.wing.establishment.zone)
    said = ngettext(
        "Arrivez à %(arrive_at)s, %(minutes)s minute avant.",
        "Arrivez à %(arrive_at)s, %(minutes)s minutes avant.",
        minutes,
    )
    return said % {"arrive_at": arrival, "minutes": minutes}


def _lateness(tolerance: int) -> str:
    if not tolerance:
        return _("En retard, vous ne pourrez plus entrer.")
    said = ngettext(
        "Au-delà de %(minutes)s minute de retard, vous ne pourrez plus entrer.",
        "Au-delà de %(minutes)s minutes de retard, vous ne pourrez plus entrer.",
        tolerance,
    )
    return said % {"minutes": tolerance}
