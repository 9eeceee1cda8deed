"""What the switch must know of the configuration: one frozen picture, loaded by loading.py, replaced as a whole (QU-17). PURE."""

from collections.abc import Container

from msgspec import Struct

from apps.accounts.codes import PhoneCodes
from apps.accounts.presence import AgentRules
from apps.audio.prompts import say
from apps.flows.graph import FlowGraph
from apps.flows.known import NOTHING, Known
from apps.flows.run import Say
from apps.outbound.rules import OutboundRules
from apps.queues.acd.state import AcdConfiguration
from apps.telephony.protocol import HEADER_TRUNK, Dial, Proof
from contactcenter.lib import phone


class Number(Struct, frozen=True):
    """An access number and the flow it leads to."""

    id: int
    number: str
    name: str
    flow: int


class Agent(Struct, frozen=True):
    id: int
    name: str
    rules: AgentRules
    profiles: tuple[int, ...]  # that he may log on with
    team: int = 0
    calls_out: int = 0  # that he may begin in a day
    recording_out: str = "off"  # mode in which they are recorded
    language: str = "nb"
    confirms: bool = False  # his external phone must confirm each call with a key


class Earlier(Struct, frozen=True):
    """What was played until something else replaced it. Unix seconds; `file` absolute."""

    since: float
    until: float
    file: str


class Outbound(Struct, frozen=True):
    """How telephone numbers are reached over one trunk: `uri` and `route` as SIP URIs, `{number}` in the first replaced by the number.

    `written`: how the operator writes numbers (contactcenter/lib/phone.py). `home`: domain of our account there.
    """

    uri: str
    route: str
    caller_id: str
    trunk: str = ""  # its id
    written: str = "plus"
    country: str = "NO"
    home: str = ""
    proof: Proof | None = None

    def dial(self, *, call: str, leg: str, number: str, timeout: float, shown: str = "") -> Dial:
        """`number`: E.164. `shown`: the caller id; empty: the trunk's own. The front door learns the trunk's id, and keeps it to itself."""
        return Dial(
            call=call,
            leg=leg,
            uri=self.uri.format(number=phone.sent(number, self.country, self.written)),
            caller=phone.sent(shown or self.caller_id, self.country, self.written),
            headers={HEADER_TRUNK: self.trunk} if self.trunk else {},
            timeout=timeout,
            route=self.route,
            home=self.home,
            proof=self.proof,
        )


def first_fit(outbounds: tuple[Outbound, ...], unfit: Container[str]) -> Outbound | None:
    """The first that is not among `unfit` (ids of trunks); if none is fit, the first all the same: it may have recovered meanwhile."""
    return next((outbound for outbound in outbounds if outbound.trunk not in unfit), outbounds[0] if outbounds else None)


class Configuration(Struct, frozen=True, kw_only=True):
    numbers: dict[str, Number]  # by number
    flows: dict[int, FlowGraph]  # active version, by flow
    acd: AcdConfiguration
    agents: dict[int, Agent]
    pause_reasons: tuple[str, ...]
    prompts: dict[int, dict[str, str]]  # sound -> language -> file
    earlier: dict[str, tuple[Earlier, ...]] = {}  # file -> what was played in its place, within the last day
    system_sounds: dict[str, int] = {}  # key -> sound
    known: Known = NOTHING  # what steps of flows look up
    codes: PhoneCodes = PhoneCodes()  # of people who may record sounds by telephone
    sounds: frozenset[int] = frozenset()  # all that there are, heard or not
    hold_music: tuple[str, ...]
    ringing_tone: tuple[str, ...]  # while the flow dials a number for the caller
    recordings: str  # folder on the media machine
    country: str
    calls_out: OutboundRules = OutboundRules()
    outbound: Outbound | None = None  # of `outbounds`: the one that calls take now
    outbounds: tuple[Outbound, ...] = ()  # in the order in which they are wanted
    written: dict[str, str] = {}  # trunk's id -> how its operator writes numbers

    def e164(self, text: str, trunk: str) -> str:
        """A number as it came over `trunk` (its id), as E.164; what is none (a short number, a name) as it came."""
        return phone.received(text, self.country, self.written.get(trunk, "plus")) or text

    def files(self, prompts: tuple[int | str | Say, ...], language: str) -> tuple[str, ...]:
        """The files of `prompts` (ids, keys of system sounds, texts to say) in `language`, else in any other.

        Errors: LookupError names the sound that has no file.
        """
        return tuple(self._file(sound, language) for prompt in prompts for sound in _sounds(prompt, language))

    def as_of(self, files: tuple[str, ...], began: float) -> tuple[str, ...]:
        """`files` as they were when a call began (Unix seconds): a change is for the next call; others keep the old one."""
        return tuple(self._as_of(file, began) for file in files)

    def _as_of(self, file: str, began: float) -> str:
        return next((old.file for old in self.earlier.get(file, ()) if old.since <= began < old.until), file)

    def _file(self, prompt: int | str, language: str) -> str:
        sound = self.system_sounds.get(prompt, 0) if isinstance(prompt, str) else prompt
        versions = self.prompts.get(sound, {})
        file = versions.get(language) or next(iter(versions.values()), "")
        if not file:
            raise LookupError(f"sound {prompt} has no file")
        return file


def _sounds(prompt: int | str | Say, language: str) -> tuple[int | str, ...]:
    return say(prompt.text, prompt.how, language) if isinstance(prompt, Say) else (prompt,)
