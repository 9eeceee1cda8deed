"""How the web process, the API and jobs ask something of the switch; nobody else speaks to a cell."""

from apps.switch.requests import Reply, Request, decode_reply
from contactcenter.lib import bus

NO_ANSWER = Reply("no_answer_from_switch")


def ask(request: Request) -> Reply:
    """The switch's answer to `request`, which must have a fresh `reply_to`. Nobody answers for 5 s: code no_answer_from_switch."""
    answer = bus.ask(bus.client(), bus.INBOX, request)
    return decode_reply(answer) if answer else NO_ANSWER
