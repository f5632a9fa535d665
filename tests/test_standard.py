"""A page that breaks the standard, or keeps somebody out, is found."""

from __future__ import annotations

from tests.standard import Pages
from tests.validators import axe_faults

GOOD = '<!doctype html><html lang="fr"><head><title>Bien</title></head><body><main><h1>Bien</h1></main></body></html>'


def test_what_the_standard_forbids_is_told_once_with_the_test_that_saw_it():
    pages = Pages()
    pages.keep({"/bien/": GOOD, "/mal/": GOOD.replace("<h1>", "<h1 id=a><p id=a></p>")})
    pages.keep({"/encore/": GOOD})

    (fault,) = {line.split(":")[0] for line in pages.faults()}

    assert "test_what_the_standard_forbids_is_told_once" in fault
    assert fault.endswith("mal.html")


def test_what_keeps_somebody_out_is_found(chromium):
    page = chromium.new_page()
    page.set_content(GOOD)
    assert axe_faults(page) == []

    page.set_content(GOOD.replace("</h1>", '</h1><img src="data:,">'))

    assert [line.split(" ")[0] for line in axe_faults(page)] == ["image-alt"]
