"""Serve our own static files, and of the design system's 17 MB only what pages use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, BaseFinder
from django.contrib.staticfiles.utils import get_files
from django.core.files.storage import FileSystemStorage

from parloir.foundation import assets

if TYPE_CHECKING:
    from collections.abc import Iterable


class OwnAppsFinder(AppDirectoriesFinder):
    """The static folders of our own applications, not those of the packages they stand on."""

    def __init__(self, app_names: Iterable[str] | None = None, *args: Any, **kwargs: Any) -> None:
        """Look only in ``parloir.*``."""
        ours = [config.name for config in apps.get_app_configs() if config.name.startswith("parloir.")]
        super().__init__(app_names or ours, *args, **kwargs)


class ChosenDsfrFinder(BaseFinder):
    """The style sheet, fonts and icons built from the design system; built anew when they are collected."""

    def __init__(self) -> None:
        """Read from where :func:`parloir.foundation.assets.build` writes."""
        self.storage = FileSystemStorage(location=settings.ROOT / "var" / "build" / "static")

    def check(self, **_kwargs: object) -> list[Any]:
        """Nothing to configure, so nothing to check."""
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: object) -> Any:  # noqa: FBT001, FBT002
        """Return where a file is, building first if nothing was built yet."""
        if not self.storage.exists("parloir/site.css"):
            assets.build()
        found = [self.storage.path(path)] if self.storage.exists(path) else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, FileSystemStorage]]:
        """Build, then give every file."""
        assets.build()
        for path in get_files(self.storage, [*(ignore_patterns or ())]):
            yield path, self.storage
