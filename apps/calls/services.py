"""Facts become calls, legs and time lines. The only writer of these tables."""

from collections.abc import Iterable
from typing import Any

from apps.calls.folding import Story, fitting, fold
from apps.calls.models import Call, Leg, SurveyAnswer, TimeLineEntry
from apps.calls.references import References
from apps.events.vocabulary import CallArrived, Entry, SurveyAnswered, to_data
from contactcenter.lib.clock import as_datetime


def read(entries: list[Entry]) -> None:
    """The reader "calls". Reading the same facts again changes nothing."""
    about_calls = [entry for entry in entries if entry.event.call]
    if not about_calls:
        return
    references = References(about_calls)
    stories = _stories(about_calls, references)
    told = [entry for entry in about_calls if fold(stories[entry.event.call], entry)]
    changed = {entry.event.call for entry in told}
    _save(stories[call_id] for call_id in sorted(changed))
    TimeLineEntry.objects.bulk_create([_line(entry, references) for entry in told], ignore_conflicts=True)
    answers = [_answer(entry.seq, entry.event, references) for entry in told if isinstance(entry.event, SurveyAnswered)]
    SurveyAnswer.objects.bulk_create(answers, ignore_conflicts=True)


def _stories(entries: list[Entry], references: References) -> dict[str, Story]:
    calls = Call.objects.in_bulk({entry.event.call for entry in entries})
    stories: dict[str, Story] = {}
    for entry in entries:
        call_id = entry.event.call
        if call_id not in stories:
            stories[call_id] = Story(calls.get(call_id) or _new_call(entry), references.known)
    for leg in Leg.objects.filter(call__in=calls):
        stories[leg.call_id].legs[leg.id] = leg
    return stories


def _new_call(entry: Entry) -> Call:
    """Usually its arrival. If that was lost, the rest of the call is still worth showing."""
    dialled = entry.event.dialled if isinstance(entry.event, CallArrived) else ""
    return Call(id=entry.event.call, started_at=as_datetime(entry.event.at), **fitting(Call, dialled=dialled))


def _save(stories: Iterable[Story]) -> None:
    stories = list(stories)
    _write(Call, [story.call for story in stories])
    _write(Leg, [leg for story in stories for leg in story.legs.values()])


def _write(model: type[Call] | type[Leg], rows: list) -> None:
    """Insert or replace, all in one statement."""
    columns = [column.name for column in model._meta.concrete_fields if not column.primary_key]
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=columns)


def _line(entry: Entry, references: References) -> TimeLineEntry:
    event = entry.event
    return TimeLineEntry(
        seq=entry.seq,
        call_id=event.call,
        at=as_datetime(event.at),
        kind=type(event).__name__,
        data=to_data(event),
        names=references.names(entry),
    )


def _answer(seq: int, event: SurveyAnswered, references: References) -> SurveyAnswer:
    version: Any = references.rows.get("flow_version", {}).get(event.flow_version or 0)
    return SurveyAnswer(
        seq=seq,
        call_id=event.call,
        at=as_datetime(event.at),
        flow_id=version.flow_id if version else None,
        answer=event.answer,
        **fitting(SurveyAnswer, question=event.question),
    )
