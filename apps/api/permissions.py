"""Who may ask what: the rights are those of admin (accounts/rights.py), whichever way somebody logs in."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class MaySeeFlows(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.has_perm("flows.view_flow") or request.user.has_perm("flows.change_flow"))
