"""Know the devices a person has used, so that a strange one can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.people.models import Device
from parloir.people.queries import device_mark
from parloir.people.rules import DEVICE_KEPT_FOR, MOST_DEVICES

if TYPE_CHECKING:
    from datetime import datetime


def note_device(*, account_id: int, token: str, now: datetime) -> bool:
    """Remember a device, in the caller's transaction; tell whether it is strange: others were known, it was not."""
    kept = Device.objects.filter(account=account_id, last_seen_at__gt=now - DEVICE_KEPT_FOR)
    mark = device_mark(account_id=account_id, token=token)
    if kept.filter(mark=mark).update(last_seen_at=now):
        return False
    others = list(kept.order_by("-last_seen_at", "-pk").values_list("pk", flat=True))
    Device.objects.filter(pk__in=others[MOST_DEVICES - 1 :]).delete()
    Device.objects.update_or_create(
        account_id=account_id,
        mark=mark,
        defaults={"last_seen_at": now},
        create_defaults={"first_seen_at": now, "last_seen_at": now},
    )
    return bool(others)


def forget_old_devices(*, now: datetime) -> int:
    """Delete the devices that nobody has used for as long as their cookie lives; return how many."""
    deleted, _each = Device.objects.filter(last_seen_at__lt=now - DEVICE_KEPT_FOR).delete()
    return deleted
