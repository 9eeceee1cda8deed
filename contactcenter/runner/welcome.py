"""What `make run` prints when everything is ready: where to go, who may log in, what to try."""

import json
from typing import Any

from contactcenter import settings

ORDER = {"administrator": 0, "team_leader": 1, "agent": 2}


def demo() -> dict[str, Any]:
    return json.loads((settings.BASE_DIR / "fixtures" / "demo.json").read_text())


def _log_ins(company: dict[str, Any]) -> list[str]:
    users = sorted(company["users"], key=lambda user: ORDER.get(user["role"], 9))
    return [
        f"    {user['username']:<8} {settings.DEMO_PASSWORD:<10} {user['role'].replace('_', ' ')}, {user['first_name']} {user['last_name']}"
        for user in users
    ]


def text() -> str:
    """Errors: none; without the demo file only the address is printed."""
    url = f"http://{settings.WEB_ADDRESS}:{settings.WEB_PORT}/"
    company = demo()
    number = company["access_numbers"][0]["number"]
    return "\n".join(
        [
            "",
            f"  Ready: {url}   ({company['company']}, a demo company)",
            "",
            "    user     password",
            *_log_ins(company),
            "",
            "  To try:",
            f"    1. Log in as {company['users'][0]['username']}, permit the microphone and log on with the softphone.",
            "    2. In another browser (or a private window) log in as admin, open Access numbers, the number,",
            "       and press Test call: hear the welcome, press 1 for Support, and let the agent answer.",
            f"    3. Or call {number} from a SIP phone or SIPp: 127.0.0.1:{settings.TRUNK_PORT}.",
            "    4. Afterwards see Calls in admin: the time line, and the recording.",
            "",
            "  Ctrl-C stops everything.",
            "",
        ]
    )
