"""Play the steps of a script in a browser, and keep a picture of each screen. Time plays no part in it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

from parloir.content.tutorials import Deed
from parloir.demo import caught, children
from parloir.notifications.numbers import readings
from tests.browser import launch_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from playwright.sync_api import Browser, Locator, Page, Playwright

    from parloir.content.tutorials import Step, Tutorial

WIDTH, HEIGHT = 400, 680
"""The screen of a telephone, in CSS pixels."""
SHARPNESS = 2.25
"""Picture pixels for a CSS pixel."""
MOST_CHUNKS = 6
"""In how many pictures a text is seen being typed."""

_BOX = """element => {
    const choice = element.closest(".p-choice");
    const around = choice ? [choice] :
        element.labels && element.labels.length && element.type !== "text" && element.tagName !== "SELECT"
        ? [element, ...element.labels] : [element];
    const boxes = around.map(one => one.getBoundingClientRect());
    const left = Math.min(...boxes.map(box => box.left)), top = Math.min(...boxes.map(box => box.top));
    const right = Math.max(...boxes.map(box => box.right)), bottom = Math.max(...boxes.map(box => box.bottom));
    return [left + scrollX, top + scrollY, right - left, bottom - top];
}"""


_LINES = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const lines = [], range = document.createRange();
    while (texts.nextNode()) {
        if (!texts.currentNode.data.trim()) continue;
        range.selectNodeContents(texts.currentNode);
        for (const box of range.getClientRects()) {
            if (box.width > 1 && box.height > 1) lines.push([box.top + scrollY, box.bottom + scrollY]);
        }
    }
    return lines;
}"""


@dataclass(frozen=True)
class Box:
    """A rectangle of a page, in CSS pixels from its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class Screen:
    """A whole page as it was, and how far down a person would be looking at it.

    ``lines`` are those of its texts: from where to where each stands, in CSS pixels from the page's top.
    """

    picture: Image.Image
    top: float
    lines: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Scene:
    """A step as it was played: the screen, what is touched there, and what the screen becomes, one after another."""

    step: Step
    screen: Screen
    target: Box | None
    then: list[Screen] = field(default_factory=list)


class CannotPlay(RuntimeError):
    """A step does not work on the site as it is; the message names it."""


class Actor:
    """Somebody with a telephone, who goes through the tutorials one after another."""

    def __init__(self, playwright: Playwright, site: str, *, now: datetime) -> None:
        """``now`` is what the site's clock says, which may be another hour than ours."""
        self.site = site
        self.browser: Browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        screen = {"width": WIDTH, "height": HEIGHT}
        context = self.browser.new_context(viewport=screen, device_scale_factor=SHARPNESS, locale="fr-FR")  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        self.page: Page = context.new_page()
        # A countdown shows its first second, however long the pictures take.
        self.page.clock.set_fixed_time(now)

    def play(self, tutorial: Tutorial, *, filmed: bool) -> Iterator[list[Scene]]:
        """Play a script; yields the scenes of each chapter. What is not filmed is only done.

        :raises CannotPlay: naming the step that does not work.
        """
        for chapter in tutorial.chapters:
            scenes = []
            for step in chapter.steps:
                try:
                    scenes.append(self._played(step, filmed=filmed))
                except Exception as error:
                    where = f"{tutorial.slug}, “{step.deed} {step.on or step.given}”, {self.page.url}"
                    raise CannotPlay(f"{where}: {error}") from error
            yield scenes

    def _played(self, step: Step, *, filmed: bool) -> Scene:
        if step.deed is Deed.OPEN:
            self.page.goto(f"{self.site}{step.given}")
        elif step.deed is Deed.LETTER:
            self.page.goto(f"{self.site}/demo/courriels/{_newest_letter()}/mise-en-page/")
        touched = located(self.page, step.on).nth(step.nth - 1) if step.on else None
        if touched:
            touched.wait_for(state="attached")
        target = Box(*touched.evaluate(_BOX)) if touched else None
        screen = self._seen(filmed=filmed)
        then = [self._seen(filmed=filmed) for _ in self._done(step, touched)]
        return Scene(step, screen, target, then)

    def _done(self, step: Step, touched: Locator | None) -> Iterator[None]:
        """Do what a step does, and stop at each change that is worth a picture."""
        if touched is None or step.deed in {Deed.OPEN, Deed.SHOW, Deed.LETTER}:
            return
        if step.deed is Deed.CLICK:
            with self.page.expect_navigation():
                touched.click()
        elif step.deed is Deed.TICK:
            touched.check(force=True)
        elif step.deed is Deed.SELECT:
            touched.select_option(step.given)
        else:
            text = _code_sent_to(step.given) if step.deed is Deed.CODE else step.given
            size = max(1, -(-len(text) // MOST_CHUNKS))
            for end in range(size, len(text), size):
                touched.fill(text[:end])
                yield
            touched.fill(text)
        yield

    def _seen(self, *, filmed: bool) -> Screen:
        top = float(self.page.evaluate("document.fonts.ready.then(() => scrollY)"))
        if not filmed:
            return Screen(Image.new("RGB", (1, 1)), top)
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        picture = self.page.screenshot(full_page=True, animations="disabled", type="png")
        lines = tuple((above, below) for above, below in self.page.evaluate(_LINES))
        return Screen(Image.open(io.BytesIO(picture)).convert("RGB"), top, lines)


def located(page: Page, on: str) -> Locator:
    """Return what ``role: name`` means on a page; a name is how the thing's own name begins.

    :raises ValueError: for a role that no script uses.
    """
    role, _, name = on.partition(": ")
    beginning = re.compile(rf"^\s*{re.escape(name)}")
    if role == "xpath":
        return page.locator(f"xpath={name}")
    if role == "field":
        return page.get_by_label(beginning)
    if role == "box":
        radios = page.get_by_role("radio", name=beginning)
        return radios.or_(page.get_by_role("checkbox", name=beginning))
    if role in {"link", "button", "heading"}:
        return page.get_by_role(role, name=beginning)  # type: ignore[arg-type]
    raise ValueError(f"no such role: {role}")


def _newest_letter() -> str:
    """Wait for the last e-mail and return its key."""
    children.wait_for(lambda: bool(caught.emails(caught.FOLDER, limit=1)), seconds=60)
    return caught.emails(caught.FOLDER, limit=1)[0].key


def _code_sent_to(typed: str) -> str:
    """Wait for the code sent to a telephone and return it."""
    (number,) = (reading.number for reading in readings(typed))

    def codes() -> list[str]:
        texts = [sms.text for sms in caught.sms(caught.FOLDER) if sms.to == number]
        return [found[0] for text in texts if (found := re.search(r"\b\d{6}\b", text))]

    children.wait_for(lambda: bool(codes()), seconds=60)
    return codes()[0]
