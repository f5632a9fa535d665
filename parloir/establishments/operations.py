"""What is done to establishments: load the referential, decide a wing's policy."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from django.db import transaction

from parloir.establishments.models import Alert, BookingPolicy, Establishment, InformationSheet, Wing
from parloir.establishments.rules import warnings_about
from parloir.journal.operations import SERVICE, Act, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from parloir.establishments.referential import EstablishmentFacts
    from parloir.establishments.rules import Policy, PolicyWarning, SheetFacts
    from parloir.journal.operations import Actor


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a loading of the referential did. ``unlisted`` rows are in the database but not in the file: kept."""

    created: int
    updated: int
    unchanged: int
    unlisted: int
    wings_created: int
    policies_created: int


@transaction.atomic
def load_establishments(*, facts: Sequence[EstablishmentFacts], now: datetime) -> Loaded:
    """Bring establishments and wings to what the referential says, by slug; remove nothing.

    A wing without a policy gets the default one. A policy that exists is a prison's own decision and is
    never touched.
    """
    known = {row.slug: row for row in Establishment.objects.select_for_update(no_key=True).order_by("id")}
    missing = [Establishment(**_columns(line)) for line in facts if line.slug not in known]
    changed = [known[line.slug] for line in facts if line.slug in known and _correct(known[line.slug], line)]
    Establishment.objects.bulk_create(missing)
    Establishment.objects.bulk_update(changed, _COLUMNS)
    wings = _create_missing_wings(facts)
    policies = BookingPolicy.objects.bulk_create(
        BookingPolicy(wing=wing) for wing in Wing.objects.filter(policy__isnull=True).order_by("id")
    )
    loaded = Loaded(
        created=len(missing),
        updated=len(changed),
        unchanged=len(facts) - len(missing) - len(changed),
        unlisted=len(known.keys() - {line.slug for line in facts}),
        wings_created=wings,
        policies_created=len(policies),
    )
    if missing or changed or wings or policies:
        record(actor=SERVICE, acts=[Act("establishments.loaded", "establishment", None, asdict(loaded))], at=now)
    return loaded


@transaction.atomic
def save_policy(*, wing_id: int, policy: Policy, actor: Actor, now: datetime) -> list[PolicyWarning]:
    """Set a wing's booking policy and return what in it falls below the law, for the caller to show.

    :raises Wing.DoesNotExist: when there is no such wing.
    :raises ValidationError: when nobody could book under the policy.
    """
    wing = Wing.objects.select_for_update(no_key=True).get(id=wing_id)
    row = BookingPolicy.objects.filter(wing=wing).first() or BookingPolicy(wing=wing)
    before = row.as_rules() if row.pk else None
    for name in _POLICY_FIELDS:
        value = getattr(policy, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.full_clean(exclude=[name for name in _POLICY_FIELDS if getattr(policy, name) is None])
    row.save()
    detail = {
        name: _plain(getattr(policy, name))
        for name in _POLICY_FIELDS
        if before is None or getattr(before, name) != getattr(policy, name)
    }
    record(actor=actor, acts=[Act("policy.saved", "wing", wing.pk, detail)], at=now)
    return warnings_about(policy)


@transaction.atomic
def save_sheet(*, establishment_id: int, facts: SheetFacts, actor: Actor, now: datetime) -> None:
    """Keep what a prison says of how it receives families; the journal names what changed, never the words.

    :raises Establishment.DoesNotExist: when there is no such prison.
    """
    prison = Establishment.objects.select_for_update(no_key=True).get(id=establishment_id)
    row = InformationSheet.objects.filter(establishment=prison).first() or InformationSheet(establishment=prison)
    said = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(facts).items()}
    changed = sorted(name for name, value in said.items() if getattr(row, name) != value)
    for name, value in said.items():
        setattr(row, name, value)
    row.save()
    detail: dict[str, str | int | None] = {"changed": " ".join(changed)}
    record(actor=actor, acts=[Act("sheet.saved", "establishment", prison.pk, detail)], at=now)


@transaction.atomic
def publish_alert(
    *,
    establishment_id: int | None,
    texts: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> Alert:
    """Tell families something at once: those of one prison, or everybody. Pages show it within some minutes.

    :raises ValueError: without a text in French, or when it would end before it starts.
    """
    written = {language: text.strip() for language, text in texts.items() if text.strip()}
    if "fr" not in written:
        raise ValueError("an alert is written in French first")
    if ends_at is not None and ends_at <= starts_at:
        raise ValueError("an alert cannot end before it starts")
    alert = Alert.objects.create(
        establishment_id=establishment_id, texts=written, starts_at=starts_at, ends_at=ends_at, published_at=now
    )
    detail: dict[str, str | int | None] = {"establishment": establishment_id, "starts_at": starts_at.isoformat()}
    record(actor=actor, acts=[Act("alert.published", "alert", alert.pk, detail)], at=now)
    return alert


@transaction.atomic
def withdraw_alert(*, alert_id: int, actor: Actor, now: datetime) -> None:
    """Stop showing an alert before its end.

    :raises Alert.DoesNotExist: when there is none, or it was withdrawn already.
    """
    alert = Alert.objects.select_for_update(no_key=True).get(id=alert_id, withdrawn_at__isnull=True)
    alert.withdrawn_at = now
    alert.save(update_fields=["withdrawn_at"])
    record(actor=actor, acts=[Act("alert.withdrawn", "alert", alert.pk, {})], at=now)


_COLUMNS = [field.name for field in Establishment._meta.concrete_fields if field.name not in {"id", "slug"}]  # noqa: SLF001 (public in all but name)
_POLICY_FIELDS = [field.name for field in fields(BookingPolicy().as_rules())]


def _columns(line: EstablishmentFacts) -> dict[str, object]:
    """Return the columns of one establishment: its facts without its wings."""
    return {name: value for name, value in asdict(line).items() if name != "wings"}


def _correct(row: Establishment, line: EstablishmentFacts) -> bool:
    """Bring a row to its line, and tell whether anything changed."""
    differing = {name: value for name, value in _columns(line).items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)


def _create_missing_wings(facts: Iterable[EstablishmentFacts]) -> int:
    """Create the wings that the referential names and the database lacks; return how many."""
    ids = dict(Establishment.objects.values_list("slug", "id"))
    known = set(Wing.objects.values_list("establishment_id", "code"))
    listed = [(ids[line.slug], code) for line in facts for code in line.wings]
    missing = [Wing(establishment_id=owner, code=code) for owner, code in listed if (owner, code) not in known]
    return len(Wing.objects.bulk_create(missing))


def _plain(value: object) -> str | int | None:
    """Write a setting as the journal can keep it."""
    return value if value is None or isinstance(value, int) else str(value)
