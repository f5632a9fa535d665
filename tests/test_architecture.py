"""The house holds: sizes, floors, cycles, and the written list of what is open to everybody."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for path in (ROOT / "parloir").rglob("*.py") if "migrations" not in path.parts)
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_VIEW = 15

PUBLIC = {
    ".well-known/security.txt",
    "accessibilite/",
    "accessibilite/schema-pluriannuel/",
    "affiches/",
    "affiches/<slug:name>.pdf",
    "affiches/<slug:slug>/",
    "affiches/<slug:slug>/<slug:name>.pdf",
    "aide/",
    "aide/<section:section>/",
    "aide/tutoriels/",
    "aide/tutoriels/<slug:slug>/",
    "aide/<section:section>/<slug:slug>/",
    "aide/<section:section>/<slug:slug>/avis/",
    "avis/",
    "connexion/",
    "contact/",
    "contact/<slug:subject>/",
    "contact/<slug:subject>/<slug:slug>/",
    "cookies/",
    "connexion/franceconnect/",
    "connexion/franceconnect/retour/",
    "courriel/confirmer/<str:token>/",
    "deconnexion/",
    "deconnexion/retour/",
    "demo/",
    "donnees-personnelles/",
    "espace/mes-donnees/efface/",
    "etablissements/",
    "etablissements/<slug:slug>/",
    "etablissements/carte/",
    "etablissements/carte/<slug:slug>/",
    "etablissements/suggestions/",
    "langue/",
    "m/<str:token>/",
    "m/<str:token>/un-clic/",
    "mentions-legales/",
    "permis/demander/",
    "plan-du-site/",
    "recus/<str:token>/",
    "recus/ovh/<str:secret>/",
    "robots.txt",
    "sante/pret",
    "sitemap.xml",
    "sante/vivant",
    "",
}


def functions():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node, path


def length(node, *, with_docstring=True):
    body = node.body
    if not with_docstring and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (node.end_lineno - body[0].lineno + 1) if body else 0


def test_no_file_is_longer_than_a_sitting():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    tests = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py")}

    assert {name: size for name, size in (sizes | tests).items() if size > LONGEST_FILE} == {}
    assert median(sizes.values()) <= 80


def test_no_function_is_longer_than_a_screen():
    sizes = {name: node.end_lineno - node.lineno + 1 for name, node, _ in functions()}

    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}
    assert median(sizes.values()) <= 10


def _is_view(node, path):
    return "views" in str(path) and any(arg.arg == "request" for arg in node.args.args) and node.name[0] != "_"


def test_views_only_translate():
    views = {name: length(node, with_docstring=False) for name, node, path in functions() if _is_view(node, path)}

    assert {name: size for name, size in views.items() if size > LONGEST_VIEW} == {}


def test_every_function_is_typed():
    untyped = [
        name
        for name, node, path in functions()
        if node.returns is None and "management" not in path.parts and node.name != "__init__"
    ]

    assert untyped == []


def patterns(resolver, prefix=""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


def test_what_is_open_to_everybody_is_a_written_list():
    opened = {route for route, view in patterns(get_resolver()) if not getattr(view, "login_required", True)}

    assert {route for route in opened if not route.startswith("demo/")} == PUBLIC - {"demo/"}


def lint(tree):
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", tree / "pyproject.toml", "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
    )


@pytest.fixture
def copy(tmp_path):
    """A copy of the sources, to be spoilt."""
    shutil.copytree(
        ROOT / "parloir", tmp_path / "parloir", ignore=shutil.ignore_patterns("__pycache__", "static", "data")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("Floors", "foundation/text.py", "import parloir.visits.rules"),
        ("Floors", "timetable/rules.py", "import parloir.permits.rules"),
        ("Inside a domain app", "visits/queries/mine.py", "import parloir.visits.operations.booking"),
        ("Fronts never import models", "portal/views/visits.py", "import parloir.visits.models"),
        ("Rules import no Django", "visits/rules/times.py", "import django.utils.timezone"),
        ("no cycle", "visits/rules/codes.py", "import parloir.visits.rules.booking"),
    ],
)
def test_each_contract_breaks_when_it_is_violated(copy, contract, module, line):
    spoilt = copy / "parloir" / module
    spoilt.write_text(f"{spoilt.read_text()}\n{line}\n")

    result = lint(copy)

    assert result.returncode == 1
    assert any(contract in text and "BROKEN" in text for text in result.stdout.splitlines())


def test_the_contracts_hold():
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout


def test_a_journey_that_looks_at_pages_asks_what_was_wrong_with_them():
    silent = []
    for path in sorted((ROOT / "tests" / "journeys").glob("test_*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                fixtures = {argument.arg for argument in node.args.args}
                asks = "faults() == []" in (ast.get_source_segment(source, node) or "")
                silent += [node.name] if fixtures & {"look", "read"} and not asks else []

    assert silent == []
