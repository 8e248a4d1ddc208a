"""One line a call of the interface: who may make it, about whose things, and with what as somebody who means it.

A new call gets a line here. `tests/web/test_cells.py` tries every line as every role about the own, somebody else's,
what is not there and what is another network's; `tests/web/test_fuzz.py` starts from the same lines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crisispool.domain.organisation import Role
from crisispool.web.call import Operation
from crisispool.web.routes import OPERATIONS

ROLES: Final = {
    "r": Role.REFERRER,
    "c": Role.CALLTAKER,
    "m": Role.UNIT_MANAGER,
    "s": Role.SUPPORT_WORKER,
    "k": Role.COORDINATOR,
    "n": Role.COUNCIL,
    "a": Role.ADMIN,
}
"""A letter for each role. The calltaker is on shift; off shift it is the letter ``o``."""

EVERYBODY: Final = "rcmskna"

OTHERS: Final = {
    "setting": "ka",
    "request": "ck",
    "booking": "ck",
    "person": "",
    "sleeper": "ck",
    "hold": "ck",
    "weekend": "k",
    "over": "ck",
    "line": "k",
    "unit": "csk",
    "any_unit": "cmsk",
    "handover": "k",
    "accepted": "k",
    "closing_day": "k",
    "alike": "k",
    "alike_too": "k",
    "merge": "k",
    "worker": "k",
    "service": "k",
    "police": "ck",
    "shift": "",
    "any_shift": "k",
    "offer": "",
    "my_offer": "",
    "at_desk": "ck",
    "workplace": "ka",
    "invited": "ka",
    "invitation": "ka",
    "account": "ka",
    "question": "",
}
"""Kinds of things, and who may also name one that is somebody else's in the own network. Policy: section 8.

`weekend` is a booking of the last nights, `over` the same for who may speak of anybody's, `line` its line on the list
before closed days, `sleeper` a person of a request, `accepted` a handover that was taken up,
`any_unit` a free unit that whoever may give it may give, `police` the organisation that asks. `invitation` is one that
somebody opened, `account` a linked one, `invited` a colleague and `workplace` a service for whom one is made.
"""


@dataclass(frozen=True)
class Line:
    """A call. `path` names the kinds of its ids in order; ``<kind>`` in `body` and `query` is an id of that kind.

    `unknown` are fields of the body where an unknown id is bad input; `deaf` letters of roles for which ids in the
    body change nothing. `said` is what whoever may call hears instead, by letter and ``*`` for somebody else's, ``-``
    for an unknown id and ``!`` for all of them: ``{"c*": "already_taken"}``.
    """

    roles: str
    path: tuple[str, ...] = ()
    body: Mapping[str, Any] | None = None
    query: str = ""
    unknown: tuple[str, ...] = ()
    deaf: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    def hears(self, letter: str, mark: str, otherwise: str) -> str:
        """The code that this role hears about the own (no mark), somebody else's (``*``), an unknown id (``-``)."""
        return self.said.get(f"{letter}{mark}", self.said.get(f"{letter}!", otherwise))

    def kinds(self) -> Iterator[tuple[str, str]]:
        """Each id of the call: where it stands (``path.0``, ``body.unit_id``, ``query``), and its kind."""
        for number, kind in enumerate(self.path):
            yield f"path.{number}", kind
        for name, value in (self.body or {}).items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str) and each.startswith("<") and each != "<version>":
                    yield f"body.{name}", each.strip("<>")
        if "<" in self.query:
            yield "query", self.query.partition("<")[2].rstrip(">")


FIRE: Final = {"kind": "fire_water_closed", "adults": 1, "whereabouts": "36007", "referrer": "<police>"}
NOOR: Final = {"given_name": "Noor", "surname": "Dhondt", "birth_date": "1990-05-17"}
UNIT: Final = {
    "label": "Studio 9",
    "nis": "36008",
    "kind": "crisis_dwelling",
    "places": 2,
    "owner_id": "<service>",
}
CLOSED: Final = {"day": "2026-12-31", "name": "Oudejaar", "organisation_id": "<service>"}

# fmt: off
LINES: Final[Mapping[str, Line | tuple[Line, ...]]] = {
    "GET /me": Line(EVERYBODY),
    "PUT /me/language": Line(EVERYBODY, body={"language": "fr"}),
    "GET /regions": Line(EVERYBODY),
    "GET /duty": Line(EVERYBODY),
    "GET /duty/roster": Line("ck"),
    "POST /duty/on": Line("c", body={}),
    "POST /duty/off": Line("c", body={"sure": True}),
    "POST /duty/give": Line("c", body={"to_id": "<at_desk>"}),
    "POST /duty/offers": Line("ck", body={"shift_id": "<shift>", "to_id": "<at_desk>"}, said={"k!": "not_there"}),
    "POST /duty/offers/{id}/accept": Line("ck", ("offer",), said={"k!": "not_there"}),
    "DELETE /duty/offers/{id}": Line("ck", ("my_offer",)),
    "POST /duty/shifts": Line("k", body={
        "duty": "calltaker", "colleague_id": "<at_desk>",
        "starts_at": "2029-05-01T17:00:00Z", "ends_at": "2029-05-02T06:00:00Z",
    }),
    "DELETE /duty/shifts/{id}": Line("k", ("any_shift",), query="sure=true"),
    "POST /duty/substitute": Line("k", body={"shift_id": "<any_shift>", "colleague_id": "<at_desk>"}),
    "GET /stay": Line(EVERYBODY, query="night=2026-11-30"),
    "GET /messages": Line(EVERYBODY),
    "POST /messages": Line(EVERYBODY, body={}),
    "POST /chat": Line(EVERYBODY, body={"say": "menu"}),
    "GET /requests": Line("rcmsk"),
    "POST /requests": Line("rcmsk", body=FIRE, unknown=("referrer",), deaf="rms"),
    "GET /requests/{id}": Line("rcmsk", ("request",)),
    "POST /requests/{id}/withdraw": Line("rcmsk", ("request",)),
    "POST /requests/{id}/take": Line("ck", ("request",)),
    "POST /requests/{id}/screening": Line("ck", ("request",), {"answers": {"danger": "no"}}),
    "POST /requests/{id}/refusal": Line("ck", ("request",), {"code": "no_unit", "contact_consent": False}),
    "POST /requests/{id}/coordinator": Line("ck", ("request",)),
    "POST /requests/{id}/links": Line("rcmsk", ("request",)),
    "GET /availability": Line("csk", query="request_id=<request>"),
    "POST /holds": Line("ck", body={"request_id": "<request>", "unit_id": "<any_unit>"}),
    "DELETE /holds/{id}": Line("ck", ("hold",)),
    "GET /bookings": Line("rcmsk"),
    "POST /bookings": (
        Line("ck", body={"hold_id": "<hold>"}),
        Line("ck", body={"request_id": "<request>", "unit_id": "<any_unit>", "persons": ["<sleeper>"]},
             unknown=("persons",)),
    ),
    "GET /bookings/{id}": Line("rcmsk", ("booking",)),
    "PUT /bookings/{id}/persons/{person}": Line("rcsk", ("booking", "person"), NOOR),
    "POST /bookings/{id}/check-in": Line("rcsk", ("booking",)),
    "POST /bookings/{id}/extend": (
        Line("csk", ("booking",), {}, said={"c": "stay_not_yours", "c*": "stay_not_yours"}),
        Line("sk", ("booking",), {"unit_id": "<any_unit>"}),
    ),
    "POST /bookings/{id}/cancel": Line("rck", ("booking",)),
    "POST /bookings/{id}/check-out": Line("cmsk", ("booking",)),
    "POST /bookings/{id}/overstay": Line("cmsk", ("over",)),
    "POST /bookings/{id}/care": Line("ck", ("over",), {"answer": "well"}),
    "POST /bookings/{id}/no-show": Line("rck", ("booking",)),
    "POST /bookings/{id}/move": Line("rck", ("booking",), {"problem": "key_fails"}),
    "POST /bookings/{id}/stays-as": Line("mk", ("weekend",), {}),
    "POST /bookings/{id}/readmission": Line("sk", ("booking",), {"allowed": False, "reason": "Te vroeg."}),
    "POST /bookings/{id}/links": (
        Line("rcmsk", ("booking",), {"purpose": "access"}, said={"c*": "access_not_yours"}),
        Line("rcsk", ("booking",), {"purpose": "identity"}),
    ),
    "GET /care": Line("ck"),
    "GET /weekend-list": Line("sk"),
    "POST /weekend-list/{id}/answer": Line("sk", ("line",), {"answer": "leaves"}),
    "GET /units": Line("cmsk"),
    "POST /units": Line("mk", body=UNIT, unknown=("owner_id",), deaf="m"),
    "GET /units/{id}": Line("cmsk", ("unit",)),
    "PATCH /units/{id}": Line("mk", ("unit",), {"places": 2}),
    "PUT /units/{id}/status": Line("cmk", ("unit",), {"status": "confirmed", "version": "<version>"}),
    "GET /handovers": Line("sk"),
    "POST /handovers/{id}/acknowledge": (
        Line("sk", ("handover",), {"worker_id": "<worker>"}),
        Line("sk", ("handover",), {"named": False}),
    ),
    "POST /handovers/{id}/contact": Line("sk", ("accepted",)),
    "POST /handovers/{id}/outcome": Line("sk", ("accepted",), {"outcome": "safe_house"}),
    "POST /handovers/{id}/reassign": (
        Line("sk", ("handover",), {"worker_id": "<worker>"}),
        Line("k", ("handover",), {"organisation_id": "<service>"}),
    ),
    "POST /handovers/{id}/links": Line("sk", ("handover",)),
    "GET /daytime-questions": Line("csk"),
    "POST /daytime-questions": Line("csk", body={"kind": "bed_soon", "outcome": "answered"}),
    "DELETE /daytime-questions/{id}": Line("csk", ("question",)),
    "GET /closing-days": Line(EVERYBODY),
    "POST /closing-days": Line("msk", body=CLOSED, unknown=("organisation_id",),
        said={"m-": "not_your_role", "s-": "not_your_role"}),
    "DELETE /closing-days/{id}": Line("msk", ("closing_day",)),
    "GET /merges": Line("k"),
    "POST /merges": Line("k", body={"person_id": "<alike>", "into_person_id": "<alike_too>"}),
    "POST /merges/{id}/undo": Line("k", ("merge",)),
    "GET /invitations": Line("ka"),
    "POST /invitations": (
        Line("ka", body={"role": "support_worker", "organisation_id": "<workplace>"}),
        Line("ka", body={"colleague_id": "<invited>"}),
    ),
    "POST /invitations/{id}/approve": Line("ka", ("invitation",), said={"a!": "not_your_role"}),
    "POST /invitations/{id}/refuse": Line("ka", ("invitation",)),
    "GET /messenger-links": Line("ka"),
    "POST /messenger-links/{id}/end": Line("ka", ("account",)),
    "GET /training/clock": Line(EVERYBODY),
    "POST /training/clock": Line(EVERYBODY, body={"now": "2026-11-30T10:00:00+01:00"}),
    "POST /training/sign-in": Line(EVERYBODY, body={"as": "calltaker"}),
}
# fmt: on

WITHOUT_SIGNING_IN: Final = {"POST /training/sign-in"}


def name_of(operation: Operation) -> str:
    """The call as people write it: ``POST /holds``."""
    return f"{operation.method} {operation.path}"


BY_NAME: Final = {name_of(operation): operation for operation in OPERATIONS}


def lines_of(operation: Operation) -> tuple[Line, ...]:
    """The lines of a call. AssertionError when it has none."""
    name = name_of(operation)
    assert name in LINES, (
        f"{name} is new: give it a line in tests/web/calls.py, with who may call it about what"
    )
    found = LINES[name]
    return found if isinstance(found, tuple) else (found,)


def roles_of(operation: Operation) -> str:
    """The letters of all roles that may make the call."""
    return "".join(letter for letter in ROLES if any(letter in line.roles for line in lines_of(operation)))


def filled(
    operation: Operation, line: Line, ids: dict[str, str], version: int
) -> tuple[str, dict[str, Any] | None, str]:
    """Path, body and query with the ids in their places."""
    path, body, query = operation.path, None, f"?{line.query}" if line.query else ""
    for number, name in enumerate(operation.path_names):
        path = path.replace(f"{{{name}}}", ids[f"path.{number}"])
    if line.body is not None:
        body = dict(line.body)
        for name, value in line.body.items():
            place = f"body.{name}"
            if value == "<version>":
                body[name] = version
            elif place in ids:
                body[name] = [ids[place]] if isinstance(value, list) else ids[place]
    if "query" in ids:
        query = query.partition("<")[0] + ids["query"]
    return path, body, query
