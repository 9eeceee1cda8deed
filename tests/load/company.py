"""What a test of many calls adds to the demo company: agents, a queue that records, and a number that leads straight into it.

Run as a program in the environment of a product that is up (`add`), because a test's own Django has another database.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from msgspec import Struct
from msgspec import json as msgspec_json

from tests import tones
from tests.product import Product

ROOT = Path(__file__).resolve().parents[2]
LINE = "+4722000000"
QUEUE = "Busy hour"
MUSIC_HZ = 340  # what those hear who wait or are held: a tone, so that each gap in it shows
MUSIC_SECONDS = 20
MOST_CALLS = 1_000


class Plan(Struct, frozen=True):
    """`phones`: host:port that answers for all numbers outside."""

    agents: int
    phones: str
    wrap_up: int = 0
    recording_mode: str = "forced"
    ring_timeout: int = 60  # machines that test are slow


class Added(Struct, frozen=True):
    redis_url: str
    queue: int
    profile: int
    agents: dict[str, int]  # user name -> id


def add(product: Product, plan: Plan) -> Added:
    """Errors: CalledProcessError; what was wrong is on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.company", msgspec_json.encode(plan).decode()],
        cwd=ROOT, env=product.environment, stdout=subprocess.PIPE, check=True, timeout=60,
    )  # fmt: skip
    return msgspec_json.decode(done.stdout.splitlines()[-1], type=Added)


def _build(plan: Plan) -> Added:
    from django.conf import settings
    from django.db import transaction

    from apps.accounts.models import Skill
    from apps.numbers.models import Trunk
    from apps.queues.models import Queue, QueueSkill

    with transaction.atomic():
        skill = Skill.objects.create(name=QUEUE)
        queue = Queue.objects.create(
            name=QUEUE, music=_music(), wrap_up=plan.wrap_up, recording_mode=plan.recording_mode, ring_timeout=plan.ring_timeout
        )
        QueueSkill.objects.create(queue=queue, skill=skill)
        profile, agents = _people(plan, skill)
        _number(queue)
        for trunk in Trunk.objects.all():
            trunk.host, trunk.maximum_calls, trunk.ping = plan.phones, MOST_CALLS, False  # SIPp takes every request for a call
            trunk.save()
    return Added(settings.REDIS_URL, queue.pk, profile, agents)


def _people(plan: Plan, skill) -> tuple[int, dict[str, int]]:
    from django.conf import settings
    from django.contrib.auth.hashers import make_password

    from apps.accounts.models import Profile, ProfileSkill, Team, User

    team = Team.objects.create(name=QUEUE)
    profile = Profile.objects.create(name=QUEUE, team=team)
    ProfileSkill.objects.create(profile=profile, skill=skill)
    agents, password = {}, make_password(settings.DEMO_PASSWORD)  # once: it takes a third of a second
    for index in range(plan.agents):
        names = {"username": f"agent{index:02d}", "first_name": "Agent", "last_name": f"{index:02d}", "email": f"a{index}@example.com"}
        user = User.objects.create(**names, team=team, password=password)
        agents[user.username] = user.pk
    return profile.pk, agents


def _music():
    from apps.audio import services
    from apps.audio.models import Playlist, PlaylistItem, Prompt

    with tempfile.TemporaryDirectory() as folder:
        sound = tones.tone_wav(Path(folder) / "tone.wav", MUSIC_HZ, MUSIC_SECONDS).read_bytes()
    playlist, piece = Playlist.objects.create(name=QUEUE), Prompt.objects.create(name=QUEUE, music=True)
    services.upload(piece, language="en", data=sound)
    PlaylistItem.objects.create(playlist=playlist, prompt=piece, position=0)
    return playlist


def _number(queue) -> None:
    from apps.flows import services as flows
    from apps.flows.models import Flow
    from apps.numbers.models import AccessNumber

    version = flows.draft_of(flows.create_flow(name=QUEUE, language="en"))
    step, end = flows.add_step(version, "queue", QUEUE, queue=queue), flows.add_step(version, "hang_up", "The end")
    flows.wire(step, {"full": end, "maximum_wait": end})
    flows.set_entrances(version, start=step, default_exit=end)
    flows.publish(version)
    AccessNumber.objects.create(number=LINE, name=QUEUE, flow=Flow.objects.get(name=QUEUE))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    django.setup()
    sys.stdout.buffer.write(msgspec_json.encode(_build(msgspec_json.decode(sys.argv[1], type=Plan))) + b"\n")
