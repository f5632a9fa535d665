"""The style sheet: only what a page can use, and light."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders

from parloir.foundation import assets
from parloir.foundation.stylesheet import at_night, kept, parsed, without_unused_properties, written

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)|\b(?:rgb|hsl)a?\(")
_NAMED = re.compile(r"(--p-[\w-]+): ([^;]+);")
_READ = re.compile(r"var\((--p-[\w-]+)\)")
WORDS = frozenset({"fr-btn", "fr-alert--", "x"})


def purged(css):
    return written(without_unused_properties(kept(parsed(css), WORDS)))


def test_a_rule_that_no_page_names_goes():
    assert purged(".fr-btn{color:red}.fr-modal{color:blue}a .fr-btn:hover{top:0}") == (
        ".fr-btn{color:red}a .fr-btn:hover{top:0}"
    )


def test_of_several_selectors_the_useful_ones_stay():
    assert purged(".fr-modal,.fr-btn,.fr-btn .fr-card{color:red}") == ".fr-btn{color:red}"


def test_a_class_that_a_template_completes_stays():
    assert purged(".fr-alert--error{color:red}.fr-tag--error{color:red}") == ".fr-alert--error{color:red}"


def test_dark_mode_has_no_page():
    assert purged(":root[data-fr-theme=dark]{color:red}:root{--a:1;color:var(--a)}") == ":root{--a:1;color:var(--a)}"


def test_what_the_system_says_of_the_night_is_said_without_its_scripts_mark():
    css = (
        ":root[data-fr-theme=dark]{--a:1}.x,[data-fr-theme=dark] .x{top:0}.fr-btn{top:1px}"
        "@media print{:root[data-fr-theme=dark] .x{top:2px}.x{top:3px}}"
    )

    assert written(at_night(parsed(css))) == ":root{--a:1}:root .x{top:0}@media print{:root .x{top:2px}}"


def test_a_colour_is_written_where_day_and_night_are_side_by_side():
    elsewhere = [
        path for path in assets.OUR_STYLES.glob("*.css") if path.name not in {"05-colours.css", "90-print.css"}
    ]
    found = {path.name: _COLOUR.findall(path.read_text()) for path in elsewhere}

    assert {name: colours for name, colours in found.items() if colours} == {}


def test_every_colour_has_its_night_and_none_is_forgotten():
    css = (assets.OUR_STYLES / "05-colours.css").read_text()
    day, night = (
        dict(_NAMED.findall(part)) for part in css.split("@media (prefers-contrast")[0].split("@media screen")
    )
    ours = "".join(path.read_text() for path in assets.OUR_STYLES.glob("*.css"))

    assert night.keys() == day.keys() - {"--p-film"}
    assert set(_READ.findall(ours)) - {name for name, _value in _NAMED.findall(ours)} == set()


def test_properties_that_nothing_reads_go_one_after_the_other():
    assert purged(":root{--a:1;--b:var(--a);--c:2}p{top:var(--c)}") == ":root{--c:2}p{top:var(--c)}"


def test_properties_that_a_drawing_reads_stay():
    rules = parsed(":root{--a:1;--b:2}")

    assert written(without_unused_properties(rules, '<path fill="var(--b,red)"/>')) == ":root{--b:2}"


def test_empty_conditions_go_with_their_rules():
    assert purged("@media print{.fr-modal{top:0}}@media (min-width:1em){.fr-btn{top:0}}") == (
        "@media (min-width:1em){.fr-btn{top:0}}"
    )


def test_a_query_of_a_container_holds_rules_too():
    css = "@container days (max-width:9rem){.fr-modal{top:0}.fr-btn{top:0;left:0}}"

    assert purged(css) == "@container days (max-width:9rem){.fr-btn{top:0;left:0}}"


def test_braces_and_semicolons_in_quotes_are_text():
    css = "p{background:url(\"data:image/svg+xml;charset=utf-8,<a b='{'/>\");top:0}"

    assert purged(css) == css


def test_an_unclosed_brace_is_refused():
    with pytest.raises(ValueError, match="brace"):
        parsed("p{top:0")


def test_the_built_sheet_is_light_and_asks_for_nothing_that_is_not_there(tmp_path):
    folder = assets.build(target=tmp_path / "static") / "parloir"
    css = (folder / "site.css").read_text()
    named = {found[1] for found in assets._URL.finditer(css)}

    assert len(gzip.compress(css.encode())) < 30_000
    assert named != set()
    assert {name for name in named if not (folder / name).exists()} == set()


def test_the_states_logo_is_built_only_for_the_state(settings, tmp_path):
    settings.OFFICIAL = False
    without = (assets.build(target=tmp_path / "demonstration") / "parloir" / "site.css").read_text()
    settings.OFFICIAL = True
    official = (assets.build(target=tmp_path / "official") / "parloir" / "site.css").read_text()

    assert ".fr-logo" not in without.replace(".fr-header .fr-logo", "")
    assert len(official) > len(without)


def test_the_design_systems_own_folder_is_not_served():
    assert finders.find("dsfr/dist/dsfr.min.css") is None
    assert str(finders.find("parloir/parloir.js")).endswith("foundation/static/parloir/parloir.js")
    assert str(finders.find("parloir/site.css")).endswith("var/build/static/parloir/site.css")
