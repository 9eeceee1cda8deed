"""Who may ask what: the rights are those of admin (accounts/rights.py), whichever way somebody logs in."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts.models import Role, User


class HasAgents(BasePermission):
    """May let somebody call, be it only himself; whom, `rights.agents_of` says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.role != Role.WALLBOARD


class MaySeeFlows(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.has_perm("flows.view_flow") or request.user.has_perm("flows.change_flow"))
