"""A counter below zero is refused by its column alone: what is told as "full" is a slot that is full."""

from django.db import migrations, models
from django.db.models import F, Q

ONLY_FULL = Q(taken__lte=F("capacity") + F("overbooked"))


class Migration(migrations.Migration):
    dependencies = [("timetable", "0003_remember_slots_set_by_hand")]

    operations = [
        migrations.RemoveConstraint(model_name="slot", name="a_slot_is_never_oversold"),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(condition=ONLY_FULL, name="a_slot_is_never_oversold"),
        ),
    ]
