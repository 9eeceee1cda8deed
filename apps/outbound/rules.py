"""What agents may call, and which number is shown to whom they call (OB-01, OB-02). PURE.

rules = OutboundRules(prefixes={"+47829": False, "+47": True, "+": False})
rules.allows("+4722334455"), rules.allows("+4782912345"), rules.allows("+468123456")     # True, False, False
"""

from msgspec import Struct

from contactcenter.lib import phone


class CallerId(Struct, frozen=True):
    """A number that may be shown to people whom agents call. `teams`, `profiles`: who may choose it; `everybody`: all may.

    `queue`: whose dispositions are for calls that show it (decision 59); None: they have none.
    """

    id: int
    number: str
    name: str = ""
    everybody: bool = False
    teams: frozenset[int] = frozenset()
    profiles: frozenset[int] = frozenset()
    queue: int | None = None

    def is_for(self, team: int, profile: int | None) -> bool:
        return self.everybody or team in self.teams or profile in self.profiles


class OutboundRules(Struct, frozen=True):
    """`prefixes`: beginning of an E.164 number -> may it be called. `callers` in the order in which they are wanted."""

    prefixes: dict[str, bool] = {}
    callers: tuple[CallerId, ...] = ()

    def rule_for(self, number: str) -> str | None:
        """The longest prefix that `number` (E.164) begins with; None: there is no rule for it."""
        beginnings = (number[:length] for length in range(len(number), 0, -1))
        return next((beginning for beginning in beginnings if beginning in self.prefixes), None)

    def allows(self, number: str) -> bool:
        """The longest prefix decides; without any, all may be called but what its country bills as premium.

        That a whole country is allowed does not open its premium numbers: only a rule longer than the country code does.
        """
        rule = self.rule_for(number)
        if rule is not None and (not self.prefixes[rule] or len(rule) > len(phone.country_code(number))):
            return self.prefixes[rule]
        return not phone.is_premium(number)

    def callers_of(self, team: int, profile: int | None) -> tuple[CallerId, ...]:
        """Those that an agent of `team`, logged on with `profile`, may choose among; the first is what he gets if he does not choose."""
        return tuple(caller for caller in self.callers if caller.is_for(team, profile))

    def queue_of(self, shown: str) -> int | None:
        """Whose dispositions are for a call out that shows this number (E.164)."""
        return next((caller.queue for caller in self.callers if caller.number == shown), None)
