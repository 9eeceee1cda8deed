"""Call flows for programs: a dry run (IV-08)."""

from datetime import datetime
from typing import Any

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api.permissions import MaySeeFlows
from apps.flows.dry_run import Line, UnknownOutcome
from apps.flows.models import Flow
from apps.flows.rehearsal import NotFound, Rehearsal, rehearse


class DryRunRequest(serializers.Serializer):
    """Times without a zone are local ones."""

    at = serializers.DateTimeField(required=False, default=timezone.now)
    to = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    forwarded_from = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    digits = serializers.RegexField(r"^[0-9*# -]*$", required=False, default="", allow_blank=True, max_length=500)
    version = serializers.RegexField(r"^(active|draft|[0-9]{1,9})$", required=False, default="active")
    outcomes = serializers.DictField(child=serializers.CharField(max_length=80), required=False, default=dict)

    def get_fields(self) -> dict[str, Any]:
        """A field cannot be declared by the name "from"."""
        return {**super().get_fields(), "from": serializers.CharField(required=False, default="", allow_blank=True, max_length=40)}

    def wanted(self) -> Rehearsal:
        asked = dict(self.validated_data)
        return Rehearsal(caller=asked.pop("from"), dialled=asked.pop("to"), **asked)


class DryRun(APIView):
    permission_classes = [MaySeeFlows]

    def post(self, request: Request, flow: int) -> Response:
        asked = DryRunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            version, report = rehearse(get_object_or_404(Flow, pk=flow), asked.wanted())
        except NotFound as refused:
            raise serializers.ValidationError({"version": [str(refused)]}) from None
        except UnknownOutcome as refused:
            raise serializers.ValidationError({"outcomes": [str(refused)]}) from None
        of_version = {"flow": version.flow.name, "version": version.number, "state": version.state}
        of_call = {"end": report.end, "variables": report.variables, "unused_digits": report.unused}
        return Response({**of_version, "steps": [_step(line) for line in report.lines], **of_call})


def _step(line: Line) -> dict[str, Any]:
    at = datetime.fromtimestamp(line.at, tz=timezone.get_current_timezone())
    return {**msgspec.to_builtins(line), "at": at.isoformat(timespec="milliseconds"), "seconds": round(line.seconds, 3)}
