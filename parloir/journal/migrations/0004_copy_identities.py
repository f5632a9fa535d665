"""Backfill: each identity that an entry held gets its link; run again, it copies only what is not there."""

from django.db import migrations

COPY = """
INSERT INTO journal_link (entry_id, role, kind, target_id, at)
SELECT e.id, l.role, l.kind, l.target_id, e.at FROM journal_entry e
CROSS JOIN LATERAL (VALUES
    ('actor', e.actor_kind, e.actor_id),
    ('subject', e.subject_kind, e.subject_id),
    ('about', 'slot', CASE WHEN e.subject_kind IN ('visit', 'offer', 'detainee') THEN (e.detail->>'slot')::bigint END),
    ('about', 'slot', CASE WHEN e.verb = 'visit.changed' THEN (e.detail->>'from')::bigint END),
    ('about', 'slot', CASE WHEN e.verb = 'visit.changed' THEN (e.detail->>'to')::bigint END),
    ('about', 'account', CASE WHEN e.verb = 'permit.account_barred' THEN (e.detail->>'account')::bigint END)
) AS l(role, kind, target_id)
WHERE l.target_id IS NOT NULL AND NOT EXISTS (SELECT FROM journal_link k WHERE k.entry_id = e.id)
"""
"""The keys of ``detail`` that named rows; 0005 takes them out of it."""


class Migration(migrations.Migration):

    dependencies = [
        ("journal", "0003_identities_in_a_table_of_their_own"),
    ]

    operations = [migrations.RunSQL(COPY, migrations.RunSQL.noop)]
