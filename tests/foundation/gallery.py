"""Every component on one page: what the browser's tests look at, and examples to copy from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django import forms
from django.template import engines
from django.utils.translation import override

from parloir.foundation.forms import (
    BirthDateField,
    Described,
    DescribedChoiceField,
    DescribedMultipleChoiceField,
)

HERE = Path(__file__).parent

PEOPLE = [
    ("1", Described("Sophie Martin (vous)", pictogram="adult")),
    ("2", Described("Léa Martin", hint="7 ans : doit être accompagnée d’un adulte.", pictogram="child")),
    ("3", Described("Hugo Martin", refused="Son permis n’est plus valable après le 30 octobre.", pictogram="adult")),
]


class GalleryForm(forms.Form):
    establishment = forms.ChoiceField(
        label="Établissement",
        choices=[("", "Choisissez un établissement"), ("D", [("ma-dijon", "Dijon – Maison d’arrêt de Dijon")])],
        help_text="La prison où se trouve votre proche.",
    )
    number = forms.CharField(
        label="Numéro du permis",
        help_text="Il figure en haut du permis, par exemple 2026001234.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(label="Adresse e-mail", required=False)
    born = BirthDateField(latest=date(2026, 11, 2), help_text="Celle qui est écrite sur le permis.")
    whose = DescribedChoiceField(
        label="À qui est ce permis ?", choices=[("mine", Described("À moi")), ("other", Described("À un proche"))]
    )
    who = DescribedChoiceField(
        label="Qui est-ce ?",
        initial="me",
        choices=[
            ("me", Described("Moi", hint="Le permis est à mon nom.", pictogram="adult")),
            ("child", Described("Mon enfant", hint="Il a moins de 18 ans.", pictogram="child")),
        ],
    )
    attendees = DescribedMultipleChoiceField(
        label="Qui vient ?", choices=PEOPLE, help_text="Quatre personnes au plus, dont trois adultes."
    )
    sms = forms.BooleanField(label="Me prévenir aussi par SMS", required=False, help_text="Vous pourrez arrêter.")
    consent = forms.BooleanField(label="Je suis titulaire de l’autorité parentale")
    message = forms.CharField(label="Votre message", widget=forms.Textarea(attrs={"rows": 4}), required=False)


def gallery(*, data: dict[str, object] | None = None, language: str = "fr") -> str:
    """Return the page, with the form as it is first shown or as it is refused."""
    template = engines["django"].from_string((HERE / "gallery.html").read_text(encoding="utf-8"))
    context = {"form": GalleryForm(data), "LANGUAGE_CODE": language, "LANGUAGE_BIDI": language == "ar"}
    with override(language):
        return template.render(context)
