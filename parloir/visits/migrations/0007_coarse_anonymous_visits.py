"""What was anonymised before becomes as coarse as what is anonymised now, and nothing leads from it to anybody."""

from django.db import migrations

OLD = "SELECT id FROM visits_visit WHERE anonymised_at IS NOT NULL"
PAST = "SELECT slot_id FROM visits_visit GROUP BY slot_id HAVING bool_and(anonymised_at IS NOT NULL)"
PERSONAL = "'account', 'visit', 'permit', 'detainee', 'visitor', 'wait', 'offer'"

STEPS = [
    # Accessible cabins become plain places in the slots' counters too.
    """
    UPDATE timetable_slot s SET accessible_taken = s.accessible_taken - old.cabins FROM (
        SELECT slot_id, count(*) AS cabins FROM visits_visit
        WHERE anonymised_at IS NOT NULL AND accessible AND status <> 'cancelled' GROUP BY 1
    ) old WHERE old.slot_id = s.id
    """,
    # What is left of a trip goes by the name of its first visit, its confirmation too.
    """
    UPDATE notifications_delivery d
    SET dedup_key = 'visit-' || t.first || substr(d.dedup_key, length('visit-' || t.former) + 1)
    FROM (SELECT o.trip_id AS former, min(o.id) AS first FROM visits_visit o JOIN visits_visit v ON v.id = o.trip_id
        WHERE v.anonymised_at IS NOT NULL AND o.anonymised_at IS NULL GROUP BY 1) t
    WHERE d.dedup_key ~>=~ ('visit-' || t.former || '-booked-') AND d.dedup_key ~<~ ('visit-' || t.former || '-booked.')
    """,
    """
    UPDATE visits_visit o SET trip_id = t.first
    FROM (SELECT o.trip_id AS former, min(o.id) AS first FROM visits_visit o JOIN visits_visit v ON v.id = o.trip_id
        WHERE v.anonymised_at IS NOT NULL AND o.anonymised_at IS NULL GROUP BY 1) t
    WHERE o.trip_id = t.former AND o.anonymised_at IS NULL
    """,
    """
    UPDATE visits_visit SET trip_id = NULL, accessible = false, sms_reminder = false, cancel_cause = '',
        reference = '-' || id, booked_at = date_trunc('day', booked_at, 'UTC'),
        cancelled_at = date_trunc('day', cancelled_at, 'UTC')
    WHERE anonymised_at IS NOT NULL
    """,
    f"UPDATE visits_allowance SET at = date_trunc('day', at, 'UTC') WHERE visit_id IN ({OLD})",
    f"DELETE FROM review_entry WHERE subject_kind = 'visit' AND subject_id IN ({OLD})",
    f"DELETE FROM visits_hold WHERE NOT held AND slot_id IN ({PAST})",
    f"DELETE FROM visits_whynot WHERE slot_id IN ({PAST})",
    f"""
    DELETE FROM journal_link l USING (
        SELECT k.entry_id FROM journal_link k
        WHERE (k.kind = 'visit' AND k.target_id IN ({OLD})) OR (k.kind = 'slot' AND k.target_id IN ({PAST}))
        OR (k.kind = 'offer' AND k.target_id IN (SELECT id FROM visits_offer WHERE slot_id IN ({PAST})))
    ) told
    WHERE l.entry_id = told.entry_id AND NOT (l.role = 'actor' AND l.kind NOT IN ({PERSONAL}))
    AND EXISTS (SELECT FROM journal_link p WHERE p.entry_id = l.entry_id AND p.kind IN ({PERSONAL}))
    """,
    f"DELETE FROM visits_offer WHERE state NOT IN ('reserved', 'open') AND slot_id IN ({PAST})",
]


class Migration(migrations.Migration):

    dependencies = [('journal', '0005_entries_hold_no_identity'), ('notifications', '0004_telephone_choices_and_receipts'), ('review', '0002_reconciliation'), ('timetable', '0003_remember_slots_set_by_hand'), ('visits', '0006_who_left_by_themselves')]

    operations = [migrations.RunSQL(STEPS, migrations.RunSQL.noop)]
