"""What the benchmark configures in the demo company of a running product, as an administrator would.

`python -m benchmarks.latency.company HOST:PORT` in the product's environment: a trunk that leads to the agents' telephones, no wrap-up, and
a number whose menu leads to three queues: the demo's with its music and its welcome, a silent one, and one with a second of wrap-up.
The last line of its output is one JSON object: the ids.
"""

import json
import sys

import django

NUMBER = "+4722334499"
AGENT, AT_HIS_DESK = "anna", "per"  # with a telephone; with a softphone
PROFILE = "Support and sales"


def main() -> None:
    django.setup()
    from django.conf import settings

    from apps.accounts.models import Profile, Skill, User
    from apps.audio.models import Prompt
    from apps.flows import services as flows
    from apps.flows.models import Flow
    from apps.numbers.models import AccessNumber, Trunk
    from apps.queues.models import Queue, QueueSkill

    trunk = Trunk.objects.get()
    trunk.host = sys.argv[1]
    trunk.save()
    Profile.objects.update(wrap_up=0)
    busy = Queue.objects.get(name="Support")
    silent = Queue.objects.create(name="Silent", recording_mode="forced")
    tired = Queue.objects.create(name="Tired", recording_mode="forced", wrap_up=1)
    for queue in (silent, tired):
        QueueSkill.objects.create(queue=queue, skill=Skill.objects.get(name="Support"))
    version = flows.draft_of(flows.create_flow(name="Benchmark", language="en"))
    menu = flows.add_step(version, "menu", "Menu", prompt=Prompt.objects.get(name="Main menu"), choices=dict.fromkeys("123", "Queue"))
    end = flows.add_step(version, "hang_up", "End")
    waits = [flows.add_step(version, "queue", queue.name, queue=queue) for queue in (busy, silent, tired)]
    for wait in waits:
        flows.wire(wait, {"no_agents": end, "full": end, "maximum_wait": end})
    flows.wire(menu, {"1": waits[0], "2": waits[1], "3": waits[2], "maximum_tries": end})
    flows.set_entrances(version, start=menu, default_exit=end)
    flows.publish(version)
    AccessNumber.objects.create(number=NUMBER, name="Benchmark", flow=Flow.objects.get(name="Benchmark"))
    user = User.objects.get(username=AGENT)
    told = {"redis": settings.REDIS_URL, "agent": user.pk, "profile": Profile.objects.get(name=PROFILE).pk, "queue": busy.pk}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
