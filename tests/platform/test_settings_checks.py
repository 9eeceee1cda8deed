"""`manage.py check` names settings that cannot work (PF-07)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contactcenter.checks import check_settings

BASE = Path(__file__).parents[2]

GOOD = {
    "REDIS_URL": "unix:///tmp/r.sock",
    "MEDIA_PORTS": (20000, 29999),
    "CELLS_MAX": 100,
    "CELLS_WARM": 4,
    "WEB_PORT": 8000,
    "TRUNK_PORT": 5060,
    "DEBUG": False,
    "ONLY_THIS_MACHINE": True,
    "BEHIND_PROXY": False,
}
WRONG = [
    ("contactcenter.E001", {"REDIS_URL": f"unix:///{'a' * 120}/redis.sock"}),
    ("contactcenter.E002", {"MEDIA_PORTS": (30000, 20000)}),
    ("contactcenter.E002", {"MEDIA_PORTS": (20000,)}),
    ("contactcenter.E002", {"MEDIA_PORTS": (80, 4000)}),
    ("contactcenter.E003", {"MEDIA_PORTS": (20000, 20100)}),
    ("contactcenter.E005", {"WEB_PORT": 70000}),
    ("contactcenter.E006", {"TRUNK_PORT": 20001}),
    ("contactcenter.E007", {"CELLS_WARM": 101}),
    ("contactcenter.E007", {"CELLS_WARM": 0}),
    ("contactcenter.E008", {"DEBUG": True, "ONLY_THIS_MACHINE": False, "BEHIND_PROXY": True}),
    ("contactcenter.W001", {"ONLY_THIS_MACHINE": False}),
]


@pytest.fixture
def good(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def test_the_defaults_are_right(good):
    assert check_settings(None) == []


@pytest.mark.parametrize(("problem", "changes"), WRONG)
def test_a_wrong_setting_is_named(good, problem: str, changes: dict):
    for name, value in changes.items():
        setattr(good, name, value)
    assert [message.id for message in check_settings(None)] == [problem]


def test_a_data_folder_that_is_not_there_is_named(good, tmp_path):
    good.VAR_DIR = tmp_path / "gone"
    assert [message.id for message in check_settings(None)] == ["contactcenter.E004"]


def test_a_socket_path_of_107_bytes_is_just_short_enough(good):
    good.REDIS_URL = f"unix:///{'a' * 106}"
    assert check_settings(None) == []


@pytest.mark.parametrize(
    ("environment", "local"),
    [
        ({}, "True"),
        ({"CC_ALLOWED_HOSTS": "cc.example.com"}, "False"),
        ({"CC_BEHIND_PROXY": "1"}, "False"),
        ({"CC_WEB_ADDRESS": "0.0.0.0"}, "False"),
    ],
)
def test_the_demo_company_is_for_pages_that_only_this_machine_reaches(environment: dict, local: str, tmp_path: Path):
    """PF-02: a proxy in front gives itself away by its host name, also when its setting was forgotten."""
    clean = {name: value for name, value in os.environ.items() if name not in ("CC_ALLOWED_HOSTS", "CC_BEHIND_PROXY", "CC_WEB_ADDRESS")}
    code = "from contactcenter import settings; print(settings.ONLY_THIS_MACHINE)"
    env = {**clean, "CC_VAR": str(tmp_path), **environment}
    assert subprocess.check_output([sys.executable, "-c", code], cwd=BASE, env=env, text=True).strip() == local
