"""The forms of a booking: the days of a trip, who comes, and the last check."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parloir.foundation.forms import Described, DescribedMultipleChoiceField
from parloir.portal.steps import MOST_SLOTS
from parloir.visits.rules import Code
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Collection
    from zoneinfo import ZoneInfo

    from django.http import QueryDict

    from parloir.portal.steps import Step
    from parloir.visits.queries.drafts import DraftChoice
    from parloir.visits.queries.people import Party, PersonChoice

_DAY_AND_SLOT = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})", re.ASCII)


class TripForm(forms.Form):
    """The times chosen over several days: each box says its day and its slot."""

    mark_optional = False

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        sent = data.getlist("creneau") if data is not None else []
        self._sent = [found.groups() for text in sent[:50] if (found := _DAY_AND_SLOT.fullmatch(text))]

    @property
    def asked(self) -> set[int]:
        """The slots whose boxes are ticked."""
        return {int(slot) for _day, slot in self._sent}

    def clean(self) -> dict[str, Any]:
        """Return the slots.

        :raises ValidationError: saying how to mend the choice.
        """
        days = [day for day, _slot in self._sent]
        if not days:
            raise ValidationError(_("Choisissez une heure pour chaque jour où vous venez."))
        if len(days) != len(set(days)):
            raise ValidationError(_("Choisissez une seule heure par jour."))
        if len(days) > MOST_SLOTS:
            most = ngettext("Choisissez %(most)d jour au plus.", "Choisissez %(most)d jours au plus.", MOST_SLOTS)
            raise ValidationError(most % {"most": MOST_SLOTS})
        return {"creneau": sorted(self.asked)}


class PeopleForm(forms.Form):
    """Who comes: a box for each person registered, closed with its reason for those who cannot.

    Somebody with several permits has one box; a page that showed another of them is understood all the same.
    The box for an accessible cabin is there when the prison has such cabins at that hour; it never asks why.
    """

    mark_optional = False
    permis = DescribedMultipleChoiceField(
        label=gettext_lazy("Cochez chaque personne qui viendra"),
        error_messages={"required": gettext_lazy("Choisissez au moins une personne qui viendra au rendez-vous.")},
    )
    cabine = forms.BooleanField(
        required=False,
        label=gettext_lazy("J’ai besoin d’une cabine accessible"),
        help_text=gettext_lazy("Par exemple pour un fauteuil roulant. Vous n’avez rien à expliquer."),
    )

    def __init__(self, *args: Any, party: Party, zone: ZoneInfo, has_accessible: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["permis"]
        who.choices = [(str(person.permit.pk), _described(person, zone)) for person in party.people]
        who.other_values = {str(pk): str(p.permit.pk) for p in party.people for pk in p.permit_ids}
        if not has_accessible:
            del self.fields["cabine"]

    @classmethod
    def about(cls, step: Step) -> dict[str, Any]:
        """Return what the form is made from, as a draft stands."""
        return cls.begin(
            party=step.party,
            zone=step.zone,
            permit_ids=step.choice.permit_ids,
            has_accessible=step.has_cabins,
            accessible=step.choice.draft.accessible,
        )

    @classmethod
    def again(cls, step: Step, ticked: QueryDict) -> PeopleForm:
        """Return the form with the boxes that were ticked meanwhile, nothing judged."""
        about = cls.about(step)
        if "permis" in ticked:
            about["initial"] = {"permis": ticked.getlist("permis"), "cabine": "cabine" in ticked}
        return cls(**about)

    @staticmethod
    def begin(
        *, party: Party, zone: ZoneInfo, permit_ids: Collection[int], has_accessible: bool, accessible: bool
    ) -> dict[str, Any]:
        """Return what the form is made from: who may come, and who is chosen already."""
        initial = {"permis": [str(pk) for pk in permit_ids], "cabine": accessible}
        return {"party": party, "zone": zone, "has_accessible": has_accessible, "initial": initial}

    def permit_ids(self) -> frozenset[int]:
        """Return the permits of those who come."""
        return frozenset(int(value) for value in self.cleaned_data["permis"])

    def wants_accessible(self) -> bool:
        """Whether an accessible cabin is asked for."""
        return bool(self.cleaned_data.get("cabine"))


class CheckForm(forms.Form):
    """The last look before booking.

    ``cle`` makes a second press of the button the same booking; ``creneaux`` are the slots that the page shows,
    so that what was changed in another window is not confirmed unseen.
    """

    MAY_TRY_AGAIN: ClassVar = frozenset({Code.DRAFT_CHANGED, Code.TRY_AGAIN, Code.EXTENDED_ENOUGH})
    """What stands in the way of this press of the button, but not of the next one."""

    mark_optional = False
    rappel_sms = forms.BooleanField(
        required=False,
        label=gettext_lazy("Je veux recevoir des rappels par SMS"),
        help_text=gettext_lazy(
            "Un SMS la veille de ce rendez-vous. Si nous n’avons pas votre téléphone, nous vous le demanderons ensuite."
        ),
    )
    cle = forms.RegexField(r"^[A-Za-z0-9_-]{20,60}$", widget=forms.HiddenInput)
    creneaux = forms.RegexField(r"^[0-9]{1,18}(,[0-9]{1,18}){0,9}$", widget=forms.HiddenInput)

    @classmethod
    def about(cls, choice: DraftChoice, sent: CheckForm) -> CheckForm:
        """Return the form of what is chosen now, with the key and the wish that were sent before, if any."""
        known = sent.cleaned_data if sent.is_valid() else {}
        return cls(
            initial={
                "cle": known.get("cle") or secrets.token_urlsafe(24),
                "creneaux": ",".join(str(slot.pk) for slot in choice.slots),
                "rappel_sms": known.get("rappel_sms", False),
            }
        )

    def slot_ids(self) -> frozenset[int]:
        """Return the slots that the person saw."""
        return frozenset(int(pk) for pk in self.cleaned_data["creneaux"].split(","))


class WithdrawForm(forms.Form):
    """Who no longer comes."""

    mark_optional = False
    permis = DescribedMultipleChoiceField(
        label=gettext_lazy("Qui ne viendra pas ?"),
        error_messages={"required": gettext_lazy("Choisissez la personne qui ne viendra pas.")},
    )

    def __init__(self, *args: Any, coming: Collection[tuple[int, str]], **kwargs: Any) -> None:
        """``coming``: the permits and names of those who come."""
        super().__init__(*args, **kwargs)
        self.fields["permis"].choices = [(str(pk), Described(label=name, pictogram="person")) for pk, name in coming]  # type: ignore[attr-defined]

    def permit_ids(self) -> frozenset[int]:
        """Return the permits of those who no longer come."""
        return frozenset(int(value) for value in self.cleaned_data["permis"])


def _described(person: PersonChoice, zone: ZoneInfo) -> Described:
    """Say who a person is, and why they cannot come if they cannot."""
    hint = _("Vous") if person.is_own else _("Adulte") if person.is_adult else _("Enfant")
    reasons = " ".join(told.text for told in told_to_family(person.refusals, zone=zone))
    return Described(
        label=person.permit.told_name,
        hint=hint,
        refused=reasons,
        pictogram="person" if person.is_adult else "child",
    )
