"""Drop: entries hold no identity any more; what was written since the copy is copied first."""

from importlib import import_module

from django.db import migrations

COPY = import_module("parloir.journal.migrations.0004_copy_identities").COPY

STRIP = """
UPDATE journal_entry SET detail = detail - 'slot' WHERE subject_kind IN ('visit', 'offer', 'detainee') AND detail ? 'slot';
UPDATE journal_entry SET detail = detail - 'from' - 'to' WHERE verb = 'visit.changed';
UPDATE journal_entry SET detail = detail - 'account' WHERE verb = 'permit.account_barred';
"""


class Migration(migrations.Migration):

    dependencies = [
        ("journal", "0004_copy_identities"),
    ]

    operations = [
        migrations.RunSQL([COPY, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        migrations.RunSQL(STRIP, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="entry", name="entries_of_a_subject"),
        migrations.RemoveIndex(model_name="entry", name="entries_by_an_account"),
        migrations.RemoveField(model_name="entry", name="actor_id"),
        migrations.RemoveField(model_name="entry", name="subject_id"),
    ]
