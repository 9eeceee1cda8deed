"""How templates write durations."""

from django import template

from apps.calls import wording

register = template.Library()
register.filter("duration", wording.duration)
