"""The agent's desk in Chromium on a real web process, as it is installed: `.venv/bin/python -m benchmarks.desk`.

How soon it is usable on a cold cache, and whether it paints 60 frames a second while 200 updates of queues arrive each second over
its WebSocket. Needs Chromium.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from benchmarks.figures import tell

OPENED = 5
SECONDS, PER_SECOND = 10, 200
USABLE = """
() => new Promise((resolve) => {
  const look = () => (document.body?.dataset.link === 'online' ? resolve(performance.now()) : requestAnimationFrame(look));
  look();
})
"""
FRAMES = """
(seconds) => new Promise((resolve) => {
  const times = [];
  const frame = (now) => {
    times.push(now);
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(frame);
    else resolve(times);
  };
  requestAnimationFrame(frame);
})
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CC_VAR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
        import django

        django.setup()
        from tests.conftest import RedisServer
        from tests.desk.conftest import Web

        redis = RedisServer()
        web = Web(redis.url)
        web.environment["CC_DEBUG"] = "0"
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], env=web.environment, check=True)
        try:
            web.start()
            measure(web, redis.url)
        finally:
            web.stop()
            redis.stop()
            shutil.rmtree(web.folder, ignore_errors=True)


def measure(web, redis_url: str) -> None:
    from tests.browser.chromium import Chromium
    from tests.desk.conftest import sign_in
    from tests.fakes.pages_gateway import PagesGateway
    from tests.fakes.pages_switch import PagesSwitch

    with PagesSwitch(redis_url) as switch, PagesGateway(redis_url), Chromium(0) as chromium:
        page = chromium.context.new_page()
        arrived: list[int] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda text: arrived.extend(queues_in(text))))
        page.set_viewport_size({"width": 1280, "height": 720})
        sign_in(page, web, "anna")
        opened = sorted(cold(page, web) for _ in range(OPENED))
        tell("desk: usable after navigation on a cold cache, median", opened[OPENED // 2] / 1000, "s", 1.5)
        tell("desk: usable after navigation on a cold cache, slowest", opened[-1] / 1000, "s", 1.5)
        stop, made = threading.Event(), [0]
        flood = threading.Thread(target=updates, args=(switch, stop, made))
        flood.start()
        try:
            page.wait_for_function("document.querySelectorAll('#queues .queue').length === 2")
            arrived.clear()
            first = made[-1]
            frames = page.evaluate(FRAMES, SECONDS)
        finally:
            stop.set()
            flood.join()
        gaps = sorted(after - before for before, after in zip(frames, frames[1:], strict=False))
        tell(f"desk: frames a second while {PER_SECOND} updates of queues arrive", len(gaps) / SECONDS, "1/s", 59.0, better="higher")
        tell("desk: documents a second that reached the page meanwhile", len(arrived) / SECONDS, "1/s", 60.0, better="higher")
        tell("desk: updates a second that were made meanwhile", (made[-1] - first) / SECONDS, "1/s", 0.95 * PER_SECOND, better="higher")
        tell("desk: longest time between two frames meanwhile", gaps[-1], "ms", 50.0)


def cold(page, web) -> float:
    """Milliseconds from navigation until the page is connected, with nothing in the browser's cache."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.clearBrowserCache")
    page.goto(f"{web.url}/desk/", wait_until="commit")
    return page.evaluate(USABLE)


def queues_in(text: str) -> list[int]:
    """The newest of each queue: what came while the page had not seen the batch before is told once."""
    message = json.loads(text)
    return [entry["seq"] for entry in message.get("entries", ()) if entry["topic"].startswith("queue:")]


def updates(switch, stop: threading.Event, made: list[int]) -> None:
    """As many as PER_SECOND, of both queues that the agent sees, each another than before."""
    from apps.switch import board

    began, number = time.monotonic(), 0
    while not stop.is_set():
        number += 1
        queue = 1 + number % 2
        document = board.QueueDocument(
            queue=queue,
            name=("Support", "Sales")[queue - 1],
            waiting=number % 40,
            oldest=time.time(),
            logged_on=9,
            ready=number % 9,
            connected=3,
        )
        switch.put(board.queue_topic(queue), document)
        made[-1] = number
        stop.wait(max(0.0, began + number / PER_SECOND - time.monotonic()))


if __name__ == "__main__":
    main()
