import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0003_remember_what_was_said'),
        ('people', '0002_remember_releases_and_freed_numbers'),
    ]

    operations = [
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=16)),
                ('seed', models.CharField(max_length=43)),
                ('asked_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('ended', models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name='contact',
            name='email_reminder',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='email_returned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='phone',
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name='contact',
            name='phone_confirmed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='sms_ended',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='sms_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='provider_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='delivery',
            name='receipt',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name='delivery',
            name='receipt_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='token',
            field=models.CharField(max_length=32, null=True, unique=True),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(django.db.models.functions.text.Upper('email'), name='contacts_by_address'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='deliveries_by_provider_id'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('phone_confirmed_at__isnull', True), models.Q(('phone', ''), _negated=True), _connector='OR'), name='only_a_telephone_is_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('sms_since__isnull', True), ('phone_confirmed_at__isnull', False), _connector='OR'), name='consent_to_sms_is_for_a_confirmed_telephone'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('receipt__in', ["", "received", "returned"])), name='receipt_is_of_a_known_kind'),
        ),
        migrations.AddField(
            model_name='phonecode',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.account'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['account', 'asked_at'], name='codes_of_an_account'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['phone', 'asked_at'], name='codes_to_a_telephone'),
        ),
    ]
