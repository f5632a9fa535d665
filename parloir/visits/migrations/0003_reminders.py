import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_choose_a_language'),
        ('timetable', '0002_closures_and_accessible_cabins'),
        ('visits', '0002_holds_waiting_list_and_exceptions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('planned_at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('status', "booked")), fields=['local_date'], name='booked_visits_by_day'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='slot',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='timetable.slot'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='visits.visit'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('visit', 'slot'), name='a_visit_is_reminded_of_once'),
        ),
    ]
