"""Set the demonstration up, or bring it to this day: run at each start, it does only what is missing."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from parloir.demo import operations


class Command(BaseCommand):
    help = "Load prisons, invent a timetable, slots and a register, and put the personas in their situations."

    def handle(self, **_options: object) -> None:
        now = timezone.now()
        places = operations.load_places(now=now)
        self.stdout.write(f"Prisons: {places.created} created, {places.updated} updated.")
        questions = operations.load_questions(now=now)
        self.stdout.write(f"Questions: {questions.created} loaded, {questions.rewritten} rewritten.")
        self.stdout.write(f"Timetable: {operations.invent_timetable(now=now)} fictional sessions added.")
        self.stdout.write(f"Slots: {operations.invent_slots(now=now)} made.")
        self.stdout.write(f"Register: {'imported' if operations.invent_register(now=now) else 'known already'}.")
        self.stdout.write(f"Permits: {operations.register_permits(now=now)} registered for the personas.")
        self.stdout.write(f"Visits: {operations.book_visits(now=now)} booked.")
