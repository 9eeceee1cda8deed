"""What `make run` says, in words, before it starts anything (PF-07)."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contactcenter.runner.preflight import NotPossible, Port, check_ports, only_one

BASE = Path(__file__).parents[2]


def listener(kind: socket.SocketKind) -> socket.socket:
    taken = socket.socket(socket.AF_INET, kind)
    taken.bind(("127.0.0.1", 0))
    if kind == socket.SOCK_STREAM:
        taken.listen()
    return taken


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_in_use_is_told_with_the_setting_that_changes_it(kind: socket.SocketKind):
    with listener(kind) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(NotPossible) as refusal:
            check_ports([Port("127.0.0.1", number, "web pages", "CC_WEB_PORT", (kind,))])
    assert f"Port {number}" in str(refusal.value) and "CC_WEB_PORT=" in str(refusal.value) and "in use" in str(refusal.value)


def test_all_ports_in_use_are_told_at_once():
    with listener(socket.SOCK_STREAM) as one, listener(socket.SOCK_STREAM) as two:
        ports = [Port("127.0.0.1", taken.getsockname()[1], "x", setting) for taken, setting in ((one, "CC_A"), (two, "CC_B"))]
        with pytest.raises(NotPossible) as refusal:
            check_ports(ports)
    assert "CC_A" in str(refusal.value) and "CC_B" in str(refusal.value)


def test_a_free_port_is_no_problem():
    with listener(socket.SOCK_STREAM) as taken:
        number = taken.getsockname()[1]
    check_ports([Port("127.0.0.1", number, "x", "CC_X", (socket.SOCK_STREAM, socket.SOCK_DGRAM))])


def test_an_address_of_another_machine_is_no_address_here():
    with pytest.raises(NotPossible, match="cannot be used"):
        check_ports([Port("192.0.2.1", 9, "x", "CC_X")])


def test_a_second_run_on_the_same_data_folder_is_told_of_the_first(tmp_path: Path):
    with only_one(tmp_path), pytest.raises(NotPossible) as refusal, only_one(tmp_path):
        pass
    assert str(tmp_path) in str(refusal.value) and str(os.getpid()) in str(refusal.value) and "CC_VAR" in str(refusal.value)


def test_after_the_first_has_ended_the_folder_is_free_again(tmp_path: Path):
    for _ in range(2):
        with only_one(tmp_path):
            pass


def test_a_killed_run_leaves_no_lock_behind(tmp_path: Path):
    source = "import sys, time, pathlib\nfrom contactcenter.runner.preflight import only_one\n"
    source += "with only_one(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(600)"
    first = subprocess.Popen([sys.executable, "-c", source, str(tmp_path)], stdout=subprocess.PIPE, cwd=BASE)
    assert first.stdout.readline()
    first.kill()
    first.wait()
    with only_one(tmp_path):
        pass


def test_make_run_on_a_taken_port_ends_at_once_and_touches_nothing(tmp_path: Path):
    with listener(socket.SOCK_STREAM) as taken:
        port = str(taken.getsockname()[1])
        began = time.monotonic()
        env = {**os.environ, "CC_VAR": str(tmp_path), "CC_WEB_PORT": port, "CC_TRUNK_PORT": port}
        done = subprocess.run([sys.executable, "-m", "contactcenter.runner"], cwd=BASE, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "CC_WEB_PORT" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "contactcenter.sqlite3").exists() and time.monotonic() - began < 10


def test_the_data_folder_is_of_its_owner_alone(tmp_path: Path):
    """PF-07: it holds sessions, password hashes and recordings."""
    var = tmp_path / "var"
    code = "import os; os.umask(0o022); import contactcenter.settings"
    subprocess.run([sys.executable, "-c", code], cwd=BASE, env={**os.environ, "CC_VAR": str(var), "SECRET_KEY": ""}, check=True)
    assert [path.stat().st_mode & 0o777 for path in (var, var / "secret_key")] == [0o700, 0o600]
