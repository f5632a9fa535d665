"""Whether a family that waits could come on a day, in SQL: the rules repeated for speed, a test says that they agree.

Fragments about a wait (``w``) and its detained person (``d``), for a local day given as SQL. A person named by a
permit may come by any permit of theirs that the account has registered for the same detained person.
"""

from __future__ import annotations

_THEIRS = """
    SELECT q.* FROM permits_permit q JOIN permits_registration r ON r.permit_id = q.id
    WHERE r.account_id = w.account_id AND q.detainee_id = w.detainee_id AND q.visitor_id = named.visitor_id
    AND q.closed_at IS NULL AND q.status <> 'withdrawn'"""


def everybody_may_come(day: str) -> str:
    """Tell whether each person in force who is named has a permit that is good on a day, and a visit left of it."""
    return f"""
    NOT EXISTS (
        SELECT FROM permits_permit named WHERE named.id = ANY(w.permit_ids)
        AND EXISTS ({_THEIRS})
        AND NOT EXISTS ({_THEIRS}
            AND NOT (q.status = 'suspended' AND (q.suspended_until IS NULL OR {day} <= q.suspended_until))
            AND {day} >= q.valid_from AND (q.valid_until IS NULL OR {day} <= q.valid_until)
            AND (q.weekdays IS NULL OR extract(isodow FROM {day})::int = ANY(q.weekdays))
            AND NOT q.separated))"""  # noqa: S608 - made of constants


def nothing_forbids(day: str) -> str:
    """Tell whether no restriction of the detained person covers a day."""
    return f"""
    NOT EXISTS (SELECT FROM people_restriction t
        WHERE t.detainee_id = w.detainee_id AND {day} BETWEEN t.since AND t.until)"""


NOBODY_IS_MISSING = f"""
    NOT EXISTS (SELECT FROM unnest(w.permit_ids) AS u(id) WHERE NOT EXISTS (
        SELECT FROM permits_permit named JOIN permits_registration n ON n.permit_id = named.id
        WHERE named.id = u.id AND n.account_id = w.account_id AND EXISTS ({_THEIRS})))"""  # noqa: S608 - made of constants
"""Whether each person named still has a permit in force in the account."""

SOMEBODY_IN_FORCE = f"""
    EXISTS (SELECT FROM permits_permit named JOIN permits_registration n ON n.permit_id = named.id
        WHERE named.id = ANY(w.permit_ids) AND n.account_id = w.account_id AND EXISTS ({_THEIRS}))"""
"""Whether at least one of them has."""

THE_NUMBERS_ALLOW = """
    (SELECT count(*) FROM visits_visit v WHERE v.detainee_id = w.detainee_id AND v.status <> 'cancelled'
        AND v.week = date_trunc('week', s.local_date)::date)
    < coalesce(least(
        CASE WHEN d.category IN ('condamne', 'prevenu_condamne') THEN p.weekly_maximum_condamne
            ELSE p.weekly_maximum_prevenu END,
        CASE WHEN d.presence = 'disciplinary' THEN 1 END), 1000)
    AND (SELECT count(*) FROM visits_visit v WHERE v.detainee_id = w.detainee_id AND v.status <> 'cancelled'
        AND v.local_date = s.local_date) < p.daily_maximum_detainee
    AND NOT EXISTS (SELECT FROM visits_visit v WHERE v.detainee_id = w.detainee_id AND v.status <> 'cancelled'
        AND v.during && tstzrange(s.starts_at, s.ends_at))
    AND NOT EXISTS (
        SELECT FROM permits_permit named WHERE named.id = ANY(w.permit_ids) AND NOT EXISTS (
            SELECT FROM permits_permit q JOIN permits_registration r ON r.permit_id = q.id
            WHERE r.account_id = w.account_id AND q.detainee_id = w.detainee_id AND q.visitor_id = named.visitor_id
            AND (q.visits_allowed IS NULL OR q.visits_allowed
                > (SELECT count(*) FROM visits_attendance a WHERE a.permit_id = q.id AND a.debits)
                + coalesce((SELECT u.visits FROM visits_pastuse u WHERE u.permit_id = q.id), 0))))"""
"""Whether the maximum of visits a week and a day leave one for a slot (``s``) under its policy (``p``)."""
