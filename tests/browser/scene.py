"""A world worth looking at: a Monday morning of the pilot region on which every page has something to show."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from tests.support.authenticator import Authenticator
from tests.support.mail_beside import Beside
from tests.support.program import PATIENCE_SECONDS, Program
from tests.support.warm import Warm

CALL: Final = "2026-11-28T02:04"
MORNING: Final = "2026-11-30T09:20"
"""The services are open, one case is late, and the night list of Friday has grown old."""
FIRE: Final = {"kind": "fire_water_closed", "origin": "36007", "whereabouts": "36007", "referrer": "police"}


@dataclass(frozen=True)
class Scene:
    """The running program, and the ids and secrets in addresses by kind."""

    program: Program
    ids: Mapping[str, str]

    def address(self, path: str) -> str:
        """The whole address of a page; by its name, because no passkey is made for a number."""
        return f"http://localhost:{urlsplit(self.program.url).port}{path}"


class Known(Program):
    """Each demo person comes in once, and has one token."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str], warm: Warm | None) -> None:
        super().__init__(data_dir, settings=settings, warm=warm)
        self._tokens: dict[str, str] = {}

    def token(self, who: str) -> str:
        """The token of a demo person, the same each time."""
        if who not in self._tokens:
            self._tokens[who] = super().token(who)
        return self._tokens[who]


@contextmanager
def a_monday_morning(folder: Path, warm: Warm | None = None) -> Iterator[Scene]:
    """From the call in the night to the morning after, in this folder."""
    mail = Beside()
    settings = {"SMTP_URL": mail.server.url, "MAIL_FROM": "pool@crisis.example.org"}
    program = Known(folder / "data", settings, warm)
    try:
        # In time for the night list of the last working day.
        program.start("--clock", "2026-11-27T16:25")
        program.move_clock(CALL)
        ids = _night(program)
        program.move_clock(MORNING)
        ids |= _morning(program, ids)
        ids["mail"] = _secret(mail.brought_to("begeleiding.caw@example.org").path)
        yield Scene(program, ids)
    finally:
        program.close()
        mail.close()


def _night(program: Program) -> dict[str, str]:
    """A family after a fire, somebody of whom nobody hears, and somebody without a bed who wants contact."""
    family, alone, refused = (
        _asks(program, **FIRE, adults=adults, children=children, contact_consent=True)
        for adults, children in ((1, 2), (1, 0), (2, 0))
    )
    stays = [_books(program, each) for each in (family, alone)]
    program.call("POST", f"/bookings/{stays[0]['id']}/check-in", {}, who="calltaker")
    no = {"code": "no_suitable_unit", "contact_consent": True, "contact": "op het nummer van de politie"}
    program.call("POST", f"/requests/{refused}/refusal", no, who="calltaker")
    return {
        "booking": stays[0]["id"],
        "reference": stays[0]["reference"],
        "unit": stays[0]["unit_id"],
    }


def _morning(program: Program, ids: Mapping[str, str]) -> dict[str, str]:
    """Cases wait and one is taken up, a bed is held and one is booked, a shift is nobody's, people are invited."""
    cases = program.call("GET", "/handovers", who="coordinator")
    [mine] = [each for each in cases if each["reference"] == ids["reference"]]
    program.call("POST", f"/handovers/{mine['id']}/acknowledge", {}, who="support_worker")
    asked = _asks(program, **FIRE, adults=1)
    held = {"request_id": asked, "unit_id": _first(program, asked)}
    program.call("POST", "/holds", held, who="calltaker")
    booked = _books(program, _asks(program, **FIRE, adults=2, children=1))
    _asks(program, **FIRE, adults=1, children=3)
    access = program.call("POST", f"/bookings/{booked['id']}/links", {"purpose": "access"}, who="calltaker")
    _leaves_a_gap(program)
    _is_answered(program, next(each["id"] for each in cases if not each["admitted"]))
    [came, invited] = [_invites(program, role) for role in ("support_worker", "unit_manager")]
    _comes(program, came)
    identity = program.call(
        "POST", f"/bookings/{ids['booking']}/links", {"purpose": "identity"}, who="support_worker"
    )
    case = program.call("POST", f"/handovers/{mine['id']}/links", {}, who="support_worker")
    return {
        "case": mine["id"],
        "colleague": "support_worker",
        "leaver": "calltaker_2",
        "service": "ocmw-ingelmunster",
        "setting": "stay_policy",
        "invitation": _secret(invited),
        "access": _secret(access["url"]),
        "identity": _secret(identity["url"]),
        "story": _secret(case["url"]),
    }


def _asks(program: Program, **ask: Any) -> str:
    made: str = program.call("POST", "/requests", ask, who="calltaker")["id"]
    return made


def _first(program: Program, request_id: str) -> str:
    found = program.call("GET", f"/availability?request_id={request_id}", who="calltaker")
    first: str = found["proposals"][0]["unit_id"]
    return first


def _books(program: Program, request_id: str) -> dict[str, Any]:
    chosen = {"request_id": request_id, "unit_id": _first(program, request_id)}
    booked: dict[str, Any] = program.call("POST", "/bookings", chosen, who="calltaker")
    return booked


def _is_answered(program: Program, case: str) -> None:
    """One case is closed, and somebody asked something by day."""
    worker = "support_worker"
    program.call("POST", f"/handovers/{case}/acknowledge", {}, who=worker)
    ended = {"outcome": "contact_failed", "solved": "no"}
    program.call("POST", f"/handovers/{case}/outcome", ended, who=worker)
    asked = {"kind": "longer_dwelling", "outcome": "to_ocmw"}
    program.call("POST", "/daytime-questions", asked, who=worker)


def _leaves_a_gap(program: Program) -> None:
    """One shift is on offer, another one is taken off the roster."""
    nights = program.call("GET", "/duty/roster", who="coordinator")["nights"]
    later = {
        (shift["duty"], shift["who"]): shift["id"]
        for night in nights
        for shift in night["shifts"]
        if shift["starts_at"] > MORNING
    }
    backup, desk = later["backup", "calltaker 2"], later["calltaker", "calltaker 1"]
    program.call("POST", "/duty/offers", {"shift_id": backup}, who="calltaker_2")
    program.call("DELETE", f"/duty/shifts/{desk}?sure=true", who="coordinator")


def _invites(program: Program, role: str) -> str:
    ask = {"role": role, "organisation_id": "ocmw-izegem"}
    page: str = program.call("POST", "/invitations", ask, who="coordinator")["page"]
    return page


def _comes(program: Program, page: str) -> None:
    """Somebody made a passkey and waits to be let in."""
    site = f"http://localhost:{urlsplit(program.url).port}"
    path = urlsplit(page).path
    question = _sent(f"{program.url}{path}/question", {})
    _sent(f"{program.url}{path}", {"answer": Authenticator(site).make(question)})


def _sent(address: str, form: dict[str, str]) -> str:
    with urlopen(Request(address, urlencode(form).encode()), timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
        said: bytes = answer.read()
    return said.decode()


def _secret(url: str) -> str:
    return url.rpartition("/")[2]
