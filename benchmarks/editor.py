"""A flow of 300 steps in the editor, in Chromium on a real web process as it is installed: `.venv/bin/python -m benchmarks.editor`.

From navigation to the drawn diagram, and from sending a step's form to its answer; by the clock, and how long processors worked
for it. Needs Chromium.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import tell

OPENED, SAVED = 5, 40


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CC_VAR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
        import django

        django.setup()
        from tests.conftest import RedisServer
        from tests.desk.conftest import Web

        redis = RedisServer()
        web = Web(redis.url, "tests.editor.long_company")
        web.environment["CC_DEBUG"] = "0"
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], env=web.environment, check=True)
        try:
            web.start()
            measure(web)
        finally:
            web.stop()
            redis.stop()
            shutil.rmtree(web.folder, ignore_errors=True)


def measure(web) -> None:
    from tests.browser.chromium import Chromium
    from tests.desk.conftest import sign_in
    from tests.editor.conftest import HOME, Editor

    with Chromium(0) as chromium:
        page = chromium.context.new_page()
        sign_in(page, web, "ingrid", HOME)
        editor = Editor(page, web, "Long")
        work = Worked(web, chromium)
        opened = sorted(seconds(editor.open) for _ in range(OPENED))
        tell(f"editor: open {len(editor.steps())} steps, from navigation to the drawn diagram, median", opened[OPENED // 2], "s", 1.0)
        tell("editor: work of processors for that, server and page", sum(work.since()) / OPENED, "s", 1.0)
        editor.clicks("Step 3")
        work.since()
        saved = sorted(save(editor, number) for number in range(SAVED))
        tell("editor: save a step of them in the browser, median", saved[SAVED // 2], "ms", 200.0)
        tell("editor: save a step of them in the browser, 95th percentile", saved[int(SAVED * 0.95)], "ms", 200.0)
        server, page_work = work.since()
        tell("editor: work of the server's processors for that", 1000 * server / SAVED, "ms", 200.0)
        tell("editor: work of the page's processors for that", 1000 * page_work / SAVED, "ms", 200.0)


class Worked:
    """Seconds for which processors have worked: for the server, and for pages in the browser."""

    def __init__(self, web, chromium) -> None:
        self._server = web.process.pid
        self._browser = chromium.browser.new_browser_cdp_session()
        self._before = self._now()

    def since(self) -> tuple[float, float]:
        """Since the last question."""
        before, self._before = self._before, self._now()
        return self._before[0] - before[0], self._before[1] - before[1]

    def _now(self) -> tuple[float, float]:
        told = self._browser.send("SystemInfo.getProcessInfo")["processInfo"]
        return worked(self._server), sum(process["cpuTime"] for process in told if process["type"] == "renderer")


def worked(process: int) -> float:
    """By all its threads, also those that have ended (proc_pid_stat(5): utime and stime)."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def save(editor, number: int) -> float:
    """Milliseconds from the request to the end of its answer, as the browser measures them."""
    editor.page.locator("#step-form #id_repeat").fill(str(number % 9))
    with editor.page.expect_response(lambda answer: "panel=1" in answer.url and answer.request.method == "POST") as answer:
        editor.page.locator("#side-title").click()
    answer.value.finished()
    editor.is_saved()
    timing = answer.value.request.timing
    return timing["responseEnd"] - timing["requestStart"]


if __name__ == "__main__":
    main()
