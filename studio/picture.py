"""Draw the frames of a film: the page as it slides by, a finger, what is touched, titles; no word is cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from parloir.foundation.assets import font_file
from studio.actor import SHARPNESS
from studio.actor import WIDTH as PAGE

if TYPE_CHECKING:
    from studio.actor import Box, Screen

WIDTH, HEIGHT = 720, 1024
HEAD, FOOT = 84, 108
"""Above the page: the chapter. Below it: where captions stand, so that they hide nothing."""
VIEW = HEIGHT - HEAD - FOOT
SCALE = WIDTH / PAGE
"""Film pixels for a CSS pixel: the page is as wide as the film, so that no word is cut at its sides."""
SEEN = VIEW / SCALE
"""How much of a page's height is seen, in CSS pixels."""
MOST_ASIDE = 60
"""CSS pixels that a page may stand higher or lower than would be best, so that no line of text is cut."""
NIGHT, BLUE, CLAY, SAND, WHITE = "#1b1b35", "#000091", "#ce614a", "#faf6f1", "#ffffff"
SAID_EVERYWHERE = "Démonstration, site non officiel"


@dataclass(frozen=True)
class Camera:
    """What is seen of a page, in CSS pixels: from where on, from its top, and how much of its height."""

    y: float
    seen: float = SEEN

    def on_film(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the page is in the frame."""
        return x * SCALE, HEAD + (y - self.y) * SCALE


@dataclass(frozen=True)
class Moment:
    """All that one frame shows of a page; equal moments give equal frames."""

    screen: Screen
    camera: Camera
    pointer: tuple[float, float]
    halo: Box | None = None
    press: float = 0
    over: Screen | None = None
    fade: float = 0
    """How much of ``over``, the page that goes, is left."""


def aimed(screen: Screen, target: Box | None) -> Camera:
    """Return the camera from which a person would best see something; without anything, the page as it opens."""
    last = _height(screen) - SEEN
    if target is None:
        return _between_lines(_within(screen.top, 0, last), screen, last)
    middle = target.y + min(target.height, SEEN * 0.7) / 2
    return _between_lines(_within(middle - SEEN * 0.42, 0, last), screen, last)


def _between_lines(best: float, screen: Screen, last: float) -> Camera:
    """Return the camera nearest to ``best`` whose upper edge cuts no line of text, nor its lower edge."""

    def cut(y: float) -> bool:
        return any(above < y < below for above, below in screen.lines)

    places = [best + aside for aside in range(-MOST_ASIDE, MOST_ASIDE + 1) if 0 <= best + aside <= max(last, 0)]
    y = min([best, *places], key=lambda y: (cut(y), abs(y - best)))
    end = y + SEEN
    while cutting := [above for above, below in screen.lines if y < above < end < below]:
        end = min(cutting)
    return Camera(y, end - y)


def frame(moment: Moment, head: Image.Image) -> bytes:
    """Draw one frame; returns its pixels, red, green and blue."""
    picture = head.copy()
    view = _view(moment.screen, moment.camera)
    if moment.over and moment.fade > 0:
        view = Image.blend(view, _view(moment.over, aimed(moment.over, None)), moment.fade)
    picture.paste(view, (0, HEAD))
    drawn = ImageDraw.Draw(picture, "RGBA")
    if moment.halo:
        _draw_halo(drawn, moment.halo, moment.camera)
    _draw_pointer(picture, drawn, moment)
    # What would stick out of the page's part is covered by the head and the foot.
    picture.paste(head.crop((0, 0, WIDTH, HEAD)), (0, 0))
    end = HEAD + round(moment.camera.seen * SCALE)
    drawn.rectangle((0, end, WIDTH, HEIGHT - FOOT), fill=NIGHT)
    picture.paste(head.crop((0, HEIGHT - FOOT, WIDTH, HEIGHT)), (0, HEIGHT - FOOT))
    return picture.tobytes()


@cache
def head(number: int, title: str, done: float) -> Image.Image:
    """Draw what surrounds the page: the chapter, what is said on every screen, how far the film has come."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), NIGHT)
    draw = ImageDraw.Draw(picture)
    chapter = f"{number}. {title}"
    draw.text((24, 10), chapter, font=fitting(chapter, 30, WIDTH - 48), fill=WHITE)
    draw.text((24, 50), SAID_EVERYWHERE, font=_font(23), fill="#d8d8ea")
    draw.rectangle((0, HEIGHT - 6, round(WIDTH * done), HEIGHT), fill=CLAY)
    return picture


@cache
def card(above: str, title: str, *, large: bool = False) -> Image.Image:
    """Draw a title that fills the frame."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), NIGHT if large else BLUE)
    draw = ImageDraw.Draw(picture)
    lines = wrapped(title, _font(58, bold=True), WIDTH - 112)
    top = HEIGHT * 0.44 - len(lines) * 36
    draw.rectangle((56, top - 78, 116, top - 72), fill=CLAY)
    draw.text((56, top - 52), above, font=_font(28), fill="#d8d8ea")
    for index, line in enumerate(lines):
        draw.text((56, top + index * 72), line, font=_font(58, bold=True), fill=WHITE)
    draw.text((56, HEIGHT - FOOT - 40), SAID_EVERYWHERE, font=_font(22), fill="#d8d8ea")
    return picture


def poster(above: str, title: str, screen: Screen) -> Image.Image:
    """Draw what stands for the film before it plays: its title, and a glimpse of what it shows."""
    picture = card(above, title, large=True).copy()
    band = picture.crop((0, 250, WIDTH, 620))
    picture.paste(Image.new("RGB", (WIDTH, HEIGHT), NIGHT))
    picture.paste(band, (0, 20))
    page = _view(screen, aimed(screen, None)).resize((560, round(VIEW * 560 / WIDTH)), Image.Resampling.LANCZOS)
    mask = Image.new("L", page.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, page.width, page.height + 60), 26, fill=255)
    picture.paste(page, (80, 430), mask)
    strip = ImageDraw.Draw(picture)
    strip.rectangle((0, HEIGHT - 52, WIDTH, HEIGHT), fill=NIGHT)
    strip.text((80, HEIGHT - 42), SAID_EVERYWHERE, font=_font(22), fill="#d8d8ea")
    return picture


def fitting(text: str, size: int, width: float) -> ImageFont.FreeTypeFont:
    """Return the bold font, as large as ``size`` or as fits: what is written in one line is never cut."""
    while size > 1 and _font(size, bold=True).getlength(text) > width:
        size -= 1
    return _font(size, bold=True)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Cut a title into lines that are not wider than ``width``."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


# Parts of a frame ------------------------------------------------------------------------


def _view(screen: Screen, camera: Camera) -> Image.Image:
    """Return the part of a page that a camera sees, at the size of the film; white beyond the page's end."""
    plain = _plain(screen)
    down = round(camera.y * SCALE)
    part = plain.crop((0, down, WIDTH, min(plain.height, down + VIEW)))
    if part.height == VIEW:
        return part
    whole = Image.new("RGB", (WIDTH, VIEW), WHITE)
    whole.paste(part)
    return whole


@cache
def _plain(screen: Screen) -> Image.Image:
    """Return a whole page at the size at which it is shown plainly: it then slides by whole pixels, and stays sharp."""
    source = screen.picture
    size = (WIDTH, round(source.height * WIDTH / source.width))
    return source.resize(size, Image.Resampling.LANCZOS)


def _draw_halo(drawn: ImageDraw.ImageDraw, box: Box, camera: Camera) -> None:
    left, top = camera.on_film(box.x - 6, box.y - 6)
    right, bottom = camera.on_film(box.x + box.width + 6, box.y + box.height + 6)
    end = HEAD + camera.seen * SCALE
    edges = (max(left, 5), max(top, HEAD + 5), min(right, WIDTH - 6), min(bottom, end - 6))
    if edges[3] - edges[1] > 12:  # noqa: PLR2004 - less than its own thickness is not worth drawing
        drawn.rounded_rectangle(edges, 14, outline=CLAY, width=5)


def _draw_pointer(picture: Image.Image, drawn: ImageDraw.ImageDraw, moment: Moment) -> None:
    x, y = moment.camera.on_film(*moment.pointer)
    if moment.press:
        radius = 14 + 44 * moment.press
        shade = round(150 * (1 - moment.press))
        drawn.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(206, 97, 74, shade))
    finger = _finger()
    picture.paste(finger, (round(x) - TIP[0], round(y) - TIP[1]), finger)


TIP = (42, 10)
"""Where the finger of the drawing touches, from its top left corner."""


@cache
def _finger() -> Image.Image:
    """Draw a hand whose first finger points up, four times too large, then make it small: its edges are smooth."""
    large = Image.new("RGBA", (480, 640), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)
    finger, folded = (126, 24, 210, 420), [(206, 226, 284, 420), (280, 246, 352, 420), (348, 272, 412, 420)]
    palm, thumb, sleeve = (126, 300, 412, 560), [(44, 330), (96, 300), (180, 420), (150, 500)], (150, 540, 390, 640)
    for aside, grow, colour in ((10, 12, (0, 0, 0, 70)), (0, 10, (90, 50, 40, 255)), (0, 0, (250, 214, 190, 255))):
        for left, top, right, bottom in (finger, *folded):
            box = (left - grow + aside, top - grow + aside, right + grow + aside, bottom + grow + aside)
            draw.rounded_rectangle(box, (right - left) / 2 + grow, fill=colour)
        draw.line([(x + aside, y + aside) for x, y in thumb], fill=colour, width=84 + 2 * grow, joint="curve")
        (x, y), radius = thumb[0], 42 + grow
        draw.ellipse((x - radius + aside, y - radius + aside, x + radius + aside, y + radius + aside), fill=colour)
        left, top, right, bottom = palm
        box = (left - grow + aside, top - grow + aside, right + grow + aside, bottom + grow + aside)
        draw.rounded_rectangle(box, 90, fill=colour)
    draw.rounded_rectangle((142, 40, 194, 92), 26, fill=(255, 238, 228, 255))
    for left, top, _right, _bottom in folded:
        draw.line([(left + 2, top + 60), (left + 2, top + 150)], fill=(90, 50, 40, 255), width=8)
    draw.rounded_rectangle(sleeve, 24, fill=BLUE)
    return large.resize((120, 160), Image.Resampling.LANCZOS)


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(font_file(bold=bold))), size)


def _height(screen: Screen) -> float:
    return screen.picture.height / SHARPNESS


def _within(value: float, least: float, most: float) -> float:
    return max(least, min(value, most))
