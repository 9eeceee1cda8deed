"""A number whose flow asks a web service, takes a message and orders a callback; and sounds that are spoken by telephone.

Run as a program in the environment of a running product, because a test's own Django has another database:

    python -m tests.main_path.outside build http://127.0.0.1:8080
    python -m tests.main_path.outside trunk 127.0.0.1:5090
    python -m tests.main_path.outside confirm yes
    python -m tests.main_path.outside key anna
    python -m tests.main_path.outside record +4722334455
    python -m tests.main_path.outside service +4722000078
"""

import os
import sys

import django

LINE = "+4722000077"
SECRET = "Bearer nobody-else-may-know"


def build(url: str) -> None:
    from apps.audio.models import Prompt
    from apps.flows import services as flows
    from apps.flows.models import WebBranch, WebReading
    from apps.numbers.models import AccessNumber

    flow = flows.create_flow(name="Outside", language="en")
    draft = flows.draft_of(flow)
    web = flows.add_step(
        draft, "web_request", "Customer", url=f"{url}/customers?number={{caller}}", header_name="Authorization", header_value=SECRET,
        branch_on="customer.level",
    )  # fmt: skip
    WebReading.objects.create(step=web, path="customer.name", variable="name")
    WebBranch.objects.create(step=web, value="gold", label="Gold")
    box = flows.add_step(draft, "voicemail", "Voicemail", prompt=Prompt.objects.get(key="beep"))
    callback, end = flows.add_step(draft, "callback", "Callback"), flows.add_step(draft, "hang_up", "The end")
    flows.wire(web, {"=gold": box, "next": end, "error": end})
    flows.wire(box, {"next": callback, "empty": end})
    flows.wire(callback, dict.fromkeys(("next", "already", "declined", "maximum_tries"), end))
    flows.set_entrances(draft, start=web, default_exit=end)
    flows.publish(draft)
    AccessNumber.objects.create(number=LINE, name="Outside", flow=flow)


def trunk(host: str) -> None:
    """Where calls out go."""
    from apps.numbers.models import Trunk

    for row in Trunk.objects.all():
        row.host, row.ping = host, False  # SIPp answers no questions
        row.save()


def confirm(wanted: str) -> None:
    """Whether external phones must confirm with a key: "yes", or not."""
    from apps.accounts.models import Team

    for team in Team.objects.all():
        team.confirm_external = wanted == "yes"
        team.save()


def key(user: str) -> None:
    """Prints the key with which a program logs in for `user`."""
    from rest_framework.authtoken.models import Token

    from apps.accounts.models import User

    print(Token.objects.get_or_create(user=User.objects.get(username=user))[0].key)  # noqa: T201 - it is the answer


def record(number: str) -> None:
    """What the page of a sound does when somebody presses *Call me*."""
    from apps.accounts.models import User
    from apps.audio.models import Prompt
    from apps.dictation import services

    prompt = Prompt.objects.create(name="Spoken by telephone")
    services.begin(prompt=prompt, language="en", number=number, by=User.objects.get(username="admin"))


def service(number: str) -> None:
    """A number to record sounds by, in English. Prints a telephone code and the number of a sound that has no version yet."""
    from apps.accounts import phone_codes
    from apps.accounts.models import User
    from apps.audio.models import Prompt
    from apps.flows import services as flows
    from apps.numbers.models import AccessNumber

    flow = flows.create_flow(name="Record sounds", language="en")
    draft = flows.draft_of(flow)
    step, end = flows.add_step(draft, "record_sound", "Record"), flows.add_step(draft, "hang_up", "The end")
    flows.wire(step, {"next": end, "refused": end})
    flows.set_entrances(draft, start=step, default_exit=end)
    flows.publish(draft)
    code = phone_codes.renew(User.objects.get(username="admin"))
    prompt = Prompt.objects.create(name="Spoken by calling in")
    AccessNumber.objects.create(number=number, name="Record sounds", flow=flow)
    print(code, prompt.pk)  # noqa: T201 - it is the answer


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    django.setup()
    {"build": build, "trunk": trunk, "confirm": confirm, "key": key, "record": record, "service": service}[sys.argv[1]](sys.argv[2])
