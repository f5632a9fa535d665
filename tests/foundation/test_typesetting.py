"""What a line must not part, in the pages as they are sent."""

from __future__ import annotations

import re

import pytest
from django.template import engines
from django.template.loader import render_to_string

from parloir.foundation.typesetting import spaced, typeset

S = "\N{NO-BREAK SPACE}"


def page(body: str, head: str = '<link rel="stylesheet" href="/static/site.css">') -> str:
    return f"<!DOCTYPE html>\n<html><head>{head}</head><body>{body}</body></html>"


def body_of(html: str) -> str:
    return html.partition("<body>")[2].partition("</body>")[0]


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("<p>À 8 h 00, puis 14 h.</p>", f"<p>À 8{S}h{S}00, puis 14{S}h.</p>"),
        ("<p>24 h/24, 3 heures</p>", f"<p>24{S}h/24, 3 heures</p>"),
        ("<p>Attention : venez ; vite ! Quand ?</p>", f"<p>Attention{S}: venez{S}; vite{S}! Quand{S}?</p>"),
        ("<p>le bouton « <b>Aide</b> »</p>", f"<p>le bouton «{S}<b>Aide</b>{S}»</p>"),
        ("<p>permis n° 12</p>", f"<p>permis n°{S}12</p>"),
        ("<p>Mes rendez-vous</p>", "<p><t-text>Mes <t-word>rendez-vous</t-word></t-text></p>"),
        ("<p>Rendez-vous !</p>", f"<p><t-text><t-word>Rendez-vous</t-word>{S}!</t-text></p>"),
        ("<p>en semi-liberté.</p>", "<p><t-text>en <t-word>semi-liberté</t-word>.</t-text></p>"),
        ("<p>article L341-3</p>", "<p><t-text>article <t-word>L341-3</t-word></t-text></p>"),
        ("<p>(R. 341-12)</p>", f"<p><t-text>(<t-word>R.{S}341-12</t-word>)</t-text></p>"),
        ("<p>l’article 145-4 du code</p>", f"<p><t-text>l’<t-word>article{S}145-4</t-word> du code</t-text></p>"),
    ],
)
def test_what_belongs_together_stays_on_one_line(written: str, set_: str):
    assert body_of(typeset(page(written))) == set_


@pytest.mark.parametrize(
    "written",
    [
        '<a href="/rendez-vous/" title="Mes rendez-vous">x</a>',
        '<input name="q" value="Où ? « Là »">',
        "<textarea>\nBonjour ! Mon rendez-vous ?</textarea>",
        '<script type="application/ld+json">{"a" : "rendez-vous"}</script>',
        "<p>the cookie:name; https://x.fr/?a=1</p>",
        "<p>3 habits, 2 heures</p>",
    ],
)
def test_what_was_typed_and_what_programs_read_is_left_as_it_is(written: str):
    assert body_of(typeset(page(written))) == written


def test_a_text_is_one_piece_however_many_words_it_holds_together():
    written = "<a class='fr-btn'>Voir le rendez-vous, ou mes rendez-vous</a><b>rendez-vous</b>"

    words = "<t-text>Voir le <t-word>rendez-vous</t-word>, ou mes <t-word>rendez-vous</t-word></t-text>"
    assert body_of(typeset(page(written))) == f"<a class='fr-btn'>{words}</a><b><t-word>rendez-vous</t-word></b>"


def test_a_choice_of_a_list_holds_no_markup_but_its_spaces():
    written = "<option>Un rendez-vous : à 9 h 30</option>"

    assert body_of(typeset(page(written))) == f"<option>Un rendez-vous{S}: à 9{S}h{S}30</option>"


def test_what_a_script_will_show_is_set_too():
    written = '<p data-again="Pas de réponse : attendez !" class="x : y"></p>'

    assert body_of(typeset(page(written))) == f'<p data-again="Pas de réponse{S}: attendez{S}!" class="x : y"></p>'


def test_the_words_read_and_copied_are_those_that_were_written():
    written = "Mes rendez-vous : « L341-3 », 8 h 00 ?"
    set_ = body_of(typeset(page(f"<p>{written}</p>")))

    bare = re.sub("</?t-[a-z]+>", "", set_).replace(S, " ")
    assert bare == f"<p>{written}</p>"


def test_a_page_set_twice_is_the_same():
    once = typeset(page("<p>À 8 h 00 : « oui » !</p>"))

    assert typeset(once) == once


def test_a_message_without_a_style_sheet_gets_no_markup():
    set_ = typeset(page("<p>Mes rendez-vous : 8 h 00</p>", head=""))

    assert body_of(set_) == f"<p>Mes rendez-vous{S}: 8{S}h{S}00</p>"


def test_a_part_of_a_page_and_a_plain_text_are_no_page():
    assert typeset("<p>Quand ?</p>") == "<p>Quand ?</p>"
    assert typeset("Quand ? À 8 h 00.") == "Quand ? À 8 h 00."


def test_a_text_for_paper_keeps_its_spaces():
    assert spaced("« Quand ? » : à 8 h 00") == f"«{S}Quand{S}?{S}»{S}: à 8{S}h{S}00"


@pytest.mark.typeset
def test_every_whole_page_of_every_template_is_set(rf):
    html = engines["django"].from_string(page("<p>{{ said }}</p>")).render({"said": "À 8 h 00 : oui"}, rf.get("/"))

    assert f"8{S}h{S}00{S}:" in html
    assert f"{S}:" in render_to_string("public/server_error.html", {"OFFICIAL": False, "LANGUAGE_CODE": "fr"})
