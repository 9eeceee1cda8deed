"""What steps of a flow record of the caller alone, and play to him again. PURE."""

from datetime import UTC, datetime

from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.switch import session
from apps.switch.state import Call
from apps.switch.world import World


def start(world: World, call: Call, action: f.StartTape) -> None:
    path = path_of(world, call, action.recording)
    world.fact(
        v.RecordingBegan(
            at=world.now, call=call.id, recording=action.recording, agent=None, queue=None, mode="", path=path, tape=action.tape
        )
    )
    world.media(call, session.StartRecording(action.recording, path, tape=True))


def stop(world: World, call: Call, action: f.StopTape) -> None:
    if call.session.recording and call.session.recording.id == action.recording:
        world.media(call, session.EndRecording())


def path_of(world: World, call: Call, recording: str) -> str:
    """The same whenever it is asked for: in the folder of the day on which the call came."""
    day = datetime.fromtimestamp(call.arrived_at, tz=UTC).date().isoformat()
    return f"{world.configuration.recordings}/incoming/{day}/{recording}.wav"


def files(world: World, call: Call, prompts: tuple[f.Prompt, ...], language: str) -> tuple[str, ...]:
    """What a flow plays: sounds by the configuration, tapes by their own files. Errors: LookupError names a sound that has none."""
    return tuple(
        file
        for prompt in prompts
        for file in (
            (path_of(world, call, prompt.recording),) if isinstance(prompt, f.Tape) else world.configuration.files((prompt,), language)
        )
    )
