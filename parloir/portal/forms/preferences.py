"""The forms of a person's preferences: what to be told, in which language, on which telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.foundation import languages
from parloir.foundation.characters import plain
from parloir.notifications.numbers import as_mobile
from parloir.notifications.rules import CODE_DIGITS

if TYPE_CHECKING:
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
            "Sans cette case, l’agenda montre seulement la ville. Ceux qui voient votre agenda peuvent chercher "
            "l’adresse et comprendre où vous allez."
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
    """A mobile number, as people type it; gives E.164."""

    telephone = forms.CharField(
        label=gettext_lazy("Votre numéro de téléphone mobile"),
        help_text=gettext_lazy("Exemple : 06 12 34 56 78. Hors de France, commencez par + et l’indicatif du pays."),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": gettext_lazy("Écrivez votre numéro de téléphone mobile.")},
    )

    def clean_telephone(self) -> str:
        """Read the number.

        :raises ValidationError: when it cannot receive an SMS.
        """
        number = as_mobile(plain(self.cleaned_data["telephone"]))
        if not number:
            raise ValidationError(_("Écrivez un numéro de téléphone mobile complet, par exemple 06 12 34 56 78."))
        return number


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
