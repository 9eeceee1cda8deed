"""Who may record sounds by telephone, and which (AU-02): what the step that asks may not know itself. PURE.

Wrong codes are counted here, so that not one too many is looked at; the database counts them too, for a switch that begins.
"""

from apps.accounts import codes
from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.switch.state import Call
from apps.switch.world import World


def prove_code(world: World, call: Call, action: f.ProveCode) -> None:
    known = world.configuration.codes
    wrong = codes.of_last_hour(world.wrong_codes | set(known.wrong), world.now)
    if codes.blocked(wrong, call.id):
        world.fact(v.PhoneCodeRefused(at=world.now, call=call.id, reason="blocked", within_hour=len(wrong)))
        world.agenda.append((call.id, f.CodeProved(blocked=True)))
        return
    user = known.user_of(action.code)
    if user is None:
        world.wrong_codes = wrong | {(world.now, call.id)}
        world.fact(v.PhoneCodeRefused(at=world.now, call=call.id, reason="wrong", within_hour=len(world.wrong_codes)))
    world.agenda.append((call.id, f.CodeProved(user)))


def find_sound(world: World, call: Call, action: f.FindSound) -> None:
    """His right may have ended since he proved himself."""
    if action.user not in world.configuration.codes.users.values():
        world.agenda.append((call.id, f.SoundFound(allowed=False)))
        return
    sound = int(action.number) if int(action.number) in world.configuration.sounds else None
    if sound is not None and call.run is not None:
        language = world.graphs[call.run.version].language
        world.fact(v.PromptChosen(at=world.now, call=call.id, prompt=sound, by=action.user, language=language))
    world.agenda.append((call.id, f.SoundFound(sound)))
