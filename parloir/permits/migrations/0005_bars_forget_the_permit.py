"""Drop: a bar no longer names one permit."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("permits", "0004_bar_by_person"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="barred", name="an_account_is_barred_once_per_permit"),
        migrations.RemoveField(model_name="barred", name="permit"),
        migrations.AlterField(
            model_name="barred",
            name="visitor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.visitor"
            ),
        ),
        migrations.AddConstraint(
            model_name="barred",
            constraint=models.UniqueConstraint(
                fields=("account", "visitor"), name="an_account_is_barred_once_per_person"
            ),
        ),
    ]
