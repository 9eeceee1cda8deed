"""The agent's desk."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts.rights import who
from apps.desk import first_paint
from apps.live import audience


@never_cache
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    user = who(request)
    if not audience.may_use_desk(user):
        raise PermissionDenied(_("The desk is for people who have a profile to log on with. Ask your administrator for one."))
    return render(request, "desk/desk.html", first_paint.context(user))
