"""The confirmation of a visit on one sheet of paper: a tagged PDF (PDF/UA-1) that a screen reader reads too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

from parloir.foundation import languages
from parloir.foundation.paper import printed
from parloir.foundation.text import left_to_right, local_day, local_time, telephone
from parloir.people.rules import is_adult
from parloir.portal.documents.codes import code_as_svg
from parloir.portal.documents.house_rules import house_rules
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.establishments.models import Establishment
    from parloir.visits.models import Attendance, Visit

_SHEET = Path(__file__).with_name("proof.typ")


def proof_of_booking(visit: Visit, *, language: str, now: datetime) -> bytes:
    """Return the sheet as PDF, in a language of the site.

    :param visit: one of :func:`~parloir.visits.queries.mine.visits_of`, not cancelled.
    """
    with override(language):
        said = _said(visit, language=language, now=now)
    return printed(_SHEET, said, made_at=now)


def _said(visit: Visit, *, language: str, now: datetime) -> dict[str, object]:
    prison = visit.slot.wing.establishment
    pending = _pending(visit, prison)
    booked = {"day": local_day(visit.booked_at, prison.zone), "reference": visit.reference}
    unreviewed = language in languages.UNREVIEWED
    return {
        "language": language,
        "rtl": get_language_bidi(),
        "for_the_gate": _for_the_gate(visit, prison) if unreviewed else "",
        "unreviewed": f"{_('Traduction non relue.')} {_('En cas de doute, c’est la version française qui compte.')}"
        if unreviewed
        else "",
        "title": _title(visit, prison),
        "pending": pending,
        "demonstration": "" if settings.OFFICIAL else _("Démonstration, site non officiel"),
        "code": code_as_svg(visit.reference),
        "code_is": _("Code à montrer à l’entrée ; il contient seulement la référence %(reference)s.") % booked,
        "show": _("À montrer à l’entrée"),
        "reference_is": _("Référence"),
        "reference": visit.reference,
        "facts": _facts(visit, prison),
        "rules_are": _("Le jour de la visite"),
        "rules": house_rules(visit),
        "not_a_proof": _("La notification de rendez-vous parloir n’est pas un justificatif !"),
        "booked": _("Rendez-vous pris le %(day)s.") % booked,
        "made": _("Document fait le %(day)s à %(time)s. Seul votre espace dit si le rendez-vous a changé depuis.")
        % {"day": local_day(now, prison.zone), "time": local_time(now, prison.zone)},
    }


def _title(visit: Visit, prison: Establishment) -> str:
    return _("Rendez-vous à confirmer") if _pending(visit, prison) else _("Confirmation de rendez-vous")


def _pending(visit: Visit, prison: Establishment) -> str:
    """Return what is said of a visit that the prison has still to confirm: the sheet must not promise it."""
    before = visit.confirm_by  # type: ignore[attr-defined]
    if before is None or visit.status != VisitStatus.BOOKED:
        return ""
    when = {"day": local_day(before, prison.zone), "time": local_time(before, prison.zone)}
    return (
        _(
            "Ce rendez-vous est à confirmer. L’établissement vous répond avant le %(day)s à %(time)s. "
            "Ne vous déplacez pas avant sa réponse."
        )
        % when
    )


def _for_the_gate(visit: Visit, prison: Establishment) -> str:
    """Say in French what the sheet is and when the visit is: those who look at it read no other language."""
    with override(settings.LANGUAGE_CODE):
        day, times = _day_and_times(visit, prison)
        return f"{_title(visit, prison)} – {day}, {times}".replace(" h ", "\u00a0h\u00a0")


def _day_and_times(visit: Visit, prison: Establishment) -> tuple[str, str]:
    start, end = visit.slot.starts_at, visit.slot.ends_at
    times = {"start": local_time(start, prison.zone), "end": local_time(end, prison.zone)}
    return local_day(start, prison.zone), _("de %(start)s à %(end)s") % times


def _facts(visit: Visit, prison: Establishment) -> list[dict[str, object]]:
    day, times = _day_and_times(visit, prison)
    town = f"{prison.postal_code} {prison.postal_city or prison.city}".strip()
    phone = prison.phone and _("Téléphone : %(number)s") % {"number": telephone(prison.phone)}
    facts = {
        _("Quand"): [day[:1].upper() + day[1:], times],
        _("Où"): [*(left_to_right(line) for line in (prison.name, prison.street, town) if line), phone],
        _("Pour voir"): [visit.told_detainee],
        _("Qui vient"): [_named(attendance, visit) for attendance in visit.coming],
        _("Cabine"): [_("Cabine accessible")] if visit.accessible else [],
    }
    return [{"name": name, "lines": [line for line in lines if line]} for name, lines in facts.items() if any(lines)]


def _named(attendance: Attendance, visit: Visit) -> str:
    name = attendance.told_name
    return name if is_adult(attendance.visitor.birth_date, visit.local_date) else f"{name} {_('(enfant)')}"
