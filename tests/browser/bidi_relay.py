"""Firefox for Playwright, which drives a Firefox as it is by WebDriver BiDi: started in its place, it stands between the two.

    python -m tests.browser.bidi_relay /usr/bin/firefox-esr --headless …

Playwright 1.65 sets the colour scheme of every visitor by a command that Firefox ESR 153 does not know, and gives up when it is refused.
The relay says yes in Firefox's place. When Debian's Firefox knows the command: delete this module, and give Playwright Firefox itself.
"""

import json
import re
import subprocess
import sys
import threading

from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

UNKNOWN = {"emulation.setMediaFeaturesOverride"}
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")  # Playwright reads it too


def main(command: list[str]) -> int:
    """Until Firefox ends. Its status is the program's."""
    firefox = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace")
    assert firefox.stderr
    for line in firefox.stderr:
        if found := LISTENING.search(line):
            line = line.replace(found[1], stand_before(found[1]))
        print(line, end="", file=sys.stderr, flush=True)  # noqa: T201 - what Firefox says goes on to who started it
    return firefox.wait()


def stand_before(firefox: str) -> str:
    """Listen in a thread. Returns the address that is like that of `firefox`."""
    server = serve(lambda playwright: relay(playwright, firefox), "127.0.0.1", 0, compression=None, max_size=None)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"ws://127.0.0.1:{server.socket.getsockname()[1]}"


def relay(playwright: ServerConnection, address: str) -> None:
    assert playwright.request
    with connect(address + playwright.request.path, compression=None, max_size=None) as firefox:
        threading.Thread(target=pass_on, args=(firefox, playwright), daemon=True).start()
        for message in playwright:
            command = json.loads(message)
            if command["method"] in UNKNOWN:
                playwright.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
            else:
                firefox.send(message)


def pass_on(firefox: ClientConnection, playwright: ServerConnection) -> None:
    for message in firefox:
        playwright.send(message)
    playwright.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
