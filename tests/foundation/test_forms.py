"""Forms: what a field says, what describes it, and the date of birth in three boxes."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import engines
from pytest_django.asserts import assertInHTML

from parloir.foundation.forms import BirthDateField, Described, DescribedMultipleChoiceField
from tests.foundation.gallery import GalleryForm


class OneField(forms.Form):
    number = forms.CharField(label="Numéro", help_text="Il est <en haut>.")


def message(field, value):
    with pytest.raises(ValidationError) as raised:
        field.clean(value)
    return raised.value.messages


def test_a_label_and_a_hint_belong_to_their_field():
    html = OneField()["number"].as_field_group()

    assertInHTML('<label class="fr-label" for="id_number">Numéro</label>', html)
    assert 'id="id_number_helptext">Il est &lt;en haut&gt;.</span>' in html
    assert 'aria-describedby="id_number_helptext"' in html


def test_a_refused_field_is_described_by_its_hint_and_its_error():
    html = OneField({})["number"].as_field_group()

    assert 'aria-describedby="id_number_helptext id_number_error"' in html
    assert 'aria-invalid="true"' in html
    assert "fr-input-group--error" in html
    assert 'id="id_number_error">Ce champ est obligatoire.</span>' in html


def test_required_is_read_out_rather_than_enforced_by_the_browser():
    html = str(OneField()["number"])

    assert 'aria-required="true"' in html
    assert " required" not in html


def test_only_what_may_stay_empty_says_so():
    form = GalleryForm()

    assert "(facultatif)" in form["email"].as_field_group()
    assert "(facultatif)" not in form["number"].as_field_group()
    assert "(facultatif)" not in form["sms"].as_field_group()


def test_a_group_of_boxes_has_a_legend_and_is_described_by_its_hint_and_its_error():
    html = GalleryForm({})["attendees"].as_field_group()

    assert 'aria-describedby="id_attendees_helptext id_attendees_error"' in html
    assertInHTML('<legend class="p-fieldset__legend">Qui vient ?</legend>', html)


def test_a_closed_choice_shows_its_reason_and_cannot_be_ticked():
    form = GalleryForm({"attendees": ["3"]})
    option = form["attendees"].subwidgets[2]

    assert option.data["attrs"]["disabled"] is True
    assert "checked" not in option.data["attrs"]
    assert "Son permis n’est plus valable" in form["attendees"].as_field_group()
    assert form.errors["attendees"] == ["Une des réponses n’est pas possible. Lisez la raison écrite sous son nom."]


def test_open_choices_are_accepted():
    field = DescribedMultipleChoiceField(choices=[("1", Described("A")), ("2", Described("B", hint="7 ans"))])

    assert field.clean(["1", "2"]) == ["1", "2"]


def test_the_summary_leads_to_the_first_open_control_of_each_refused_field():
    form = GalleryForm({"born_jour": "31"})
    template = engines["django"].from_string('{% include "components/error_summary.html" with form=form only %}')

    html = template.render({"form": form})

    assert 'href="#id_number">Numéro du permis – Ce champ est obligatoire.' in html
    assert 'href="#id_born_0">Date de naissance – Indiquez aussi le mois et l’année de naissance.' in html
    assert 'href="#id_attendees_0">' in html


def test_a_form_without_fault_has_no_summary():
    template = engines["django"].from_string('{% include "components/error_summary.html" with form=form only %}')

    assert template.render({"form": OneField({"number": "1"})}).strip() == ""


def test_a_whole_form_is_drawn_field_by_field():
    assert str(OneField()) == OneField()["number"].as_field_group()


def test_three_boxes_give_a_date():
    assert BirthDateField().clean(["14", "7", "1990"]) == date(1990, 7, 14)
    assert BirthDateField().clean([" 01 ", "02", "2020"]) == date(2020, 2, 1)


def test_three_boxes_show_a_date_they_are_given():
    form = GalleryForm(initial={"born": date(1990, 7, 14)})

    html = str(form["born"])

    assert 'name="born_jour" value="14"' in html
    assert 'name="born_mois" value="7"' in html
    assert 'name="born_annee" value="1990"' in html
    assert 'autocomplete="bday-year"' in html


def test_somebody_elses_birth_date_is_not_filled_in_by_the_browser():
    assert 'autocomplete="bday' not in str(BirthDateField(own=False).widget.render("born", None))


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        (["", "", ""], "Indiquez la date de naissance : le jour, le mois et l’année."),
        (["14", "", "1990"], "Indiquez aussi le mois de naissance."),
        (["14", "", ""], "Indiquez aussi le mois et l’année de naissance."),
        (["31", "2", "1990"], "Cette date n’existe pas : vérifiez le jour, le mois et l’année."),
        (["14", "brumaire", "1990"], "Écrivez le jour, le mois et l’année en chiffres, par exemple 14 7 1990."),
        (["14", "jui", "1990"], "Écrivez le jour, le mois et l’année en chiffres, par exemple 14 7 1990."),
        (["1" * 20, "7", "1990"], "Écrivez le jour, le mois et l’année en chiffres, par exemple 14 7 1990."),
        (["14", "7", "9" * 5000], "Écrivez l’année de naissance avec ses quatre chiffres, par exemple 1990."),
        (["14", "7", "0000"], "Écrivez l’année de naissance avec ses quatre chiffres, par exemple 1990."),
        (["0", "7", "1990"], "Cette date n’existe pas : vérifiez le jour, le mois et l’année."),
        (["14", "7", "²"], "Écrivez le jour, le mois et l’année en chiffres, par exemple 14 7 1990."),
        (["14", "7", "90"], "Écrivez l’année de naissance avec ses quatre chiffres, par exemple 1990."),
        (["3", "11", "2026"], "La date de naissance ne peut pas être dans le futur."),
    ],
)
def test_what_is_wrong_with_a_date_says_how_to_mend_it(boxes, said):
    assert message(BirthDateField(latest=date(2026, 11, 2)), boxes) == [said]


def test_an_optional_date_may_stay_empty():
    assert BirthDateField(required=False).clean(["", "", ""]) is None
    assert BirthDateField(required=False).clean(None) is None
