"""What the switch must know of the configuration: one frozen picture, loaded by loading.py, replaced as a whole (QU-17). PURE."""

from msgspec import Struct

from apps.accounts.presence import AgentRules
from apps.flows.graph import FlowGraph
from apps.flows.known import NOTHING, Known
from apps.queues.acd.state import AcdConfiguration


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


class Outbound(Struct, frozen=True):
    """How a telephone number is reached: `uri` and `route` as SIP URIs, `{number}` in the first replaced by the number."""

    uri: str
    route: str
    caller_id: str


class Configuration(Struct, frozen=True, kw_only=True):
    numbers: dict[str, Number]  # by number
    flows: dict[int, FlowGraph]  # active version, by flow
    acd: AcdConfiguration
    agents: dict[int, Agent]
    pause_reasons: tuple[str, ...]
    prompts: dict[int, dict[str, str]]  # sound -> language -> file
    system_sounds: dict[str, int] = {}  # key -> sound
    known: Known = NOTHING  # what steps of flows look up
    hold_music: tuple[str, ...]
    ringing_tone: tuple[str, ...]  # while the flow dials a number for the caller
    recordings: str  # folder on the media machine
    country: str
    outbound: Outbound | None = None

    def files(self, prompts: tuple[int | str, ...], language: str) -> tuple[str, ...]:
        """The files of `prompts` (ids, or keys of system sounds) in `language`, else in any other.

        Errors: LookupError names the sound that has no file.
        """
        return tuple(self._file(prompt, language) for prompt in prompts)

    def _file(self, prompt: int | str, language: str) -> str:
        sound = self.system_sounds.get(prompt, 0) if isinstance(prompt, str) else prompt
        versions = self.prompts.get(sound, {})
        file = versions.get(language) or next(iter(versions.values()), "")
        if not file:
            raise LookupError(f"sound {prompt} has no file")
        return file
