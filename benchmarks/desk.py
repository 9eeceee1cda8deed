"""The agent's desk in Chromium on a real web process, as it is installed: `.venv/bin/python -m benchmarks.desk`.

How soon it is usable on a cold cache; and whether it paints 60 frames a second while 200 updates of queues arrive each second over its
WebSocket, for an agent at work: he talks by softphone, what he writes stands in the note, 200 calls are in his day, and of the customer on
his card several contacts and earlier calls with notes are known. Needs Chromium.
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
NAMES = ("Support", "Sales")
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
        web = Web(redis.url, company="benchmarks.desk_company")
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
    from tests.desk.conftest import Desk
    from tests.desk.peer import Peer
    from tests.fakes.pages_gateway import PagesGateway
    from tests.fakes.pages_switch import PagesSwitch

    with Chromium() as chromium, chromium.visit() as elsewhere:
        peer = Peer(elsewhere.context.new_page())
        with PagesSwitch(redis_url) as switch, PagesGateway(redis_url, peer.answers) as gateway:
            page = chromium.context.new_page()
            page.set_viewport_size({"width": 1280, "height": 720})
            desk = Desk(page, web, switch, gateway, peer, chromium).log_in("anna")
            opened = sorted(cold(page, web) for _ in range(OPENED))
            tell("desk: usable after navigation on a cold cache, median", opened[OPENED // 2] / 1000, "s", 1.5)
            tell("desk: usable after navigation on a cold cache, slowest", opened[-1] / 1000, "s", 1.5)
            painting(desk)
        peer.stop()


def at_work(desk) -> None:
    """In a call, with all that the page can have on it."""
    from apps.switch import board
    from benchmarks.desk_company import CALLS, CUSTOMER
    from tests.desk.states import CHOICES
    from tests.product import until

    page, switch = desk.page, desk.switch
    page.locator("#log-on [name=profile]").select_option(label="Support and sales")
    desk.log_on()
    for queue, name in enumerate(NAMES, 1):
        switch.put(board.queue_topic(queue), board.QueueDocument(queue, name))
    switch.dispositions = CHOICES
    switch.ring(desk.agent, caller=CUSTOMER, caller_name="")
    desk.panel("ringing")
    page.keyboard.press("Enter")
    until(lambda: desk.chromium.has_media(page), "there is sound")
    switch.connect(desk.agent)
    desk.panel("talking")
    page.locator("#note").fill("Wants to know where the goods are")
    seen = {"#queues .queue": len(NAMES), "#day-calls li": CALLS, "#contacts li": 3, "#earlier li": 5, "#dispositions button": len(CHOICES)}
    for what, count in seen.items():
        page.wait_for_function("([what, count]) => document.querySelectorAll(what).length === count", arg=[what, count])


def painting(desk) -> None:
    arrived: list[int] = []
    desk.page.on("websocket", lambda socket: socket.on("framereceived", lambda text: arrived.extend(queues_in(text))))
    desk.page.reload()
    at_work(desk)
    devtools = desk.page.context.new_cdp_session(desk.page)
    devtools.send("Performance.enable")
    stop, made = threading.Event(), [0]
    flood = threading.Thread(target=updates, args=(desk.switch, stop, made))
    flood.start()
    try:
        desk.page.wait_for_function("Number(document.querySelector('#queues .waiting').textContent) > 2")
        arrived.clear()
        first, before = made[-1], busy(devtools)
        frames = desk.page.evaluate(FRAMES, SECONDS)
        share = 100 * (busy(devtools) - before) / SECONDS
        desk.panel("talking")
    finally:
        stop.set()
        flood.join()
    gaps = sorted(after - before for before, after in zip(frames, frames[1:], strict=False))
    of = "of an agent in a call"
    tell(f"desk {of}: frames a second while {PER_SECOND} updates of queues arrive", len(gaps) / SECONDS, "1/s", 59.0, better="higher")
    tell(f"desk {of}: documents a second that reached the page meanwhile", len(arrived) / SECONDS, "1/s", 60.0, better="higher")
    tell(f"desk {of}: updates a second that were made meanwhile", (made[-1] - first) / SECONDS, "1/s", 0.95 * PER_SECOND, better="higher")
    tell(f"desk {of}: longest time between two frames meanwhile", gaps[-1], "ms", 50.0)
    tell(f"desk {of}: the page's main thread is busy meanwhile", share, "%", 50.0)


def busy(devtools) -> float:
    """Seconds for which the page's main thread has had something to do."""
    metrics = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"]


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
            name=NAMES[queue - 1],
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
