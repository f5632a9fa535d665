"""The forms of a person's preferences: what to be told, in which language, on which telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.foundation import languages
from parloir.foundation.characters import plain
from parloir.foundation.text import telephone
from parloir.notifications.numbers import readings
from parloir.notifications.queries import is_served
from parloir.notifications.rules import CODE_DIGITS
from parloir.notifications.sentences import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Collection

    from parloir.notifications.rules import Choices


class ChoicesForm(forms.Form):
    """What to be told and in which language; the box for SMS is there once a telephone is confirmed, un-ticked."""

    mark_optional = False
    rappel_courriel = forms.BooleanField(
        required=False,
        label=gettext_lazy("Je veux recevoir un rappel par e-mail, la veille de chaque rendez-vous"),
    )
    sms = forms.BooleanField(
        required=False,
        label=gettext_lazy("Je veux recevoir des SMS"),
        help_text=gettext_lazy(
            "Un rappel la veille de chaque rendez-vous, et un SMS si nos e-mails ne vous parviennent plus. "
            "Vous pouvez arrêter à tout moment, ici ou avec le lien écrit dans chaque SMS."
        ),
    )
    rue_agenda = forms.BooleanField(
        required=False,
        label=gettext_lazy("Je veux l’adresse complète dans mon agenda"),
        help_text=gettext_lazy(
            "Si vous ne cochez pas, l’agenda montre seulement la ville. Avec l’adresse, ceux qui voient votre agenda "
            "peuvent comprendre où vous allez."
        ),
    )
    appareil = forms.BooleanField(
        required=False,
        label=gettext_lazy("Je veux être prévenu par e-mail quand mon espace est ouvert sur un nouvel appareil"),
    )
    langue = forms.ChoiceField(label=gettext_lazy("Langue de vos messages"), choices=languages.of_messages)

    @classmethod
    def about(cls, choices: Choices, *, language: str, data: Any = None) -> ChoicesForm:
        """Return the form of what a person chose so far."""
        initial = {
            "rappel_courriel": choices.email_reminder,
            "sms": choices.sms_since is not None,
            "rue_agenda": choices.street_in_calendar,
            "appareil": choices.device_notices,
            "langue": language,
        }
        form = cls(data, initial=initial)
        if not choices.phone:
            del form.fields["sms"]
        return form


class TelephoneForm(forms.Form):
    """A mobile number, as people type it; gives E.164.

    A number that is of several countries is asked about: it is never settled for its owner, since the code would go
    to a stranger. ``likely`` are the countries proposed: those of the prisons of the account's permits.
    """

    telephone = forms.CharField(
        label=gettext_lazy("Votre numéro de téléphone mobile"),
        help_text=gettext_lazy("Exemple : 06 12 34 56 78. Hors de France, commencez par + et l’indicatif du pays."),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": gettext_lazy("Écrivez votre numéro de téléphone mobile.")},
    )
    pays = forms.ChoiceField(
        label=gettext_lazy("De quel pays est ce numéro ?"),
        help_text=gettext_lazy(
            "Ce numéro existe dans plusieurs pays. Nous enverrons le code à celui que vous choisissez."
        ),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choisissez le pays de ce numéro."),
            "invalid_choice": gettext_lazy("Choisissez le pays de ce numéro."),
        },
    )

    def __init__(self, data: Any = None, *, likely: Collection[str] = (), **kwargs: Any) -> None:
        """Ask for the country when what is typed is a number of several."""
        super().__init__(data, **kwargs)
        self._readings = readings(plain((data or {}).get("telephone", "")[:30]))
        self._mobiles = {reading.country: reading.number for reading in self._readings if reading.is_mobile}
        self._likely = next((country for country in self._mobiles if country in likely), "")
        if len(self._readings) > 1 and self._mobiles:
            choices = [
                (country, f"{COUNTRIES[country]} – {_unbroken(telephone(n))}") for country, n in self._mobiles.items()
            ]
            cast("forms.ChoiceField", self.fields["pays"]).choices = choices
        else:
            del self.fields["pays"]

    def clean_telephone(self) -> str:
        """Read the number.

        :raises ValidationError: when it cannot receive an SMS.
        """
        if not self._mobiles:
            raise ValidationError(_("Écrivez un numéro de téléphone mobile complet, par exemple 06 12 34 56 78."))
        if not any(is_served(number) for number in self._mobiles.values()):
            raise ValidationError(_("Nous n’envoyons pas de SMS dans ce pays. Vos messages arrivent par e-mail."))
        return next(iter(self._mobiles.values()))

    def clean(self) -> dict[str, Any]:
        """Take the number of the country that was chosen; where none was yet, show the likely one as chosen."""
        cleaned = super().clean() or {}
        if "pays" in self.fields and "pays" not in self.data:
            self.data = {name: self.data.get(name) for name in self.data} | {"pays": self._likely}
        if cleaned.get("pays"):
            cleaned["telephone"] = self._mobiles[cleaned["pays"]]
        return cleaned


def _unbroken(number: str) -> str:
    """Keep the groups of a number on one line."""
    return number.replace(" ", "\u00a0")


class CodeForm(forms.Form):
    """The six digits of the SMS."""

    code = forms.RegexField(
        rf"^[0-9]{{{CODE_DIGITS}}}$",
        label=gettext_lazy("Le code à 6 chiffres du SMS"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={
            "required": gettext_lazy("Écrivez le code à 6 chiffres que vous avez reçu par SMS."),
            "invalid": gettext_lazy("Le code a 6 chiffres. Recopiez-le tel qu’il est écrit dans le SMS."),
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        """Spaces that a telephone puts between the digits are no mistake."""
        if data is not None:
            data = {"code": "".join(plain(data.get("code", "")[:40]).split())}
        super().__init__(data, **kwargs)
