"""The two forms of a booking: who comes, and the last check."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.foundation.forms import Described, DescribedMultipleChoiceField
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from parloir.visits.queries.people import Party, PersonChoice


class PeopleForm(forms.Form):
    """Who comes: a box for each person registered, closed with its reason for those who cannot."""

    mark_optional = False
    permis = DescribedMultipleChoiceField(
        label=gettext_lazy("Cochez chaque personne qui viendra"),
        error_messages={"required": gettext_lazy("Choisissez au moins une personne qui viendra au rendez-vous.")},
    )

    def __init__(self, *args: Any, party: Party, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permis"].choices = [(str(p.permit.pk), _described(p, zone)) for p in party.people]  # type: ignore[attr-defined]

    def permit_ids(self) -> frozenset[int]:
        """Return the permits of those who come."""
        return frozenset(int(value) for value in self.cleaned_data["permis"])


class CheckForm(forms.Form):
    """The last look before booking; ``cle`` makes a second press of the button the same booking."""

    mark_optional = False
    rappel_sms = forms.BooleanField(
        required=False,
        label=gettext_lazy("Je veux recevoir des rappels par SMS"),
        help_text=gettext_lazy("Ces rappels arrivent bientôt. Nous gardons votre choix pour ce rendez-vous."),
    )
    cle = forms.RegexField(r"^[A-Za-z0-9_-]{20,64}$", widget=forms.HiddenInput)

    @staticmethod
    def new_key() -> str:
        """Draw the key of one submission."""
        return secrets.token_urlsafe(24)


def _described(person: PersonChoice, zone: ZoneInfo) -> Described:
    """Say who a person is, and why they cannot come if they cannot."""
    hint = _("Vous") if person.is_own else _("Adulte") if person.is_adult else _("Enfant")
    reasons = " ".join(told.text for told in told_to_family(person.refusals, zone=zone))
    return Described(
        label=person.permit.visitor.short_name,
        hint=hint,
        refused=reasons,
        pictogram="person" if person.is_adult else "child",
    )
