"""From what an administrator saved to what the distribution works on."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse

from apps.accounts.models import Profile, Role, Skill, Team, User
from apps.audio.models import Playlist, Prompt
from apps.queues import services
from apps.queues.models import Disposition, Queue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def skill() -> Skill:
    return Skill.objects.create(name="Invoices")


def given_sound(name: str, *languages: str, active: bool = True) -> Prompt:
    prompt = Prompt.objects.create(name=name)
    for language in languages:
        prompt.versions.create(language=language, active=active, file=ContentFile(b"RIFF", name=f"{name}-{language}.wav"))
    return prompt


def given_queue(name: str = "Support", **fields) -> Queue:
    return Queue.objects.create(name=name, **fields)


def test_a_queue_is_read_with_its_skills_and_limits(skill):
    """QU-01."""
    queue = given_queue(service_level=None, order="longest_ready", ring_timeout=15, maximum_callers=9, maximum_wait=600, wrap_up=0)
    queue.skills.create(skill=skill, minimum_level=4)
    rules = services.load().queues[queue.pk]
    assert (rules.name, rules.skills, rules.service_level, rules.order) == ("Support", {skill.pk: 4}, None, "longest_ready")
    assert (rules.ring_timeout, rules.maximum_callers, rules.maximum_wait, rules.wrap_up) == (15, 9, 600, 0)


def test_a_profile_is_read_with_its_levels(skill):
    """QU-03, QU-04."""
    profile = Profile.objects.create(name="Expert", team=Team.objects.create(name="Oslo"), wrap_up=45, best_level_only=True)
    profile.skills.create(skill=skill, level=8)
    rules = services.load().profiles[profile.pk]
    assert (rules.name, rules.skills, rules.wrap_up, rules.best_level_only) == ("Expert", {skill.pk: 8}, 45, True)


def test_an_inactive_queue_is_not_read():
    queue = given_queue(active=False)
    assert queue.pk not in services.load().queues


def test_music_is_the_playlist_in_its_order_each_sound_once(tmp_path):
    """QU-01: one file per sound, in whatever language there is; sounds without an active version are passed over."""
    playlist = Playlist.objects.create(name="Calm")
    for position, sound in enumerate([given_sound("b", "en", "nb"), given_sound("draft", "nb", active=False), given_sound("a", "en")]):
        playlist.items.create(prompt=sound, position=position)
    queue = given_queue(music=playlist)
    assert services.load().queues[queue.pk].music == (f"{tmp_path}/audio/b-nb.wav", f"{tmp_path}/audio/a-en.wav")


def test_the_welcome_is_there_in_each_language(tmp_path):
    """QU-01."""
    queue = given_queue(welcome=given_sound("welcome", "en", "nb"))
    rules = services.load().queues[queue.pk]
    assert rules.welcome == (f"{tmp_path}/audio/welcome-nb.wav",)
    assert rules.welcome_by_language["en"] == (f"{tmp_path}/audio/welcome-en.wav",)


def test_the_number_of_queries_does_not_grow(django_assert_num_queries, skill):
    team = Team.objects.create(name="Oslo")
    for number in range(5):
        queue = given_queue(f"queue {number}", welcome=given_sound(f"welcome {number}", "nb"))
        queue.skills.create(skill=skill)
        Profile.objects.create(name=f"profile {number}", team=team).skills.create(skill=skill)
        Disposition.objects.create(queue=Queue.objects.get(name=f"queue {number}"), name="Sold")
    with django_assert_num_queries(7):
        services.load()


@pytest.mark.parametrize("field", ["maximum_callers", "maximum_wait"])
def test_a_limit_of_zero_is_refused_with_words_at_its_field(field):
    with pytest.raises(ValidationError) as refused:
        Queue(name="Support", **{field: 0}).full_clean()
    assert list(refused.value.message_dict) == [field]
    assert "Leave it empty" in refused.value.message_dict[field][0]


@pytest.fixture
def administrator(client) -> User:
    user = User.objects.create_superuser(
        "admin", password="a", team=Team.objects.create(name="Oslo"), role=Role.ADMINISTRATOR, language="en"
    )
    client.force_login(user)
    return user


def test_the_list_of_queues_says_what_matters_and_warns_of_queues_without_skill(
    client, administrator, skill, django_assert_max_num_queries
):
    given_queue("Sales", maximum_callers=3, maximum_wait=90).skills.create(skill=skill)
    given_queue("Support", service_level=None)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("admin:queues_queue_changelist")).content.decode()
    assert "3 callers · 90 s" in page
    assert "1 skill" in page
    assert "every agent" in page
    found = client.get(reverse("admin:queues_queue_changelist"), {"q": "Invoices"}).content.decode()
    assert ("Sales" in found, ">Support<" in found) == (True, False)


def test_an_administrator_makes_a_queue_with_its_skills_in_one_form(client, administrator, skill):
    """QU-01."""
    form = {
        "name": "Support", "active": "on",
        "service_level": "60", "order": "longest_since_offer", "ring_timeout": "20", "recording_mode": "off",
        "skills-TOTAL_FORMS": "1", "skills-INITIAL_FORMS": "0", "skills-0-skill": skill.pk, "skills-0-minimum_level": "3",
        "disposition_required": "on", "dispositions-TOTAL_FORMS": "2", "dispositions-INITIAL_FORMS": "0",
        "dispositions-0-name": "Not sold", "dispositions-0-position": "2", "dispositions-0-active": "on",
        "dispositions-1-name": "Sold", "dispositions-1-position": "1", "dispositions-1-active": "on",
    }  # fmt: skip
    answer = client.post(reverse("admin:queues_queue_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    queue = Queue.objects.get(name="Support")
    rules = services.load().queues[queue.pk]
    assert rules.skills == {skill.pk: 3}
    assert (rules.disposition_required, [one.name for one in rules.dispositions]) == (True, ["Sold", "Not sold"])


def test_an_inactive_disposition_is_not_offered_to_agents_and_two_of_a_queue_are_not_called_alike():
    queue = given_queue()
    Disposition.objects.create(queue=queue, name="Sold")
    Disposition.objects.create(queue=queue, name="Old one", active=False)
    assert [one.name for one in services.load().queues[queue.pk].dispositions] == ["Sold"]
    with pytest.raises(ValidationError) as refused:
        Disposition(queue=queue, name="Sold").full_clean()
    assert "already" in str(refused.value)


def test_a_skill_in_use_cannot_be_asked_for_twice(client, administrator, skill):
    queue = given_queue()
    queue.skills.create(skill=skill)
    with pytest.raises(ValidationError):
        queue.skills.model(queue=queue, skill=skill).full_clean()
