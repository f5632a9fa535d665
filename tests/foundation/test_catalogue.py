"""Translations: found where they are said, kept when known, refused when they fail a reader."""

import pytest

from parloir.foundation import catalogue

CODE = """
from django.utils.translation import gettext as _, ngettext
title = _("Bonjour %(name)s") % {"name": name}
count = ngettext("une place", "%(n)s places", n)
"""
TEMPLATE = """
{% translate "Au revoir" %}
    {% if a %}
  {% blocktranslate count n=n %}{{ n }} jour{% plural %}{{ n }} jours{% endblocktranslate %}
{% endif %}
"""


@pytest.fixture
def house(tmp_path):
    package = tmp_path / "house"
    (package / "templates").mkdir(parents=True)
    (package / "code.py").write_text(CODE)
    (package / "templates" / "page.html").write_text(TEMPLATE)
    return {"package": package, "locale": tmp_path / "locale"}


def translate(house, **words):
    path = catalogue.path_of("en", locale=house["locale"])
    text = path.read_text()
    for french, english in words.items():
        key = french.replace("_", " ")
        text = text.replace(f'msgid "{key}"\nmsgstr ""', f'msgid "{key}"\nmsgstr "{english}"')
    path.write_text(text)


def test_sentences_are_found_in_code_and_in_templates(house):
    found = [message.id for message in catalogue.sentences(package=house["package"]) if message.id]

    assert found == [
        "Bonjour %(name)s",
        ("une place", "%(n)s places"),
        "Au revoir",
        ("%(n)s jour", "%(n)s jours"),
    ]


def test_a_sentence_never_written_down_is_missing(house):
    faults = catalogue.faults("en", **house)

    assert faults[0] == "missing: 'Bonjour %(name)s' (house/code.py)"
    assert len(faults) == 4


def test_a_sentence_waiting_for_its_words_is_empty(house):
    catalogue.update("en", **house)

    assert catalogue.faults("en", **house)[2] == "empty: 'Au revoir' (house/templates/page.html)"


def test_a_translated_sentence_is_no_fault_and_stays_when_the_catalogue_is_written_again(house):
    catalogue.update("en", **house)
    translate(house, Au_revoir="Goodbye")
    before = catalogue.path_of("en", locale=house["locale"]).read_text()

    catalogue.update("en", **house)

    assert catalogue.path_of("en", locale=house["locale"]).read_text() == before
    assert [fault for fault in catalogue.faults("en", **house) if "Au revoir" in fault] == []


def test_a_lost_placeholder_is_a_fault(house):
    catalogue.update("en", **house)
    path = catalogue.path_of("en", locale=house["locale"])
    path.write_text(
        path.read_text().replace('msgid "Bonjour %(name)s"\nmsgstr ""', 'msgid "Bonjour %(name)s"\nmsgstr "Hello"')
    )

    assert catalogue.faults("en", **house)[0] == "placeholder lost: 'Bonjour %(name)s' (house/code.py)"


def test_a_doubtful_translation_is_a_fault(house):
    catalogue.update("en", **house)
    path = catalogue.path_of("en", locale=house["locale"])
    path.write_text(
        path.read_text().replace('msgid "Au revoir"\nmsgstr ""', '#, fuzzy\nmsgid "Au revoir"\nmsgstr "Bye"')
    )

    assert catalogue.faults("en", **house)[2] == "fuzzy: 'Au revoir' (house/templates/page.html)"


def test_the_marks_of_a_merge_that_was_not_finished_are_faults(house):
    catalogue.update("en", **house)
    translate(house, Au_revoir="Bye")
    path = catalogue.path_of("en", locale=house["locale"])
    text = path.read_text()
    ours = 'msgstr "Bye"\n'
    path.write_text(text.replace(ours, f'<<<<<<< HEAD\n{ours}=======\nmsgstr "So long"\n>>>>>>> a branch\n'))
    at = text[: text.index(ours)].count("\n") + 1

    assert catalogue.faults("en", **house) == [
        f"conflict: line {at}: <<<<<<< HEAD",
        f"conflict: line {at + 2}: =======",
        f"conflict: line {at + 4}: >>>>>>> a branch",
    ]


def test_a_sentence_no_page_says_any_more_goes(house):
    catalogue.update("en", **house)
    (house["package"] / "templates" / "page.html").write_text("")

    catalog = catalogue.update("en", **house)

    assert [message.id for message in catalog if message.id] == ["Bonjour %(name)s", ("une place", "%(n)s places")]


def test_the_compiled_catalogue_is_what_django_reads(house):
    import gettext

    catalogue.update("en", **house)
    translate(house, Au_revoir="Goodbye")

    path = catalogue.compile_catalogue("en", locale=house["locale"])

    with path.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Au revoir") == "Goodbye"


def test_a_sentence_that_is_counted_from_now_on_waits_for_its_words(house):
    catalogue.update("en", **house)
    translate(house, Au_revoir="Goodbye")
    counted = "{% blocktranslate count n=n %}Au revoir{% plural %}Au revoir à tous{% endblocktranslate %}"
    (house["package"] / "templates" / "page.html").write_text(counted)

    catalogue.update("en", **house)

    assert catalogue.read("en", locale=house["locale"]).get("Au revoir").string == ("", "")


def arabic(house, *forms):
    path = catalogue.path_of("ar", locale=house["locale"])
    catalogue.update("ar", **house)
    key = 'msgid "%(n)s jour"\nmsgid_plural "%(n)s jours"\n'
    empty = "".join(f'msgstr[{number}] ""\n' for number in range(6))
    said = "".join(f'msgstr[{number}] "{form}"\n' for number, form in enumerate(forms))
    path.write_text(path.read_text().replace(key + empty, key + said))
    return [fault for fault in catalogue.faults("ar", **house) if "%(n)s jour" in fault]


def test_arabic_counts_in_six_forms_of_which_three_may_say_the_number_by_a_word(house):
    said = ("لا يوم", "يوم", "يومان", "%(n)s أيام", "%(n)s يومًا", "%(n)s يوم")

    assert arabic(house, *said) == []
    catalogue.compile_catalogue("ar", locale=house["locale"])
    with catalogue.path_of("ar", locale=house["locale"]).with_suffix(".mo").open("rb") as file:
        import gettext

        read = gettext.GNUTranslations(file).ngettext
    numbers = {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 102: 5, 103: 3, 111: 4}
    assert {n: read("%(n)s jour", "%(n)s jours", n) for n in numbers} == {n: said[form] for n, form in numbers.items()}


def test_a_form_of_several_numbers_must_keep_the_number(house):
    lost = arabic(house, "لا", "يوم", "يومان", "أيام", "%(n)s يومًا", "%(n)s يوم")

    assert lost == ["placeholder lost: '%(n)s jour' (house/templates/page.html)"]


def test_lost_markup_is_a_fault(house):
    (house["package"] / "templates" / "page.html").write_text("{% translate 'Lire <strong>tout</strong>' %}")
    catalogue.update("en", **house)
    translate(house, **{"Lire_<strong>tout</strong>": "Read all"})

    assert (
        catalogue.faults("en", **house)[-1] == "markup lost: 'Lire <strong>tout</strong>' (house/templates/page.html)"
    )


def test_a_manner_of_a_language_holds_only_what_it_says_otherwise(house):
    catalogue.update("fr-x-facile", **house)
    empty = catalogue.read("fr-x-facile", locale=house["locale"])
    words = 'msgid "Au revoir"\nmsgstr "Salut"\n\nmsgid "Bonjour %(name)s"\nmsgstr "Bonjour"\n'
    with catalogue.path_of("fr-x-facile", locale=house["locale"]).open("a") as file:
        file.write("\n" + words + '\nmsgid "Plus dit"\nmsgstr "Plus dit du tout"\n')

    found = catalogue.update("fr-x-facile", **house)

    assert [message.id for message in empty if message.id] == []
    assert {message.id: message.string for message in found if message.id} == {
        "Au revoir": "Salut",
        "Bonjour %(name)s": "Bonjour",
    }
    assert catalogue.faults("fr-x-facile", **house) == ["placeholder lost: 'Bonjour %(name)s' (house/code.py)"]


@pytest.mark.parametrize("language", ["en", "ar", "fr-x-facile"])
def test_every_sentence_of_the_product_can_be_read_in(language):
    assert catalogue.faults(language) == []
