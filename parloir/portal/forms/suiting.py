"""The times that suit a family best: the days of the week on which the prison receives, morning or afternoon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.foundation import text
from parloir.people.rules import PartOfDay, SuitingTimes

if TYPE_CHECKING:
    from collections.abc import Iterable


_WORDS = {"": PartOfDay.ANY, "matin": PartOfDay.MORNING, "apres-midi": PartOfDay.AFTERNOON}


class SuitingForm(forms.Form):
    """Nothing ticked is every day; ``changer`` is the visit whose calendar this is, if it is one's."""

    mark_optional = False
    jours = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Quels jours ?"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(str(n), str(name).capitalize()) for n, name in enumerate(WEEKDAYS.values(), 1)],
    )
    moment = forms.ChoiceField(
        required=False,
        label=gettext_lazy("À quel moment de la journée ?"),
        widget=forms.RadioSelect,
        choices=lambda: [
            ("", _("Toute la journée")),
            ("matin", _("Le matin, avant midi")),
            ("apres-midi", _("L’après-midi, à partir de midi")),
        ],
    )
    changer = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    @classmethod
    def about(cls, suiting: SuitingTimes, *, weekdays: Iterable[int], changed: str = "") -> Self:
        """Return the form with what suits already, over the days on which a prison receives."""
        days = sorted(suiting.weekdays)
        moment = next(word for word, part in _WORDS.items() if part == suiting.part)
        form = cls(initial={"jours": [str(day) for day in days], "moment": moment, "changer": changed})
        received: Any = form.fields["jours"]
        received.choices = [choice for choice in received.choices if int(choice[0]) in {*weekdays, *days}]
        return form

    @property
    def days_shown(self) -> list[tuple[str, str, bool]]:
        """Each day with its name, and whether it is ticked."""
        return self._shown("jours")

    @property
    def moments_shown(self) -> list[tuple[str, str, bool]]:
        """Each part of the day with its words, and whether it is chosen."""
        return self._shown("moment")

    @property
    def all_errors(self) -> list[str]:
        """What cannot be read."""
        return [str(error) for errors in self.errors.values() for error in errors]

    def _shown(self, name: str) -> list[tuple[str, str, bool]]:
        value, field = self[name].value(), self.fields[name]
        ticked = value if isinstance(value, list) else [value or ""]
        choices: Any = field
        return [(key, str(words), key in ticked) for key, words in choices.choices]

    def suiting(self) -> SuitingTimes:
        """Return what suits."""
        days = frozenset(int(day) for day in self.cleaned_data["jours"])
        return SuitingTimes(days, _WORDS[self.cleaned_data["moment"]])


def in_words(suiting: SuitingTimes) -> str:
    """Say which times suit: « mercredi, samedi, le matin »."""
    parts = {PartOfDay.MORNING: _("le matin"), PartOfDay.AFTERNOON: _("l’après-midi")}
    days = text.weekdays(sorted(suiting.weekdays))
    return _(", ").join([*days, *([parts[suiting.part]] if suiting.part else [])])
