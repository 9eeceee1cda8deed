"""An external phone that must confirm a call with a key, so that no mailbox takes it. PURE.

The phone has answered and hears the question; nobody hears the phone. A caller goes on hearing his music and keeps his place.
"""

from apps.audio.prompts import PAUSE
from apps.events import vocabulary as v
from apps.switch import agent_phones, session
from apps.switch.state import Call
from apps.switch.world import World

YES, NO = "1", "2"
TAKE_CALL = "take_call"  # key of the system's sound
SECONDS = 10.0  # at the least, from the answer on: the question takes five, and is heard twice


def is_wanted(world: World, agent: int) -> bool:
    known = world.configuration.agents.get(agent)
    return known is not None and known.confirms and agent_phones.external(world, agent) != ""


def ask(world: World, call: Call, agent: int, sound: str) -> Call:
    """`sound`: key of the system's sound. Without a file for it a key is wanted all the same."""
    world.fact(v.ConfirmationAsked(at=world.now, call=call.id, agent=agent, leg=call.session.ringing))
    try:
        files = world.configuration.files((sound, PAUSE), world.configuration.agents[agent].language)
    except LookupError:
        files = ()
    return world.media(call, session.AskRinging(files))
