"""Survey answers: facts become rows, are listed and filtered, and have an average (IV-01)."""

import pytest
from django.urls import reverse

from apps.accounts.models import Role, Team
from apps.calls import services, survey
from apps.calls.models import SurveyAnswer
from apps.events import vocabulary as v
from tests.calls.story import CALL, OTHER_CALL, START, entries, facts

LIST = "admin:calls_surveyanswer_changelist"


def answered(company, call: str, question: str, answer: int, after: float = 180.0) -> v.SurveyAnswered:
    return v.SurveyAnswered(at=START + after, call=call, step=9, flow_version=company.version.pk, question=question, answer=answer)


@pytest.fixture
def answers(company) -> list[SurveyAnswer]:
    told = [
        *facts(company),
        answered(company, CALL, "Satisfied?", 5),
        answered(company, CALL, "Again?", 1),
        *facts(company, OTHER_CALL, START + 86_400),
        answered(company, OTHER_CALL, "Satisfied?", 2, after=86_600),
    ]
    services.read(entries(told))
    return list(SurveyAnswer.objects.order_by("seq"))


@pytest.fixture
def administrator(company, client):
    client.force_login(company.person("ada", "Ada", "Lie", role=Role.ADMINISTRATOR, language="en"))
    return client


def listed(client, **query) -> list[tuple[str, int]]:
    return [(row.question, row.answer) for row in reversed(client.get(reverse(LIST), query).context["cl"].result_list)]


def test_an_answer_is_a_row_of_its_call_and_flow(company, answers):
    assert [(row.call_id, row.flow, row.question, row.answer) for row in answers] == [
        (CALL, company.flow, "Satisfied?", 5),
        (CALL, company.flow, "Again?", 1),
        (OTHER_CALL, company.flow, "Satisfied?", 2),
    ]


def test_reading_the_same_facts_again_changes_nothing(company, answers):
    services.read(entries([*facts(company), answered(company, CALL, "Satisfied?", 5)]))
    assert SurveyAnswer.objects.count() == len(answers)


def test_averages_are_of_each_question(answers):
    again, satisfied = survey.figures(SurveyAnswer.objects.all())
    assert (again.question, again.count, again.average) == ("Again?", 1, 1.0)
    assert (satisfied.question, satisfied.count, satisfied.average) == ("Satisfied?", 2, 3.5)
    assert [(share.answer, share.count, share.percent) for share in satisfied.shares] == [(2, 1, 50), (5, 1, 50)]


def test_the_list_is_filtered_by_question_flow_and_date_and_the_averages_with_it(administrator, company, answers):
    assert listed(administrator) == [("Satisfied?", 5), ("Again?", 1), ("Satisfied?", 2)]
    assert listed(administrator, question="Again?") == [("Again?", 1)]
    assert listed(administrator, flow__id__exact=company.flow.pk + 1) == []
    day = {"at_from_0": "2026-03-03", "at_from_1": "00:00:00", "at_to_0": "2026-03-03", "at_to_1": "23:59:59"}
    assert listed(administrator, **day) == [("Satisfied?", 2)]
    response = administrator.get(reverse(LIST), day)
    assert [(figure.question, figure.average) for figure in response.context["figures"]] == [("Satisfied?", 2.0)]
    assert "Averages of the answers below" in response.content.decode()


def test_a_team_leader_sees_the_answers_about_his_own_team(company, answers, client):
    client.force_login(company.liv)
    assert len(listed(client)) == 3
    company.anna.team = Team.objects.create(name="Others")
    company.anna.save()
    assert listed(client) == []


def test_answers_are_not_changed_by_hand(administrator, answers):
    assert administrator.get(reverse("admin:calls_surveyanswer_add")).status_code == 403
    assert administrator.post(reverse("admin:calls_surveyanswer_delete", args=[answers[0].pk]), {"post": "yes"}).status_code == 403


def test_the_time_line_tells_the_answer(administrator, answers):
    html = administrator.get(reverse("admin:calls_call_change", args=[CALL])).content.decode()
    assert "Answered “Satisfied?” with 5" in html


def test_the_list_takes_the_same_queries_however_many_answers(administrator, company, answers, django_assert_max_num_queries):
    more = [answered(company, CALL, f"Question {number}", 3, after=200 + number) for number in range(30)]
    services.read(entries(more, first_seq=1000))
    with django_assert_max_num_queries(16):
        administrator.get(reverse(LIST))
