"""Flows of the system's own, for calls that it makes itself. PURE.

Their versions are negative: no row of the database has them, and a switch that takes a call up finds them in its snapshots.
"""

from apps.flows.graph import FlowGraph
from apps.flows.kinds.hang_up import HangUp
from apps.flows.kinds.record_prompt import RecordPrompt

LANGUAGES = ("nb", "en")
RECORD_PROMPT = "record_prompt"


def errand(name: str, language: str) -> FlowGraph:
    """Errors: KeyError, there is none of this name; ValueError, none in this language."""
    first, make = {RECORD_PROMPT: (-1, _record_prompt)}[name]
    return make(first - LANGUAGES.index(language), language)


def _record_prompt(version: int, language: str) -> FlowGraph:
    steps = (
        RecordPrompt(id=1, name="Record a sound", prompt="record_after_tone", exits={"next": 2, "empty": 2, "error": 2}),
        HangUp(id=2, name="The end"),
    )
    return FlowGraph(
        version=version, flow=0, name="Record a sound", language=language, start=1, default_exit=2, steps={step.id: step for step in steps}
    )
