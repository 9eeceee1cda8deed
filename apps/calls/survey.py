"""What callers answered, question by question."""

from django.db.models import Count, QuerySet
from msgspec import Struct


class Share(Struct, frozen=True):
    """How many gave this `answer`; `percent` of all that answered the question."""

    answer: int
    count: int
    percent: int


class Figure(Struct, frozen=True):
    question: str
    count: int
    average: float
    shares: tuple[Share, ...]


def figures(answers: QuerySet) -> list[Figure]:
    """One per question, by its name; in one query, however many answers."""
    counted: dict[str, dict[int, int]] = {}
    rows = answers.order_by("question", "answer").values_list("question", "answer").annotate(count=Count("seq"))
    for question, answer, count in rows:
        counted.setdefault(question, {})[answer] = count
    return [_figure(question, counts) for question, counts in counted.items()]


def _figure(question: str, counts: dict[int, int]) -> Figure:
    count = sum(counts.values())
    shares = tuple(Share(answer, number, round(100 * number / count)) for answer, number in counts.items())
    return Figure(question, count, sum(answer * number for answer, number in counts.items()) / count, shares)
