"""Why something that a program asked is not done: a status, a code that stays the same, and words for a person."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response


class Problem(NamedTuple):
    """`retry`: after how many seconds the same request may well be done; 0: not by waiting."""

    status: int
    words: Promise
    retry: int = 0


NO_ROOM = "no_room"
PROBLEMS: dict[str, Problem] = {
    "not_allowed": Problem(403, _("There is no such agent, or you may not let him call.")),
    "not_logged_on": Problem(409, _("The agent is not logged on to the queues.")),
    "not_now": Problem(409, _("The agent is in a call already, or a call is being offered to him.")),
    "no_softphone": Problem(409, _("The agent's softphone is not ready: his desk is closed, or its sound is not tested.")),
    "unknown_caller_id": Problem(422, _("The agent may not show this number.")),
    "number_denied": Problem(422, _("This number may not be called: it costs extra, or an administrator has closed it.")),
    "calls_out_used_up": Problem(429, _("The agent has made as many calls as he may make in a day.")),
    "no_line_out": Problem(503, _("No trunk for calls out is set up.")),
    NO_ROOM: Problem(503, _("All lines are in use."), 2),
    "no_answer_from_switch": Problem(503, _("The switch did not answer. Whether the call has begun, the agent sees."), 15),
    "away": Problem(503, _("Redis is away, so nobody can be asked."), 5),
    "key_reused": Problem(422, _("This Idempotency-Key was used for another request.")),
    "key_too_long": Problem(400, _("An Idempotency-Key has 200 characters at the most.")),
    "in_progress": Problem(409, _("A request with this Idempotency-Key is being done."), 1),
}
FAULT = Problem(500, _("Something went wrong on the server. Try again; tell your administrator if it stays so."))


def problem(code: str) -> Response:
    """A code that nobody foresaw is a fault of ours."""
    known = PROBLEMS.get(code, FAULT)
    answer = Response({"code": code if code in PROBLEMS else "fault", "detail": str(known.words)}, status=known.status)
    if known.retry:
        answer["Retry-After"] = str(known.retry)
    return answer
