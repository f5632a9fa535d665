"""What is done to questions: load their files, count whether they helped."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Value

from parloir.content import searching
from parloir.content.markdown import plain
from parloir.content.models import Opinion, Question, Version, Word
from parloir.content.rules import DAILY_CEILING, LANGUAGES, LONGEST_OPINION, OPINIONS_A_DAY, STEMMING
from parloir.journal.operations import SERVICE, Act, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from django.db.models.expressions import Combinable

    from parloir.content.documents import QuestionFacts, Text
    from parloir.content.rules import Ease

_LONGEST_WORD = 60


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a loading of the files did; ``kept`` texts were rewritten on screen since, and stay what people read."""

    created: int = 0
    rewritten: int = 0
    unchanged: int = 0
    kept: int = 0
    withdrawn: int = 0


@transaction.atomic
def load_questions(*, facts: Sequence[QuestionFacts], now: datetime) -> Loaded:
    """Bring the questions to what their files say; every older version is kept.

    A text that its file does not change is not touched. A question without a file any more is withdrawn, unless
    somebody wrote in it on screen.
    """
    rows = _placed(facts)
    latest = _latest_from_files()
    on_screen = set(Version.objects.filter(is_current=True, from_files=False).values_list("question_id", "language"))
    texts = [(rows[fact.slug], language, text) for fact in facts for language, text in fact.texts.items()]
    changed = [entry for entry in texts if _says_otherwise(latest.get((entry[0].pk, entry[1])), entry[2])]
    _write(changed, on_screen=on_screen, now=now)
    loaded = Loaded(
        created=sum((row.pk, language) not in latest for row, language, _ in changed),
        rewritten=sum((row.pk, language) in latest for row, language, _ in changed),
        unchanged=len(texts) - len(changed),
        kept=sum((row.pk, language) in on_screen for row, language, _ in texts),
        withdrawn=_withdraw(listed=rows.keys(), now=now),
    )
    _collect_words(facts)
    if changed or loaded.withdrawn:
        record(actor=SERVICE, acts=[Act("questions.loaded", "question", None, asdict(loaded))], at=now)
    return loaded


def count_opinion(*, slug: str, language: str, helped: bool, day: date) -> None:
    """Count one more reader whom an answer helped, or did not; past the day's ceiling nothing is counted.

    :raises Question.DoesNotExist: when there is no such question.
    """
    question = Question.objects.get(slug=slug, withdrawn_at__isnull=True)
    column = "helped" if helped else "missed"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO content_tally (question_id, language, day, helped, missed) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
            f" ON CONFLICT (question_id, language, day) DO UPDATE SET {column} = content_tally.{column} + 1"
            f" WHERE content_tally.{column} < %s",
            [question.pk, language, day, int(helped), int(not helped), DAILY_CEILING],
        )


def _placed(facts: Sequence[QuestionFacts]) -> dict[str, Question]:
    """Put every question where its file says; return them by slug."""
    columns = ("section", "chapter", "position", "related", "sources", "withdrawn_at")
    Question.objects.bulk_create(
        (
            Question(
                slug=fact.slug,
                section=fact.section,
                chapter=fact.chapter,
                position=fact.position,
                related=list(fact.related),
                sources=list(fact.sources),
            )
            for fact in facts
        ),
        update_conflicts=True,
        unique_fields=("slug",),
        update_fields=columns,
    )
    return {row.slug: row for row in Question.objects.filter(slug__in=[fact.slug for fact in facts])}


def _latest_from_files() -> dict[tuple[int, str], Version]:
    versions = Version.objects.filter(from_files=True).order_by("number").defer("search")
    return {(version.question_id, version.language): version for version in versions}


def _says_otherwise(known: Version | None, text: Text) -> bool:
    if known is None:
        return True
    told = (known.title, known.keywords, known.body, known.updated_on)
    return told != (text.title, ", ".join(text.keywords), text.body, text.updated_on)


def _write(changed: Sequence[tuple[Question, str, Text]], *, on_screen: set[tuple[int, str]], now: datetime) -> None:
    """Add versions after those there are; they are read at once, except where somebody wrote another on screen."""
    earlier = Version.objects.filter(question__in={row for row, _, _ in changed})
    numbers = Counter(earlier.values_list("question_id", "language"))
    read_from_now = {(row.pk, language) for row, language, _ in changed} - on_screen
    current = earlier.filter(is_current=True).values_list("pk", "question_id", "language")
    past = [pk for pk, *of in current if tuple(of) in read_from_now]
    Version.objects.filter(pk__in=past).update(is_current=False)
    Version.objects.bulk_create(
        _version(
            row,
            language,
            text,
            number=numbers[row.pk, language] + 1,
            is_current=(row.pk, language) in read_from_now,
            now=now,
        )
        for row, language, text in changed
    )


def _version(row: Question, language: str, text: Text, *, number: int, is_current: bool, now: datetime) -> Version:
    keywords, said = ", ".join(text.keywords), plain(text.body)
    return Version(
        question=row,
        language=language,
        number=number,
        is_current=is_current,
        from_files=True,
        title=text.title,
        keywords=keywords,
        body=text.body,
        text=said,
        updated_on=text.updated_on,
        written_at=now,
        search=_weighed(language, title=text.title, keywords=keywords, answer=said),
    )


def keep_opinion(*, ease: Ease, words: str, page: str, language: str, day: date) -> bool:
    """Keep what somebody wrote of the site; False once a day holds all it may."""
    if Opinion.objects.filter(day=day).count() >= OPINIONS_A_DAY:
        return False
    Opinion.objects.create(ease=ease, words=words[:LONGEST_OPINION], page=page, language=language, day=day)
    return True


def forget_old_opinions(*, days: int, today: date) -> int:
    """Forget what was written so many days ago, and return how many."""
    return Opinion.objects.filter(day__lt=today - timedelta(days=days)).delete()[0]


def _weighed(language: str, *, title: str, keywords: str, answer: str) -> Combinable:
    """Return what is searched, weighed by where it stands."""
    first, second, third = (
        SearchVector(Value(words), config=STEMMING[language], weight=weight)
        for words, weight in ((title, "A"), (keywords, "B"), (answer, "D"))
    )
    return first + second + third


def _withdraw(*, listed: Iterable[str], now: datetime) -> int:
    gone = Question.objects.filter(withdrawn_at__isnull=True).exclude(slug__in=listed)
    return gone.exclude(versions__from_files=False).update(withdrawn_at=now)


def _collect_words(facts: Sequence[QuestionFacts]) -> None:
    """Keep the words that answers and families use, for the misspelt ones to be compared with.

    Families' words change in their own files, without any answer changing.
    """
    kept = set(Word.objects.values_list("language", "word"))
    wanted = {(language, word) for language in LANGUAGES for word in _words_used(language, facts)}
    if kept != wanted:
        Word.objects.all().delete()
        Word.objects.bulk_create(Word(language=language, word=word) for language, word in sorted(wanted))


def _words_used(language: str, facts: Sequence[QuestionFacts]) -> set[str]:
    versions = Version.objects.filter(is_current=True, language=language).values_list("title", "keywords", "text")
    said = " ".join(text for version in versions for text in version)
    asked = " ".join(asked for fact in facts for asked in fact.texts[language].asked_as)
    words = {*searching.words_of(f"{said} {asked}"), *" ".join(searching.vocabulary(language).groups).split()}
    return {word for word in words if 2 < len(word) <= _LONGEST_WORD}  # noqa: PLR2004
