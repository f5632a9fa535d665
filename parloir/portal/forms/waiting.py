"""The form of a family that waits: who would come, which days and times suit, how much notice it needs."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.foundation.forms import Described, DescribedChoiceField, DescribedMultipleChoiceField
from parloir.foundation.reading import whole_date
from parloir.people.rules import NOON, is_adult
from parloir.visits.operations import WaitingWish
from parloir.visits.rules import WAITING_PERIOD_DAYS, Terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django_stubs_ext import StrOrPromise

    from parloir.permits.models import Permit
    from parloir.visits.models import WaitingEntry

MORNING = (time(0), time(11, 59))
AFTERNOON = (NOON, time(23, 59))
USUAL_PERIOD = timedelta(days=29)


def _notices() -> list[tuple[str, str]]:
    return [
        ("24", _("1 jour avant")),
        ("48", _("2 jours avant")),
        ("72", _("3 jours avant")),
        ("168", _("7 jours avant")),
    ]


_NO_DATE = "?"
"""What Django's own field refuses too: it would read some texts month first."""


class _DayField(forms.DateField):
    def __init__(self, label: StrOrPromise, **kwargs: Any) -> None:
        wrong = gettext_lazy("Écrivez une date, par exemple 11/11/2026.")
        super().__init__(
            label=label,
            widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
            error_messages={"required": wrong, "invalid": wrong},
            **kwargs,
        )

    def to_python(self, value: Any) -> date | None:
        """Read a date as it is typed, day first in every language; a browser's own field sends the year first."""
        if isinstance(value, str):
            value = whole_date(value) or (value and _NO_DATE)
        return super().to_python(value)


class WaitForm(forms.Form):
    """What a family waits for; only the shape is judged here."""

    mark_optional = False
    permis = DescribedMultipleChoiceField(
        label=gettext_lazy("Qui viendra ?"),
        error_messages={"required": gettext_lazy("Choisissez au moins une personne qui viendra au rendez-vous.")},
    )
    du = _DayField(gettext_lazy("Premier jour possible"))
    au = _DayField(gettext_lazy("Dernier jour possible"))
    jours = forms.MultipleChoiceField(
        label=gettext_lazy("Quels jours vous conviennent ?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choisissez au moins un jour.")},
    )
    moments = forms.MultipleChoiceField(
        label=gettext_lazy("À quels moments de la journée ?"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [("matin", _("Le matin, avant midi")), ("apres-midi", _("L’après-midi, à partir de midi"))],
        error_messages={"required": gettext_lazy("Choisissez le matin, l’après-midi, ou les deux.")},
    )
    delai = DescribedChoiceField(
        label=gettext_lazy("Combien de temps avant faut-il vous prévenir ?"),
        help_text=gettext_lazy("Comptez le trajet, le travail, la garde des enfants."),
        choices=_notices,
    )
    accessible = forms.BooleanField(
        required=False, label=gettext_lazy("Il nous faut une cabine accessible en fauteuil roulant")
    )

    def __init__(self, *args: Any, people: Iterable[Permit], weekdays: Sequence[int], today: date, **kw: Any) -> None:
        super().__init__(*args, **kw)
        persons = _each_once(people)
        who: Any = self.fields["permis"]
        who.choices = [(str(permits[0].pk), _described(permits, today)) for permits in persons]
        who.other_values = {str(permit.pk): str(permits[0].pk) for permits in persons for permit in permits}
        self.fields["jours"].choices = [(str(day), str(WEEKDAYS[day - 1]).capitalize()) for day in weekdays]  # type: ignore[attr-defined]
        last = today + timedelta(days=WAITING_PERIOD_DAYS - 1)
        for name in ("du", "au"):
            self.fields[name].widget.attrs |= {"min": f"{today:%Y-%m-%d}", "max": f"{last:%Y-%m-%d}"}

    def wish(self) -> WaitingWish:
        """Return what the family waits for."""
        data = self.cleaned_data
        terms = Terms(
            first_day=data["du"],
            last_day=data["au"],
            weekdays=tuple(int(day) for day in data["jours"]),
            earliest=(MORNING if "matin" in data["moments"] else AFTERNOON)[0],
            latest=(AFTERNOON if "apres-midi" in data["moments"] else MORNING)[1],
            notice_hours=int(data["delai"]),
        )
        people = frozenset(int(pk) for pk in data["permis"])
        return WaitingWish(permit_ids=people, terms=terms, accessible=data["accessible"])


def initial(
    entry: WaitingEntry | None, *, people: Iterable[Permit], weekdays: Sequence[int], first: date
) -> dict[str, object]:
    """Return the form as it is first shown: what the family waits for already, else what suits most."""
    if entry is None:
        own = [str(permits[0].pk) for permits in _each_once(people) if _is_own(permits)]
        days, moments = [str(day) for day in weekdays], ["matin", "apres-midi"]
        period = {"du": first, "au": first + USUAL_PERIOD}
        return {"permis": own, **period, "jours": days, "moments": moments, "delai": "24"}
    parts = {"matin": entry.earliest < NOON, "apres-midi": entry.latest >= NOON}
    return {
        "permis": [str(pk) for pk in entry.permit_ids],
        "du": max(first, entry.first_day),
        "au": entry.last_day,
        "jours": [str(day) for day in entry.weekdays],
        "moments": [name for name, suits in parts.items() if suits],
        "delai": str(max(24, entry.notice_hours)),
        "accessible": entry.accessible,
    }


def _each_once(permits: Iterable[Permit]) -> list[list[Permit]]:
    """Return each person's permits: one person is one line."""
    persons: dict[int, list[Permit]] = {}
    for permit in permits:
        persons.setdefault(permit.visitor_id, []).append(permit)
    return list(persons.values())


def _is_own(permits: Iterable[Permit]) -> bool:
    return any(permit.mine[0].holding == "own" for permit in permits)  # type: ignore[attr-defined]


def _described(permits: Sequence[Permit], today: date) -> Described:
    """Say who a person is."""
    visitor = permits[0].visitor
    adult = is_adult(visitor.birth_date, today)
    return Described(
        label=permits[0].told_name,
        hint=_("Vous") if _is_own(permits) else _("Adulte") if adult else _("Enfant"),
        pictogram="person" if adult else "child",
    )
