"""Who takes part in a scenario: colleagues over the interface, somebody with a browser, a look into the record."""

import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from tests.support.databases import postgres_rows
from tests.support.program import Program

FIRE = (
    "Nieuwe vraag", "Politie", "Nee", "Ouder + 2 kinderen", "Ingelmunster", "Brand, water of woning afgesloten",
    "Nee", "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact", "Niets bijzonders", "1", "Boek",
)  # fmt: skip
"""The fire case typed, from the menu to the booking; at one of them the number of a choice."""

FIRE_REQUEST: Mapping[str, Any] = {
    "kind": "fire_water_closed",
    "adults": 1,
    "children": 2,
    "ages": [6, 9],
    "origin": "36007",
    "whereabouts": "36007",
    "referrer": "police",
    "contact_consent": True,
    "persons": [{"adult": True, "claimed_nights": []}],
}

SCREENED = {"answers": {"danger": "no", "elsewhere": "no", "unsafe": "none"}}
"""A check-up in which nothing stands in the way."""

ONE_ADULT: Mapping[str, Any] = {"kind": "conflict", "adults": 1, "origin": "36008", "contact_consent": True}
"""A quarrel in Izegem: one adult who needs nothing special."""


class Colleague:
    """A demo person, or whoever has this token."""

    def __init__(self, program: Program, who: str = "", *, token: str = "") -> None:
        self.program = program
        self.token = token or program.token(who)
        self.screens: list[dict[str, Any]] = []

    def ask(self, method: str, path: str, body: object = None, *, key: str = "") -> tuple[int, Any]:
        """One call, whatever the answer."""
        return self.program.ask(method, path, body, token=self.token, key=key)

    def call(self, method: str, path: str, body: object = None, *, key: str = "") -> Any:
        """One call that must succeed."""
        return self.program.call(method, path, body, token=self.token, key=key)

    def say(self, *lines: str) -> dict[str, Any]:
        """Lines of the talk: words of a choice, its number, or nothing to look; the screen after the last."""
        for line in lines or ("",):
            own = self.own_choices()
            body = {"say": line}
            if line.isdigit() and self.screens and int(line) <= len(own):
                body = {"choose": own[int(line) - 1]["id"]}
            self.screens = self.call("POST", "/chat", body)
        return self.screen

    @property
    def screen(self) -> dict[str, Any]:
        """The screen that the next answer is about."""
        return self.screens[-1]

    def own_choices(self) -> list[dict[str, str]]:
        """The choices of the screen, without those of every screen."""
        everywhere = (".back", ".over", ".help", ".stop")
        return (
            [each for each in self.screen["choices"] if not each["id"].endswith(everywhere)]
            if self.screens
            else []
        )

    def told(self) -> list[str]:
        """Keys of the messages that came since."""
        return [message["key"].removeprefix("message.") for message in self.call("POST", "/messages")]

    # The desk, through the interface.

    def request(self, **fields: Any) -> dict[str, Any]:
        """A request of one adult after a quarrel in Izegem, unless told otherwise."""
        made: dict[str, Any] = self.call("POST", "/requests", {**ONE_ADULT, **fields})
        return made

    def proposed(self, request: Mapping[str, Any], **asked: Any) -> list[str]:
        """Ids of the units proposed for a request, best first."""
        query = urllib.parse.urlencode({"request_id": request["id"], **asked})
        return [each["unit_id"] for each in self.call("GET", f"/availability?{query}")["proposals"]]

    def book(self, request: Mapping[str, Any], unit_id: str = "", **fields: Any) -> dict[str, Any]:
        """A bed in this unit, or in the one that is proposed first."""
        unit_id = unit_id or self.proposed(request)[0]
        made: dict[str, Any] = self.call(
            "POST", "/bookings", {"request_id": request["id"], "unit_id": unit_id, **fields}
        )
        return made


def make_free_again(coordinator: Colleague, booking: Mapping[str, Any]) -> None:
    """They left, and all is clean."""
    coordinator.call("POST", f"/bookings/{booking['id']}/check-out", {})
    unit = coordinator.call("GET", f"/units/{booking['unit_id']}")
    said = {"status": "free", "version": unit["version"], "cleaned": True}
    coordinator.call("PUT", f"/units/{booking['unit_id']}/status", said)


class Browser:
    """Somebody who opens links; it keeps cookies."""

    def __init__(self) -> None:
        # What is served to the world by https is looked at behind the proxy here.
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, url: str) -> tuple[int, str]:
        """Open a link: status and page."""
        return self._open(url, None)

    def press(self, url: str, **form: str) -> tuple[int, str]:
        """Press the button, or send the form: status and page."""
        return self._open(url, urllib.parse.urlencode(form).encode())

    def _open(self, url: str, data: bytes | None) -> tuple[int, str]:
        try:
            with self._opener.open(url, data, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def rows(program: Program, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What stands in the record of a program, read beside it; a value's place is a question mark."""
    if program.database_url is not None:
        return postgres_rows(program.database_url, query, *values)
    with sqlite3.connect(f"file:{program.data_dir / 'crisispool.db'}?mode=ro", uri=True) as record:
        return record.execute(query, values).fetchall()


WHAT_ONLY_LOOKING_WRITES = frozenset({"api_tokens", "set_up", "alembic_version", "messages_seen"})
"""Sign-ins, the running clock and seen messages: not what a colleague's call changes."""


def tables(program: Program) -> list[str]:
    """Their names."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if program.database_url is not None:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return [name for (name,) in rows(program, names) if name not in WHAT_ONLY_LOOKING_WRITES]


def everything(program: Program) -> dict[str, list[str]]:
    """Every row of the record as text, by table, so that before and after can be compared."""
    if program.database_url is not None:
        return _everything_on_a_server(program)
    found = {}
    names = tables(program)
    with closing(sqlite3.connect(f"file:{program.data_dir / 'crisispool.db'}?mode=ro", uri=True)) as record:
        for table in names:
            query = f"SELECT * FROM {table}"  # noqa: S608  # the names come from the record itself
            found[table] = sorted(map(repr, record.execute(query)))
    return found


def _everything_on_a_server(program: Program) -> dict[str, list[str]]:
    """The same in one question, as each costs a connection."""
    found: dict[str, list[str]] = {name: [] for name in tables(program)}
    all_of_them = (f"SELECT '{name}', to_json(r)::text FROM {name} r" for name in found)  # noqa: S608
    for table, row in rows(program, " UNION ALL ".join(all_of_them)):
        found[table].append(row)
    return {table: sorted(lines) for table, lines in found.items()}
