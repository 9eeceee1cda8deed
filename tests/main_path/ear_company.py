"""What a test by ear adds to the demo company: a number that leads straight into a queue, two queues whose music is a tone, four agents.

Run as a program in the environment of a running product, because a test's own Django has another database. Prints JSON: profile -> id.

    python -m tests.main_path.ear_company 127.0.0.1:5090
"""

import json
import os
import sys

LINE = "+4722334499"
FRONT, EXPERTS = "Front", "Experts"  # queues, and the profiles that serve them
MUSIC_HZ = {FRONT: 1700, EXPERTS: 2100}
AT_DESKS, ON_TELEPHONES = ("ada", "bo"), ("cleo", "dag")


def build(telephones: str) -> dict[str, int]:
    """`telephones`: host:port where all numbers outside lead. There is no wrap-up: who has left his customer is free."""
    from django.conf import settings

    from apps.accounts.models import Team, User
    from apps.flows import services as flows
    from apps.numbers.models import AccessNumber, Trunk

    team = Team.objects.create(name="By ear")
    for name in AT_DESKS + ON_TELEPHONES:
        user = User(username=name, first_name=name.title(), last_name="Ear", team=team, email=f"{name}@example.com", language="en")
        user.set_password(settings.DEMO_PASSWORD)
        user.save()
    (front, profile), (_, other) = _queue(FRONT, team), _queue(EXPERTS, team)
    draft = flows.draft_of(flows.create_flow(name="By ear", language="en"))
    step, end = flows.add_step(draft, "queue", FRONT, queue=front), flows.add_step(draft, "hang_up", "The end")
    flows.wire(step, {"full": end, "maximum_wait": end})
    flows.set_entrances(draft, start=step, default_exit=end)
    AccessNumber.objects.create(number=LINE, name="By ear", flow=flows.publish(draft).flow)
    for row in Trunk.objects.all():
        row.host, row.ping = telephones, False  # SIPp answers no questions
        row.save()
    return {FRONT: profile, EXPERTS: other}


def _queue(name: str, team):
    """And the profile that serves it."""
    from apps.accounts.models import Profile, ProfileSkill, Skill
    from apps.audio import services as audio
    from apps.audio import sound
    from apps.audio.models import Playlist, PlaylistItem, Prompt
    from apps.queues.models import Queue, QueueSkill

    piece, playlist = Prompt.objects.create(name=f"{name}'s tone", music=True), Playlist.objects.create(name=name)
    audio.add_version(piece, language="en", made=sound.tone(MUSIC_HZ[name], 20))
    PlaylistItem.objects.create(playlist=playlist, prompt=piece)
    queue, skill = Queue.objects.create(name=name, music=playlist, wrap_up=0, ring_timeout=60), Skill.objects.create(name=name)
    QueueSkill.objects.create(queue=queue, skill=skill)
    profile = Profile.objects.create(name=name, team=team, wrap_up=0)
    ProfileSkill.objects.create(profile=profile, skill=skill)
    return queue, profile.pk


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    import django

    django.setup()
    from django.db import transaction

    with transaction.atomic():  # the switch is told once
        ids = build(sys.argv[1])
    print(json.dumps(ids))  # noqa: T201 - it is the answer
