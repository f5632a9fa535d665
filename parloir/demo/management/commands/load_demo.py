"""Set the demonstration up, or bring it to this day: run at each start, it does only what is missing."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from parloir.demo import operations


class Command(BaseCommand):
    help = "Load prisons, invent a timetable, slots and a register, and put the personas in their situations."

    def handle(self, **_options: object) -> None:
        now = timezone.now()
        try:
            operations.refuse_real_life()
        except operations.NotADemonstrationError as refused:
            raise CommandError(str(refused)) from None
        with transaction.atomic():  # prisons without their fictional timetable would pass for a real site
            places = operations.load_places(now=now)
            sessions = operations.invent_timetable(now=now)
        questions = operations.load_questions(now=now)
        self.stdout.write(f"Prisons: {places.created} created, {places.updated} updated.")
        self.stdout.write(f"Questions: {questions.created} loaded, {questions.rewritten} rewritten.")
        self.stdout.write(f"Timetable: {sessions} fictional sessions added.")
        self.stdout.write(f"Slots: {operations.invent_slots(now=now)} made.")
        self.stdout.write(f"Register: {'imported' if operations.invent_register(now=now) else 'known already'}.")
        self.stdout.write(f"Permits: {operations.register_permits(now=now)} registered for the personas.")
        self.stdout.write(f"Visits: {operations.book_visits(now=now)} booked.")
