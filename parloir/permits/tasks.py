"""Tell a permit's holder that somebody else has registered it."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.notifications.operations import TryLater, deliver_email
from parloir.notifications.tasks import Patience
from parloir.permits.messages import registered_elsewhere_email
from parloir.permits.queries import holders_to_tell


@app.task(name="permits.tell_holder", retry=Patience())
def tell_holder(*, registration_id: int) -> None:
    """Write to the holder's accounts; nothing is sent once the permit was taken out again.

    :raises TryLater: when one could not be told yet; those who were are not told again.
    """
    now = timezone.now()
    later: TryLater | None = None
    for holder, since in holders_to_tell(registration_id):
        try:
            deliver_email(
                account_id=holder.pk,
                dedup_key=f"registration-{registration_id}-{holder.pk}",
                email=registered_elsewhere_email(holder, now=now, since=since),
                now=now,
            )
        except TryLater as error:
            later = error
    if later is not None:
        raise later
