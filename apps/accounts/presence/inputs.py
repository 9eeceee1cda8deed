"""What happens to an agent: the inputs of his presence. PURE."""

from msgspec import Struct


class Input(Struct, frozen=True):
    """What happened to an agent; from the switch."""


class LoggedOn(Input, frozen=True):
    """To the queues; into a pause directly if `pause` is its reason (AS-04). While logged on: a change of profile or phone."""

    profile: int
    phone: str = "softphone"
    pause: str = ""


class LoggedOff(Input, frozen=True):
    reason: str = "log_off"


class ReadyChosen(Input, frozen=True):
    """Ends pause, wrap-up, busy and no answer; in a call it takes back what is pending."""


class PauseChosen(Input, frozen=True):
    reason: str


class CalledOut(Input, frozen=True):
    """He calls somebody (OB-01): no call is offered to him until that is over. A pause goes on after it."""


class FoundInCall(Input, frozen=True):
    """He talks to a customer, and his status did not know it (the watchdog of the switch). A pause goes on after it."""


class Offered(Input, frozen=True):
    """The distribution chose him, and his phone is being rung."""


class Returned(Input, frozen=True):
    """His own transfer failed, and its customer rings him again (TR-04): also in the wrap-up that the transfer began."""


class OfferAnswered(Input, frozen=True):
    pass


class OfferRejected(Input, frozen=True):
    """He clicked Reject, or refused on his external phone."""


class PhoneBusy(Input, frozen=True):
    """His external phone was busy: the offer does not count as one (QU-06)."""


class OfferUnanswered(Input, frozen=True):
    pass


class OfferFailed(Input, frozen=True):
    """His phone could not be rung: no open page, no media path, an error of the network."""


class OfferWithdrawn(Input, frozen=True):
    """The caller is gone, or the call was taken back."""


class ConversationEnded(Input, frozen=True):
    """`wrap_up`: seconds, the queue's or the profile's (AS-02); 0 = none. `extendable`: by how many more, in all, the agent may extend it.

    `reason`: why, if nobody of the two hung up. `owes`: a disposition is demanded and not chosen yet; there is a wrap-up then, however
    short.
    """

    wrap_up: float = 0.0
    reason: str = ""
    owes: bool = False
    extendable: float = 0.0


class DispositionChosen(Input, frozen=True):
    """What the wrap-up owed is there, or is not demanded any more."""


class WrapUpExtended(Input, frozen=True):
    seconds: float


class TimePassed(Input, frozen=True):
    """`now` may have reached `until`; a timer too early or too late does no harm."""


class MidnightPassed(Input, frozen=True):
    """Of the time zone of the agent's team."""
