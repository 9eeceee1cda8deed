"""Calls that programs let agents make (OB-01, click-to-call), and how such calls go."""

from typing import Any

import msgspec
import redis
from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.rights import agents_of, who
from apps.api import once
from apps.api.permissions import HasAgents
from apps.api.problems import NO_ROOM, problem
from apps.calls.models import Call
from apps.outbound.models import CallerId
from apps.switch import board, client, dialling
from apps.telephony import leases
from contactcenter.lib import bus, phone

KNOWN_SECONDS = 60  # that a call's agent is remembered here: by then it is in the archive
LONGEST_KEY = 200


class CallOutRequest(serializers.Serializer):
    """`agent`: user name; empty: who asks himself. `caller_id`: the number to show; empty: the first that he may choose."""

    number = serializers.CharField(max_length=40)
    agent = serializers.CharField(required=False, default="", allow_blank=True, max_length=150)
    caller_id = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)

    def validate_number(self, written: str) -> str:
        try:
            return dialling.number_of(written)
        except dialling.NotBegun:
            raise serializers.ValidationError(_("This is no telephone number.")) from None

    def validate_caller_id(self, written: str) -> int:
        if not written:
            return 0
        found = CallerId.objects.filter(number=phone.e164(written, self.context["country"])).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such caller id."))
        return found.pk


class AboutCalls(APIView):
    permission_classes = [HasAgents]

    def handle_exception(self, exc: Exception) -> Response:
        return problem("away") if isinstance(exc, redis.RedisError) else super().handle_exception(exc)


class CallsOut(AboutCalls):
    def post(self, request: Request) -> Response:
        user = who(request)
        asked = CallOutRequest(data=request.data, context={"country": settings.COUNTRY})
        asked.is_valid(raise_exception=True)
        agent = agents_of(user).filter(username=asked.validated_data["agent"] or user.username).first()
        if agent is None:
            return problem("not_allowed")
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            return problem("key_too_long")
        return _begin(user, agent, asked.validated_data, key)


def _begin(user: User, agent: User, wanted: dict[str, Any], key: str) -> Response:
    source = bus.client()
    digest = once.digest_of(f"{agent.pk} {wanted['number']} {wanted['caller_id']}")
    try:
        attempt = once.begin(source, user=user.pk, key=key, digest=digest)
    except once.Refused as refused:
        return problem(refused.code)
    if not attempt.again:
        code = _ask(source, user, agent, wanted, attempt.call)
        if code == client.NO_ANSWER.code:  # it may have been begun all the same: the key stays held for a moment
            return problem(code)
        if code:
            attempt.undone(source)
            return problem(code)
        attempt.done(source)
        source.set(_known(attempt.call), agent.pk, ex=KNOWN_SECONDS)
    answer = Response({"call": attempt.call, "agent": agent.username, "number": wanted["number"]}, status=200 if attempt.again else 201)
    answer["Location"] = reverse("api_call", args=[attempt.call])
    return answer


def _ask(source: redis.Redis, user: User, agent: User, wanted: dict[str, Any], call: str) -> str:
    """The switch's code, or why it was not asked; empty: the call has begun."""
    by = user.pk if user != agent else None
    try:
        wish = dialling.wish(
            leases.take_soon(source), wanted["number"], agent=agent.pk, caller_id=wanted["caller_id"], call=call, by=by
        )  # fmt: skip
    except dialling.NotBegun:
        return NO_ROOM
    return client.ask(wish).code


class CallOut(AboutCalls):
    def get(self, request: Request, call: str) -> Response:
        """How a call goes that an agent makes, whoever let him."""
        row = Call.objects.filter(pk=call).select_related("agent").first()
        source = bus.client()
        agent_id = (row.agent_id if row else int(source.get(_known(call)) or 0)) or 0
        agent = agents_of(who(request)).filter(pk=agent_id).first()
        if agent is None or (row and row.kind != "outbound"):
            raise Http404
        card = _card(source, agent.pk, call)
        number = row.caller if row else card.caller if card else ""
        shown = row.dialled if row else card.dialled if card else ""
        return Response(
            {
                "call": call, "agent": agent.username, "number": number, "caller_id": shown, "state": _state(row, card),
                "result": row.cause if row and row.ended_at else "",
                "started_at": row and row.started_at, "answered_at": row and row.answered_at, "ended_at": row and row.ended_at,
                "talked": row.talked if row else 0.0,
            }
        )  # fmt: skip


def _known(call: str) -> str:
    return f"cc:api:call:{call}"


def _card(source: redis.Redis, agent: int, call: str) -> board.CallCard | None:
    """What the agent's desk shows of it now."""
    found = source.hget(bus.BOARD, board.agent_topic(agent))
    document = msgspec.json.decode(board.decode_entry(found).document, type=board.AgentDocument | None) if found else None
    return document.card if document and document.card and document.card.call == call else None


def _state(row: Call | None, card: board.CallCard | None) -> str:
    """As the desk's card says (board.CallCard), or ended, or ending.

    The archive is a moment behind the board. What is on his desk no more and has not ended there is about to, or was handed over.
    """
    if row and row.ended_at:
        return "ended"
    if card:
        return card.state
    return "talking" if row and row.answered_at else "ending"
