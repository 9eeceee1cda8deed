"""IV-01: ask a web service. JSON in and out, 2 s in all, and an error exit for all that may go wrong. PURE.

The step orders the request and waits; a fetcher does it (apps/flows/web). An answer that comes after the 2 s finds another step, or
another visit of this one, and is ignored: `number` tells visits apart.
"""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal
from urllib.parse import quote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from apps.flows.kinds.step import ERROR, Broken, Finding, Leave, Outcome, Stay, Step, Surroundings, Way, gettext_noop
from apps.flows.known import Known
from apps.flows.run import CALLER, DIALLED, FORWARDED_FROM, FetchWeb, Input, Run, TimePassed, WebAnswered

SECONDS = 2.0  # to connect, to be answered and to read the answer, together
STATUS = "status"  # what a step may branch on, besides a value of the answer
GIVEN = (CALLER, DIALLED, FORWARDED_FROM)  # variables that a web service must not change
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,29}")
PATH = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*|\[\d{1,4}\])*")
REASONS = {
    "late": gettext_noop("The web service did not answer within 2 seconds."),
    "unreachable": gettext_noop("The web service could not be reached."),
    "forbidden": gettext_noop("The address belongs to this system or to no network that may be called."),
    "large": gettext_noop("The answer of the web service was longer than 64 kB."),
    "not_http": gettext_noop("What answered is no web service."),
    "not_json": gettext_noop("The answer of the web service was no JSON object."),
    "redirect": gettext_noop("The web service answered with a redirection, which is not followed. Enter the address it leads to."),
    "refused": gettext_noop("The web service refused the request (status 4xx)."),
    "failed": gettext_noop("The web service has a fault (status 5xx)."),
    "secret": gettext_noop("The secret of the header cannot be read any more. Enter it anew."),
}


class Reading(Struct, frozen=True):
    """The value at `path` (customer.orders[0].id) of the answer becomes `variable`, which agents see as `shown_as`."""

    path: str
    variable: str
    shown_as: str = ""


class Branch(Struct, frozen=True):
    value: str
    label: str = ""

    @property
    def exit(self) -> str:
        return f"={self.value}"


class WebRequest(Step, frozen=True, kw_only=True, tag="web_request"):
    """`header`: sealed, opened only by the fetcher; `header_mark`: tells two of them apart. `branch_on`: STATUS, a path, or nothing."""

    title: ClassVar[str] = gettext_noop("Web request")
    purpose: ClassVar[str] = gettext_noop("Asks a system of yours over the web, and goes on by what it answers.")
    icon: ClassVar[str] = "cloud_sync"
    UNCOMPARED: ClassVar[tuple[str, ...]] = ("header",)

    url: str = ""
    method: Literal["GET", "POST"] = "GET"
    sends: tuple[str, ...] = ()  # variables in the body of a POST
    header_name: str = ""
    header: str = ""
    header_mark: str = ""
    readings: tuple[Reading, ...] = ()
    branch_on: str = ""
    branches: tuple[Branch, ...] = ()

    def ways_out(self) -> tuple[Way, ...]:
        named = (f"{branch.value} {branch.label}".strip() for branch in self.branches)
        own = (
            Way(branch.exit, name, required=True, unattended=True, label_is_own=True)
            for branch, name in zip(self.branches, named, strict=True)
        )
        return (*own, Way("next", gettext_noop("Answered"), required=True, unattended=True), ERROR)

    def outcomes(self, run: Run) -> dict[str, tuple[Input, ...]]:
        """Answered without any value, or so that a branch is taken, or not at all."""
        answers: dict[str, tuple[Input, ...]] = {"answered": (WebAnswered(run.visits, 200),)}
        for branch in self.branches:
            status = int(branch.value) if self.branch_on == STATUS and branch.value.isdecimal() else 200
            answers[branch.value] = (WebAnswered(run.visits, status, {self.branch_on: branch.value}),)
        return answers | {"error": (WebAnswered(run.visits, error="unreachable"),)}

    def sets(self) -> tuple[str, ...]:
        return tuple(reading.variable for reading in self.readings)

    def reads(self) -> tuple[str, ...]:
        return (*self.sends, *PLACEHOLDER.findall(self.url))

    def enter(self, run: Run, now: float, known: Known) -> Outcome:
        if not self.url:
            return Broken(gettext_noop("No address is entered."))
        body = {name: run.variables.get(name, "") for name in self.sends} if self.method == "POST" else {}
        paths = {reading.path for reading in self.readings} | ({self.branch_on} - {"", STATUS})
        order = FetchWeb(
            run.visits, filled(self.url, run.variables), self.method, body, self.header_name, self.header, tuple(sorted(paths)),
            tuple(int(branch.value) for branch in self._of_status() if branch.value.isdecimal()),
        )  # fmt: skip
        return Stay(replace(run, timer=now + SECONDS), (order,))

    def hear(self, run: Run, heard: Input, now: float) -> Outcome:
        match heard:
            case WebAnswered(number=number) if number != run.visits:
                return Stay(run)
            case WebAnswered(error="") as answer:
                return self._take(answer)
            case WebAnswered(error=error):
                return Broken(REASONS.get(error, REASONS["unreachable"]))
            case TimePassed() if run.timer is not None and now >= run.timer:
                return Broken(REASONS["late"])
        return Stay(run)

    def _take(self, answer: WebAnswered) -> Leave:
        variables = {reading.variable: answer.values.get(reading.path, "") for reading in self.readings}
        labels = {reading.variable: reading.shown_as for reading in self.readings if reading.shown_as}
        found = str(answer.status) if self.branch_on == STATUS else answer.values.get(self.branch_on, "")
        for branch in self.branches:
            if branch.value == found:
                return Leave(branch.exit, "fetched", branch.value, branch.label, variables=variables, labels=labels)
        return Leave("next", "fetched", variables=variables, labels=labels)

    def _of_status(self) -> tuple[Branch, ...]:
        return self.branches if self.branch_on == STATUS else ()

    def problems(self, around: Surroundings) -> Iterator[Finding]:
        yield from super().problems(around)
        if wrong := wrong_with(self.url):
            yield self.finding("bad_address", wrong)
        if self.branches and not self.branch_on:
            yield self.finding("branch_on_nothing", gettext_noop("There are branches, and nothing is chosen to branch on."))


def filled(url: str, variables: dict[str, str]) -> str:
    """`url` with each {variable} as text of a URL (RFC 3986, 2.1): whatever a caller enters cannot change the rest of the address."""
    whole = PLACEHOLDER.sub(lambda found: quote(variables.get(found[1], ""), safe=""), url)
    return quote(whole, safe="%/:?#[]@!$&'()*+,;=~")  # letters such as ø that the administrator wrote


def wrong_with(url: str) -> str:
    """What is wrong with an address, for the administrator; nothing: empty."""
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return gettext_noop("The address is not complete.")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good:
        return gettext_noop("The address must begin with https:// or http:// and the name of the server.")
    if not parts.netloc.isascii() or set("{}@") & set(parts.netloc):
        return gettext_noop("The server's name may contain no variable, user name or password, and no letters but a to z.")
    if not all(VARIABLE.fullmatch(name) for name in PLACEHOLDER.findall(url)) or "{" in PLACEHOLDER.sub("", url):
        return gettext_noop("A variable in the address is a name in braces, such as {caller}.")
    if re.search(r"[\x00-\x20\x7f]", url):
        return gettext_noop("An address has no spaces.")
    return ""
