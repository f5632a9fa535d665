"""Forms as the design system draws them: label, hint, error, and what ties them together for screen readers.

Fields are never marked ``required`` for the browser: its own bubbles are in its own language, vanish, and are
not read out everywhere. What may stay empty says « facultatif »; errors come back with the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.foundation.characters import plain
from parloir.foundation.reading import LONGEST_DATE, Parts, date_of, is_meant_as_whole, split_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

OLDEST_YEAR = 1900
_BUILTINS = ["django.templatetags.i18n", "django.templatetags.static", "parloir.foundation.templatetags.parloir"]
_CLASSES = {True: ("fr-select", "fr-select--error"), False: ("fr-input", "fr-input--error")}
_GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def refill[F: forms.Form](form: F, typed: QueryDict) -> F:
    """Show again what was typed before a session ended: nothing of it is judged until it is sent."""
    if typed and not form.is_bound:
        for name, field in form.fields.items():
            if not field.widget.is_hidden:
                form.initial[name] = field.widget.value_from_datadict(typed, MultiValueDict(), form.add_prefix(name))
        form.is_refilled = True  # type: ignore[attr-defined]
    return form


class DsfrBoundField(forms.BoundField):
    """A field on a page: knows how it is drawn and what describes it."""

    @property
    def drawn_as(self) -> str:
        """Which part of ``components/field.html`` draws the field."""
        widget = self.field.widget
        if isinstance(widget, _GROUPS):
            return "checkbox" if isinstance(widget, forms.CheckboxSelectMultiple) else "radio"
        if isinstance(widget, forms.CheckboxInput):
            return "single"
        return "parts" if isinstance(widget, forms.MultiWidget) else "line"

    @property
    def is_marked_optional(self) -> bool:
        """Whether « (facultatif) » follows the label: a lone box to tick, or a form that opts out, needs no mark."""
        return not self.field.required and self.drawn_as != "single" and getattr(self.form, "mark_optional", True)

    @property
    def first_id(self) -> str:
        """The id of the first control that can take the focus: where the error summary leads."""
        if self.drawn_as in {"line", "single"}:
            return self.auto_id
        options = self.subwidgets if self.drawn_as != "parts" else []
        enabled = [option.data["attrs"]["id"] for option in options if not option.data["attrs"].get("disabled")]
        return enabled[0] if enabled else f"{self.auto_id}_0"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Dress the control as the design system does and replace ``required`` by what is only read out."""
        built = super().build_widget_attrs(attrs, widget)
        drawn = widget or self.field.widget
        required = built.pop("required", False)
        if self.drawn_as == "line" and not drawn.is_hidden:
            plain, refused = _CLASSES[isinstance(drawn, forms.Select)]
            names = [plain, refused if self.errors else "", str(drawn.attrs.get("class", ""))]
            built["class"] = " ".join(name for name in names if name)
            if required:
                built["aria-required"] = "true"
        return built


class DsfrRenderer(DjangoTemplates):
    """Draw forms and fields with ``components/form.html`` and ``components/field.html``."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = DsfrBoundField

    @cached_property
    def engine(self) -> Any:
        """The engine of the forms: Django's own widgets first, then our applications' templates."""
        return self.backend(
            {
                "APP_DIRS": True,
                "DIRS": [Path(forms.__file__).parent / "templates"],
                "NAME": "forms",
                "OPTIONS": {"builtins": _BUILTINS},
            }
        )


@dataclass(frozen=True)
class Described:
    """The label of a choice with more to say: use it as the second part of a choice's pair.

    ``refused`` is the reason why the choice cannot be made: it is shown and the box is closed.
    ``pictogram`` is the name of one of our drawings.
    """

    label: str
    hint: str = ""
    refused: str = ""
    pictogram: str = ""

    def __str__(self) -> str:
        """Read as a plain label wherever more cannot be shown."""
        return str(self.label)


class _DescribedOptions:
    """Close the options that are refused and tie each hint to its box."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, label, *args, **kwargs)  # type: ignore[misc]
        if isinstance(label, Described):
            if label.hint or label.refused:
                option["attrs"]["aria-describedby"] = f"{option['attrs'].get('id', '')}_hint"
            if label.refused:
                option["attrs"]["disabled"] = True
                option["selected"] = False
                option["attrs"].pop("checked", None)
        return option


class DescribedRadios(_DescribedOptions, forms.RadioSelect):
    """Radio buttons whose labels are :class:`Described`."""


class DescribedCheckboxes(_DescribedOptions, forms.CheckboxSelectMultiple):
    """Boxes whose labels are :class:`Described`."""


class _OnlyOpenChoices:
    """A closed box cannot be ticked by hand-written requests either."""

    choices: Any

    def valid_value(self, value: Any) -> bool:
        closed = {str(key) for key, label in self.choices if isinstance(label, Described) and label.refused}
        return str(value) not in closed and super().valid_value(value)  # type: ignore[misc]


class DescribedChoiceField(_OnlyOpenChoices, forms.ChoiceField):
    """One choice among :class:`Described` ones."""

    widget = DescribedRadios
    default_error_messages = {
        "required": gettext_lazy("Choisissez une réponse."),
        "invalid_choice": gettext_lazy("Cette réponse n’est pas possible. Choisissez-en une autre."),
    }


class DescribedMultipleChoiceField(_OnlyOpenChoices, forms.MultipleChoiceField):
    """Several choices among :class:`Described` ones, such as who comes to a visit.

    ``other_values`` leads from values that a page may have sent earlier, or that are kept, to the choice that
    stands for them now.
    """

    widget = DescribedCheckboxes
    other_values: Mapping[str, str] = {}
    default_error_messages = {
        "required": gettext_lazy("Choisissez au moins une réponse."),
        "invalid_choice": gettext_lazy("Une des réponses n’est pas possible. Lisez la raison écrite sous son nom."),
    }

    def valid_value(self, value: Any) -> bool:
        """Judge a value by the choice that stands for it."""
        return super().valid_value(self.other_values.get(str(value), value))

    def prepare_value(self, value: Any) -> Any:
        """Tick the choices that stand for what was sent or kept, each once."""
        if not isinstance(value, (list, tuple)):
            return value
        return list(dict.fromkeys(self.other_values.get(str(each), each) for each in value))


class ThreePartDateWidget(forms.MultiWidget):
    """Day, month and year in three boxes, named ``…_jour``, ``…_mois``, ``…_annee``."""

    template_name = "components/widgets/date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None, *, own: bool = True) -> None:
        """``own`` lets the browser offer the birth date of the person at the keyboard."""
        parts = (("jour", "bday-day"), ("mois", "bday-month"), ("annee", "bday-year"))
        widgets: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(
                attrs={
                    "class": "fr-input",
                    "inputmode": "numeric",
                    # Room for « 1er », for « juillet », and for a whole date pasted in the first box.
                    "maxlength": str(LONGEST_DATE),
                    "autocomplete": token if own else "off",
                }
            )
            for name, token in parts
        }
        super().__init__(widgets, attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the three texts; a whole date in the first box takes the place of what is beside it.

        So does one that cannot be read: it was meant to be the date, and is not to be read with another's month.
        """
        texts: list[str] = super().value_from_datadict(data, files, name)
        if whole := split_date(texts[0] or ""):
            return list(whole)
        return [texts[0], "", ""] if is_meant_as_whole(texts[0] or "") else texts

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Name each box."""
        context = super().get_context(name, value, attrs)
        labels = (_("Jour"), _("Mois"), _("Année"))
        examples = (_("Exemple : 14"), _("Exemple : 7"), _("Exemple : 1990"))
        for part, label, example in zip(context["widget"]["subwidgets"], labels, examples, strict=True):
            part["label"], part["example"] = label, example
        return context

    def decompress(self, value: date | str | None) -> list[str]:
        """Split a date, or its ISO text, over the three boxes."""
        if isinstance(value, str):
            value = date.fromisoformat(value) if value else None
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class BirthDateField(forms.MultiValueField):
    """A date of birth typed in three boxes; gives a ``date``.

    :ivar latest: the last day accepted, set by the form (usually today); None accepts any.
    """

    def __init__(self, *, own: bool = True, latest: date | None = None, **kwargs: Any) -> None:
        """``own``: the birth date of the person at the keyboard, that the browser may fill in."""
        self.latest = latest
        kwargs.setdefault("label", gettext_lazy("Date de naissance"))
        parts = [forms.CharField(required=False) for _part in range(3)]
        super().__init__(fields=parts, widget=ThreePartDateWidget(own=own), require_all_fields=False, **kwargs)

    def clean(self, value: Sequence[str] | date | None) -> date | None:
        """Return the date.

        :raises ValidationError: saying which box to mend.
        """
        boxes = ThreePartDateWidget().decompress(value) if isinstance(value, date) else value or ()
        texts = [str(part or "").strip() for part in boxes] or [""] * 3
        if not any(texts):
            if self.required:
                raise ValidationError(
                    _("Indiquez la date de naissance : le jour, le mois et l’année."), code="required"
                )
            return None
        self._check_complete(dict(zip(("jour", "mois", "annee"), texts, strict=True)))
        return self._date(*texts)

    def _check_complete(self, parts: Mapping[str, str]) -> None:
        names = {"jour": _("le jour"), "mois": _("le mois"), "annee": _("l’année")}
        missing = [names[part] for part, text in parts.items() if not text]
        if missing:
            what = _(" et ").join(missing)
            raise ValidationError(_("Indiquez aussi %(missing)s de naissance.") % {"missing": what}, code="incomplete")

    def _date(self, day: str, month: str, year: str) -> date:
        digits = plain(year[:LONGEST_DATE])
        if digits.isdecimal() and not (len(digits) == len("1990") and int(digits) >= OLDEST_YEAR):
            raise ValidationError(
                _("Écrivez l’année de naissance avec ses quatre chiffres, par exemple 1990."), code="year"
            )
        try:
            born = date_of(Parts(day, month, year))
        except ValueError:
            raise ValidationError(
                _("Cette date n’existe pas : vérifiez le jour, le mois et l’année."), code="impossible"
            ) from None
        if born is None:
            raise ValidationError(
                _("Écrivez le jour, le mois et l’année en chiffres, par exemple 14 7 1990."), code="digits"
            )
        if self.latest and born > self.latest:
            raise ValidationError(_("La date de naissance ne peut pas être dans le futur."), code="future")
        return born
