"""Play the scripts of the films again, without a browser: the same deeds on the pages' own HTML, and what they say.

A relative who has no JavaScript does no more than this: follow links, fill in fields, press buttons.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, urljoin, urlsplit

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from lxml import html

from parloir.content.tutorials import Deed
from parloir.demo.feed import persona_lines
from parloir.demo.operations import invent_slots, invent_timetable
from parloir.demo.people import sub_of
from parloir.demo.personas import persona_of
from parloir.establishments.operations import load_establishments
from parloir.establishments.referential import read_referential
from parloir.notifications.models import PhoneCode
from parloir.notifications.operations import note_address
from parloir.notifications.queries import code_of
from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from tests.serving import session_cookie

PERSONA = "tutoriels"
START = "/connexion/franceconnect/"
BLOCKS = frozenset(
    ("h1", "h2", "h3", "h4", "p", "li", "dt", "dd", "label", "legend", "a", "button", "summary", "th", "td", "div")
)
SILENT = frozenset({"script", "style", "template", "svg", "option"})
_REFERENCE = re.compile(r"PAR-\w{4}-\w{2}")


def family_of_the_films(folder, *, now):
    """The one prison of the films, its hours, and the persona's part of the register."""
    persona = persona_of(PERSONA)
    detained = {permit.detained.number for permit in persona.permits}
    prisons = {permit.establishment for permit in persona.permits}
    load_establishments(facts=[facts for facts in read_referential() if facts.slug in prisons], now=now)
    invent_timetable(now=now)
    invent_slots(now=now)
    feed = folder / "register.jsonl"
    lines = [line for line in persona_lines(as_of=now.date()) if line["committal_number"] in detained]
    feed.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    call_command("import_register", str(feed))


def came_back(persona, *, now):
    """Do what the product does when a person comes back from FranceConnect; returns the key of their session."""
    identity = Identity(
        issuer=settings.FRANCECONNECT["issuer"],
        sub=sub_of(persona),
        birth_name=persona.birth_name,
        use_name=persona.use_name,
        first_names=persona.first_names,
        birth_date=persona.birth_date,
        email=persona.email,
    )
    opened = sign_in(identity=identity, id_token="", language="fr", now=now)
    note_address(account_id=opened.account.pk, email=persona.email, now=now)
    return opened.key


@dataclass
class Reader:
    """Somebody who reads the pages and does what the scripts say."""

    now: object
    client: Client = field(default_factory=Client)
    address: str = "/"
    page: html.HtmlElement | None = None
    expected: str = ""
    last: list[str] = field(default_factory=list)

    def play(self, tutorial):
        """Return what the screens of a film say, step by step."""
        lines, self.last = [], []
        for chapter in tutorial.chapters:
            for step in chapter.steps:
                lines += [f"[{chapter.title['fr']}] {step.deed} {step.on or step.given}", *self._played(step), ""]
        return lines

    def _played(self, step):
        if step.elsewhere:
            source = (settings.ROOT / step.elsewhere).read_bytes()
            return [f"  {step.elsewhere} {sha256(source).hexdigest()[:16]}"]
        if self.expected:
            self.client.cookies.load(session_cookie(came_back(persona_of(PERSONA), now=self.now)))
            self.expected, address = "", self.expected
            self._open(address)
        if step.deed is Deed.OPEN:
            self._open(step.given)
        element = self.located(step.on, step.nth) if step.on else None
        lines = [f"  {line}" for line in said_by(self.page)]
        before, self.last = self.last, lines
        self._do(step, element)
        return ["  (the same screen)"] if lines == before else lines

    def located(self, on, nth):
        """Return what ``role: name`` means on this page; the scripts' own words, as the actor reads them."""
        role, _, name = on.partition(": ")
        found = [one for one in _candidates(self.page, role, name) if _is_seen(one)]
        assert len(found) >= nth, f"{self.address}: no “{on}” ({nth}) on this page"
        return found[nth - 1]

    def _do(self, step, element):
        if step.deed is Deed.CLICK and element.tag == "a":
            self._follow(urljoin(self.address, element.get("href")))
        elif step.deed is Deed.CLICK:
            self._send(element)
        elif step.deed is Deed.TICK:
            element.checked = True
            if element.get("type") == "radio":
                for other in _form_of(element).xpath(".//input[@name=$name]", name=element.get("name")):
                    other.checked = other is element
        elif step.deed in {Deed.SELECT, Deed.FILL}:
            element.value = step.given
        elif step.deed is Deed.CODE:
            element.value = code_of(PhoneCode.objects.latest("pk"))

    def _follow(self, address):
        if urlsplit(address).path == START:
            self.expected = parse_qs(urlsplit(address).query)["suite"][0]
        else:
            self._open(address)

    def _open(self, address):
        self._read(self.client.get(address.partition("#")[0], follow=True), address)

    def _send(self, button):
        form = _form_of(button)
        data = list(form.form_values())
        if button.get("name"):
            data.append((button.get("name"), button.get("value", "")))
        named = {}
        for name, value in data:
            named.setdefault(name, []).append(value)
        address = urljoin(self.address, form.get("action") or "")
        self._read(self.client.post(address, named, follow=True), address)

    def _read(self, response, address):
        assert response.status_code == 200, f"{address}: {response.status_code}"
        self.address = response.redirect_chain[-1][0] if response.redirect_chain else address
        self.page = html.document_fromstring(response.content.decode())


def said_by(page):
    """Return what the main part of a page says: each block once, in order, without the random references."""
    lines = []
    for element in page.xpath("//main")[0].iter():
        if not isinstance(element.tag, str) or not _is_seen(element):
            continue
        for text in (element.text, *(child.tail for child in element)):
            words = " ".join((text or "").split())
            if words:
                block = next((up.tag for up in (element, *element.iterancestors()) if up.tag in BLOCKS), element.tag)
                lines.append(f"{block}: {_REFERENCE.sub('PAR-…', words)}")
    return list(dict.fromkeys(lines))


def _candidates(page, role, name):
    if role == "xpath":
        return page.xpath(name)
    if role == "heading":
        return [one for one in page.xpath("//h1|//h2|//h3|//h4") if _text(one).startswith(name)]
    if role in {"link", "button"}:
        return [one for one in page.iter({"link": "a", "button": "button"}[role]) if _text(one).startswith(name)]
    labels = [one for one in page.iter("label") if _text(one).startswith(name)]
    fields = [page.get_element_by_id(label.get("for")) for label in labels]
    boxes = [one for one in fields if one.get("type") in {"radio", "checkbox"}]
    return boxes if role == "box" else [one for one in fields if one not in boxes]


def _form_of(element):
    return next(element.iterancestors("form"))


def _text(element):
    return " ".join(element.text_content().split())


def _is_seen(element):
    return all(
        isinstance(up.tag, str) and up.tag not in SILENT and up.get("hidden") is None
        for up in (element, *element.iterancestors())
    )
