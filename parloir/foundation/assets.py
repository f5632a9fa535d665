"""Build the one style sheet of the site from the design system and our own styles.

The design system's wheel weighs 17 MB. Families are on slow networks: of its rules only those whose
classes are written somewhere in our templates or code are kept, of its colours only those that these
rules use, of its fonts two files, of its icons those still named. The result goes to ``var/build``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from pathlib import Path

from django.conf import settings

from parloir.foundation.mirroring import mirrored
from parloir.foundation.stylesheet import Rule, at_night, kept, parsed, without_unused_properties, written

COMPONENTS = (
    "link", "skiplink", "logo", "button", "header", "footer", "notice", "alert", "badge", "breadcrumb",
    "form", "input", "select", "radio", "checkbox", "connect", "callout", "highlight", "card", "tile",
    "tag", "table", "accordion", "summary", "stepper", "content",
)  # fmt: skip
"""The components that pages may use; adding one here costs nothing until a template names its classes."""

FONTS = {"Marianne-Regular.woff2": "400", "Marianne-Bold.woff2": "700"}

PACKAGE = Path(__file__).resolve().parent.parent
OUR_STYLES = Path(__file__).resolve().parent / "styles"
_URL = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""")
_SOURCES = {".html", ".py", ".js", ".css", ".svg", ".mp4", ".webm", ".jpg", ".vtt"}
_WORD = re.compile(r"[A-Za-z][\w-]*")


def build(*, target: Path | None = None) -> Path:
    """Write the site's style sheet, fonts and icons anew; return the folder that holds them.

    :param target: where to write; by default where the static files are collected from.
    """
    target = target or settings.ROOT / "var" / "build" / "static"
    fresh = target.with_name(f"static.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    folder = fresh / "parloir"
    (folder / "fonts").mkdir(parents=True)
    for font in FONTS:
        shutil.copyfile(_dsfr() / "fonts" / font, folder / "fonts" / font)
    (folder / "site.css").write_text(_style_sheet(folder), encoding="utf-8")
    _take_the_place_of(target, fresh)
    return target


def are_current() -> bool:
    """Tell whether the collected files are younger than everything they are made from."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    sources = (path for path in PACKAGE.rglob("*") if path.suffix in _SOURCES)
    return max(path.stat().st_mtime for path in sources) < manifest.stat().st_mtime


def font_file(*, bold: bool) -> Path:
    """Return the file of the site's letters, for pictures that are drawn with them."""
    return _dsfr() / "fonts" / ("Marianne-Bold.woff2" if bold else "Marianne-Regular.woff2")


def words_used(*, sources: Path = PACKAGE) -> frozenset[str]:
    """Return every word of our templates, scripts and code: a class that is not among them is on no page."""
    words: set[str] = set()
    for path in sources.rglob("*"):
        if path.suffix in {".html", ".js", ".py"} and "migrations" not in path.parts and path.name != "assets.py":
            words.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(words)


def _style_sheet(folder: Path) -> str:
    names = [name for name in COMPONENTS if name != "logo" or settings.OFFICIAL]
    sources = [_dsfr() / "core" / "core.main.min.css"]
    sources += [_dsfr() / "component" / name / f"{name}.main.min.css" for name in names]
    ours = "\n".join(path.read_text(encoding="utf-8") for path in sorted(OUR_STYLES.glob("*.css")))
    design_system = "".join(_with_absolute_addresses(path) for path in sources)
    words = words_used()
    by_day = parsed(design_system)
    by_night = at_night(by_day) + at_night(parsed((_dsfr() / "scheme" / "scheme.min.css").read_text(encoding="utf-8")))
    dark = Rule("@media screen and (prefers-color-scheme:dark)", rules=tuple(kept(by_night, words)))
    drawings = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.svg"))
    rules = without_unused_properties(mirrored([*kept(by_day, words), dark, *parsed(ours)]), drawings)
    return _font_faces() + _with_copied_files(written(rules), folder)


def _dsfr() -> Path:
    spec = importlib.util.find_spec("dsfr")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package django-dsfr is not installed")
    return Path(spec.origin).parent / "static" / "dsfr" / "dist"


def _with_absolute_addresses(path: Path) -> str:
    css = path.read_text(encoding="utf-8")
    return _URL.sub(lambda found: f'url("{(path.parent / found[1]).resolve()}")', css)


def _with_copied_files(css: str, folder: Path) -> str:
    """Bring the icons that remain beside the style sheet and name them from there."""

    def bring(found: re.Match[str]) -> str:
        source = Path(found[1])
        if not source.is_absolute():
            return found[0]
        name = f"icons/{source.name}"
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source, folder / name)
        return f'url("{name}")'

    return _URL.sub(bring, css)


def _font_faces() -> str:
    face = '@font-face{{font-family:Marianne;font-weight:{};font-display:swap;src:url("fonts/{}") format("woff2")}}'
    return "".join(face.format(weight, name) for name, weight in FONTS.items())


def _take_the_place_of(target: Path, fresh: Path) -> None:
    """Swap folders by renaming, so that whoever reads meanwhile finds one or the other."""
    old = target.with_name(f"old.{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
    except OSError:  # another process put its own there first: it is the same
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
