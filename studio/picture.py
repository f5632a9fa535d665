"""Draw the frames of a film: the page as seen through a moving camera, a pointer, what is touched, titles."""

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
CLOSE = 1.3
"""How much larger something small is shown."""
NIGHT, BLUE, CLAY, SAND, WHITE = "#1b1b35", "#000091", "#ce614a", "#faf6f1", "#ffffff"
SAID_EVERYWHERE = "Démonstration, site non officiel"


@dataclass(frozen=True)
class Camera:
    """What is seen of a page: its top left corner in CSS pixels, and how many times larger than a telephone shows."""

    x: float
    y: float
    zoom: float

    @property
    def scale(self) -> float:
        """Film pixels for a CSS pixel."""
        return WIDTH / PAGE * self.zoom

    def on_film(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the page is in the frame."""
        return (x - self.x) * self.scale, HEAD + (y - self.y) * self.scale


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
    if target is None:
        return Camera(0, _within(screen.top, 0, _height(screen) - VIEW / (WIDTH / PAGE)), 1)
    # Near what is small, plain otherwise: between two plain views a page only slides, which costs a film little.
    zoom = CLOSE if target.width + 28 <= PAGE / CLOSE else 1.0
    seen_x, seen_y = PAGE / zoom, VIEW / (WIDTH / PAGE * zoom)
    x = _within(target.x + target.width / 2 - seen_x / 2, 0, PAGE - seen_x)
    middle = target.y + min(target.height, seen_y * 0.7) / 2
    return Camera(x, _within(middle - seen_y * 0.42, 0, _height(screen) - seen_y), zoom)


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
    picture.paste(head.crop((0, HEIGHT - FOOT, WIDTH, HEIGHT)), (0, HEIGHT - FOOT))
    return picture.tobytes()


@cache
def head(number: int, title: str, done: float) -> Image.Image:
    """Draw what surrounds the page: the chapter, what is said on every screen, how far the film has come."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), NIGHT)
    draw = ImageDraw.Draw(picture)
    draw.text((24, 10), f"{number}. {title}", font=_font(30, bold=True), fill=WHITE)
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
    if camera.zoom == 1:
        plain = _plain(screen)
        down = round(camera.y * camera.scale)
        if plain.height >= down + VIEW:
            return plain.crop((0, down, WIDTH, down + VIEW))
    width, height = PAGE / camera.zoom, VIEW / camera.scale
    left, top = camera.x * SHARPNESS, camera.y * SHARPNESS
    source = screen.picture
    seen = (left, top, min(left + width * SHARPNESS, source.width), min(top + height * SHARPNESS, source.height))
    tall = round((seen[3] - seen[1]) / SHARPNESS * camera.scale)
    part = source.resize((WIDTH, max(1, tall)), Image.Resampling.BICUBIC, box=seen)
    if tall >= VIEW:
        return part.crop((0, 0, WIDTH, VIEW))
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
    edges = (max(left, 5), max(top, HEAD + 5), min(right, WIDTH - 6), min(bottom, HEIGHT - FOOT - 6))
    if edges[3] - edges[1] > 12:  # noqa: PLR2004 - less than its own thickness is not worth drawing
        drawn.rounded_rectangle(edges, 14, outline=CLAY, width=5)


def _draw_pointer(picture: Image.Image, drawn: ImageDraw.ImageDraw, moment: Moment) -> None:
    x, y = moment.camera.on_film(*moment.pointer)
    if moment.press:
        radius = 14 + 44 * moment.press
        shade = round(150 * (1 - moment.press))
        drawn.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(206, 97, 74, shade))
    arrow = _arrow()
    picture.paste(arrow, (round(x) - 6, round(y) - 4), arrow)


@cache
def _arrow() -> Image.Image:
    """Draw the pointer, four times too large, then make it small: its edges are smooth."""
    large = Image.new("RGBA", (240, 320), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)
    shape = [(24, 16), (24, 236), (76, 188), (112, 272), (150, 256), (114, 174), (184, 170)]
    draw.polygon([(x + 8, y + 10) for x, y in shape], fill=(0, 0, 0, 90))
    draw.polygon(shape, fill=(20, 20, 40, 255))
    draw.line([*shape, shape[0]], fill=(255, 255, 255, 255), width=14, joint="curve")
    return large.resize((60, 80), Image.Resampling.LANCZOS)


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(font_file(bold=bold))), size)


def _height(screen: Screen) -> float:
    return screen.picture.height / SHARPNESS


def _within(value: float, least: float, most: float) -> float:
    return max(least, min(value, most))
