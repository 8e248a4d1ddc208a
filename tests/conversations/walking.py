"""A night to talk in: the network of the tests, and a walker that feeds the services' answers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from crisispool.conversations.engine import EVERYWHERE
from crisispool.conversations.intents import Intent
from crisispool.conversations.talks import step
from crisispool.conversations.vocabulary import (
    Chose,
    Colleague,
    Done,
    Fallback,
    Heard,
    Home,
    Outcome,
    Referrer,
    Refused,
    Said,
    Say,
    Screen,
    Session,
    Situation,
    StayFact,
)
from crisispool.domain.organisation import Municipality

NOT_POSSIBLE = (Say("stay.why_fourth"), Say("stay.instead"))
"""What the stay rule says of a fourth night here."""
WHY_NOT = [said.plain() for said in NOT_POSSIBLE]
"""The same as a fact."""

NIGHT = Situation(
    now=datetime(2026, 11, 28, 1, 4, tzinfo=UTC),
    night=date(2026, 11, 27),
    nights=(date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)),
    checkout=date(2026, 11, 30),
    contact_day=date(2026, 11, 30),
    roles=("calltaker",),
    colleague_id="c1",
    desk_phone="051 00 00 01",
    coordinator_phone="051 00 00 02",
    municipalities=(
        Municipality("36008", "Izegem", 28322, 50.917, 3.214),
        Municipality("36007", "Ingelmunster", 11131, 50.921, 3.255),
        Municipality("37017", "Wielsbeke", 9833, 50.912, 3.367),
    ),
    referrers=(
        Referrer("o-police", "police", "Politiezone A", "36008"),
        Referrer("o-police-2", "police", "Politiezone B", "37017", recent=True),
        Referrer("o-hospital", "hospital", "Ziekenhuis", "36008"),
    ),
    fallback=(
        Fallback("hotel", "Hotel De Proef", "051 00 00 03"),
        Fallback("night_shelter", "Nachtopvang De Proef", "051 00 00 04"),
    ),
    stay_after=(
        StayFact(True, "calltaker", (Say("stay.by_coordinator"),)),
        StayFact(True, "support_worker", (Say("stay.by_support_worker"),)),
        StayFact(True, "support_worker", (Say("stay.by_support_worker"),)),
        StayFact(False, None, NOT_POSSIBLE),
    ),
    colleagues=(Colleague("c1", "begeleider 1"), Colleague("c2", "begeleider 2")),
    home=Home("o-police", "051 00 00 05"),
)

REQUEST = {
    "id": "r1", "reference": "R-4KTM", "state": "open", "adults": 1, "children": 2,
    "kind": "fire_water_closed", "same_household": [], "asked_at": "2026-11-28T00:50:00+00:00", "whose": "nobody",
    "taken_label": "",
}  # fmt: skip
BED = {
    "id": "b1", "reference": "IZ-7F3K", "checkout": "2026-11-30", "until": "2026-11-28T04:04:00+00:00", "inside": False,
}  # fmt: skip
OWN = {
    "id": "r1", "reference": "R-4KTM", "stand": "told_desk", "asked_at": "2026-11-28T01:04:00+00:00",
    "next_at": "2026-11-28T01:09:00+00:00", "call_back": "051 00 00 05", "beds": [],
}  # fmt: skip
BOOKING = {
    "id": "b1", "request_id": "r1", "reference": "IZ-7F3K", "state": "booked", "checkout": "2026-11-30", "warning": "",
    "case_id": "k1", "nights": ["2026-11-27", "2026-11-28", "2026-11-29"], "unit": "Woning 1", "mine": True,
    "by": "permanentie 1",
}  # fmt: skip
HANDOVER = {
    "id": "h1", "reference": "IZ-7F3K", "state": "delivered", "admitted": True, "adults": 1, "children": 2,
    "checkout": "2026-11-30", "arrival_unknown": False, "previous_case_id": None, "worker_id": None,
    "open_cases_of_worker": None, "beds": [{"id": "b1", "reference": "IZ-7F3K", "over": False}],
}  # fmt: skip
UNIT = {
    "id": "u1", "label": "Woning 1", "status": "free", "until": None, "cleaned": True, "offered": True,
    "leaves_on": None, "persons": None, "checkout": None, "booking": None, "hold_id": None, "key_code": False,
}  # fmt: skip
EXTENSION = {
    "booking_id": "b1", "reference": "IZ-7F3K", "checkout": "2026-11-30", "until": "2026-12-01", "nights": 1,
    "code": "ok", "sentence": WHY_NOT, "here": True, "elsewhere": [], "stays": [], "others": [],
    "hidden": False,
}  # fmt: skip
LINE = {
    "id": "l1", "reference": "IZ-7F3K", "case_id": "k1", "booking_id": "b1", "day": "2026-11-27", "back": "2026-11-30",
    "reason": "ends_today", "checkout": "2026-11-27", "first_night": "2026-11-27", "nights": 3, "can_bridge": True,
    "own_unit_free": True, "proposals": 2, "answer": None, "by_itself": False, "answered_at": None,
}  # fmt: skip
CALL = {
    "booking_id": "b1",
    "reference": "IZ-7F3K",
    "day": "2026-11-28",
    "adults": 1,
    "children": 2,
    "tries": 0,
}
STUCK = [
    {"kind": kind, "since": "2026-11-28T01:00:00+00:00", "id": about, "reference": reference, "count": 2}
    for kind, about, reference in (
        ("untaken", "r1", "R-4KTM"),
        ("care", "", ""),
        ("extension", "b1", "IZ-7F3K"),
        ("weekend", "", ""),
        ("contact", "h1", "IZ-7F3K"),
        ("overstay", "b1", "IZ-7F3K"),
        ("undelivered", "", ""),
    )
]
PROPOSALS = [
    {
        "unit_id": f"u{n}",
        "label": f"Woning {n}",
        "municipality": "Izegem",
        "places": 4,
        "sentence": [{"key": "proposal.stable", "facts": {"municipality": "Izegem"}}],
    }
    for n in range(1, 6)
]
FOUND = {
    "night": "2026-11-27", "nights": 3, "checkout": "2026-11-30", "proposals": PROPOSALS, "fallback": [],
}  # fmt: skip
STAYS = [
    {"choice": "solve_by", "checkout": "2026-11-30", "nights": 3, "run_nights": 3},
    {"choice": "override", "checkout": "2026-12-01", "nights": 4, "run_nights": 7},
    {"choice": "named_person", "checkout": "2026-11-29", "nights": 2, "run_nights": 5},
]
NOTHING_FREE = {
    **FOUND, "proposals": [],
    "fallback": [{"kind": p.kind, "name": p.name, "phone": p.phone} for p in NIGHT.fallback],
}  # fmt: skip

ALONE: dict[str, Any] = {"since": "2026-11-27T16:00:00+00:00", "until": "2026-11-28T05:00:00+00:00"}
SHIFT = {
    "on": True, "until": "2026-11-28T05:00:00+00:00", "others": ["permanentie 2"], "requests": 1, "bookings": 0,
    "holds": 0, "to": [{"id": "c2", "label": "permanentie 2"}],
}  # fmt: skip
OWN_SHIFT = {
    "id": "s1", "duty": "calltaker", "who": "permanentie 1", "mine": True, "offered": False, "offer_id": None,
    "own_offer_id": None,
    "starts_at": "2026-12-04T16:00:00+00:00", "ends_at": "2026-12-05T05:00:00+00:00",
}  # fmt: skip
OFFERED = {**OWN_SHIFT, "id": "s2", "who": "permanentie 2", "mine": False, "offered": True, "offer_id": "o1"}
OWN_OFFERED = {**OWN_SHIFT, "offered": True, "own_offer_id": "o3"}
GAP = {"starts_at": "2026-12-05T05:00:00+00:00", "ends_at": "2026-12-06T05:00:00+00:00"}
ROSTER: dict[str, Any] = {
    "nights": [
        {"night": "2026-12-04", "shifts": [OWN_SHIFT, OFFERED], "gaps": ["backup"], "open": []},
        {
            "night": "2026-12-05", "shifts": [], "gaps": ["calltaker", "backup", "coordinator"],
            "open": [
                {**GAP, "duty": "calltaker", "able": ["c2"]},
                {**GAP, "duty": "backup", "able": []},
                {**GAP, "duty": "coordinator", "able": ["k1"]},
            ],
        },
    ],
    "colleagues": {
        "calltaker": [{"id": "c1", "label": "permanentie 1"}, {"id": "c2", "label": "permanentie 2"}],
        "coordinator": [{"id": "k1", "label": "coördinator"}],
    },
}  # fmt: skip

ANSWERS: dict[str, Any] = {
    "OpenRequest": REQUEST,
    "CompleteRequest": REQUEST,
    "TakeRequest": REQUEST,
    "AskCoordinator": {"request": "R-4KTM"},
    "StayOptions": STAYS,
    "WithdrawRequest": {**REQUEST, "state": "withdrawn"},
    "ScreenRequest": {
        "result": "ok", "refusal": None, "sentence": [{"key": "screening.ok", "facts": {}}], "failed": [],
    },
    "Refuse": {"code": "other", "case_id": "k1", "contact_on": "2026-11-30"},
    "FindProposals": FOUND,
    "HoldUnit": {
        "id": "hold1", "until": "2026-11-28T01:14:00+00:00", "night": "2026-11-27", "nights": 3,
        "checkout": "2026-11-30",
    },
    "ReleaseHold": {"id": "hold1"},
    "Book": BOOKING,
    "CheckIn": {**BOOKING, "state": "checked_in"},
    "StillOnTheWay": BOOKING,
    "NoShow": {**BOOKING, "state": "no_show"},
    "CheckOut": {**BOOKING, "state": "checked_out"},
    "Cancel": {**BOOKING, "state": "cancelled"},
    "Move": {**BOOKING, "id": "b2", "reference": "IZ-2MMA"},
    "Extend": {**BOOKING, "checkout": "2026-12-01"},
    "MakeLink": {"label": "", "url": "http://localhost/p/token"},
    "Acknowledge": {**HANDOVER, "state": "accepted", "worker_id": "c1"},
    "Contacted": {**HANDOVER, "state": "contacted", "worker_id": "c1"},
    "RecordOutcome": {**HANDOVER, "state": "closed", "worker_id": "c1"},
    "SayStatus": UNIT,
    "ConfirmUnits": [UNIT],
    "ReadLanguage": {"language": "fr"},
    "ListFree": FOUND,
    "ListBookings": [BOOKING],
    "ListRequests": [REQUEST],
    "ListHandovers": [HANDOVER],
    "WithdrawUnit": {**UNIT, "leaves_on": "2026-11-28"},
    "LendAgain": UNIT,
    "AnswerHold": {"hold_id": "hold1", "unit": "Woning 1", "said": "yes", "until": "2026-11-30"},
    "NotYetLeft": BOOKING,
    "LookExtension": EXTENSION,
    "AskExtension": {"booking_id": "b1", "reference": "IZ-7F3K"},
    "ListWeekend": [LINE],
    "ListCare": [CALL],
    "RecordCare": {**CALL, "state": "well"},
    "ListStuck": STUCK,
    "NoteQuestion": {"id": "q1"},
    "TakeBackQuestion": {"id": "q1"},
    "NoteConsultation": {"reference": "IZ-7F3K", "what": "planned"},
    "LookColdWeather": {"on": False},
    "TurnColdWeather": {"on": True},
    "AnswerLine": {**LINE, "answer": "leaves"},
    "StaysAs": {**BOOKING, "state": "checked_out"},
    "ListOwnRequests": [OWN],
    "LookShift": SHIFT,
    "BeginShift": SHIFT,
    "EndShift": {**SHIFT, "on": False, "until": None},
    "GiveShift": {"to": "permanentie 2", "requests": 1, "bookings": 0, "holds": 0},
    "LookRoster": ROSTER,
    "OfferShift": {"id": "o1", "who": "permanentie 1"},
    "AcceptShift": {"id": "o1", "who": "permanentie 1"},
    "Substitute": {"id": "o1", "who": "permanentie 2"},
    "KeepShift": {"id": "o1", "who": "permanentie 1"},
    "FillGap": {**OWN_SHIFT, "id": "s3", "who": "permanentie 2"},
    "TakeOff": {**OWN_SHIFT, "who": "permanentie 1"},
    "CallDesk": {"reference": "IZ-7F3K"},
    "ListUnits": [UNIT, {**UNIT, "id": "u2", "label": "Woning 2", "status": "turnover"}],
}  # fmt: skip
"""What the services answer when nothing is in the way."""

Service = Callable[[Intent], Outcome]


class Walker:
    """Someone who talks: remembers what they see and what was wanted of the services."""

    def __init__(self, situation: Situation = NIGHT, **answers: Any) -> None:
        self.situation = situation
        self.answers: Mapping[str, Any] = {**ANSWERS, **answers}
        self.session = Session()
        self.screens: tuple[Screen, ...] = ()
        self.intents: list[Intent] = []
        self.hear(Said(""))

    @property
    def screen(self) -> Screen:
        return self.screens[-1]

    @property
    def at(self) -> str:
        return self.screen.key

    def hear(self, heard: Heard) -> "Walker":
        taken = step(self.session, heard, self.situation)
        while taken.intent is not None:
            self.intents.append(taken.intent)
            self.session = Session.from_json(taken.session.to_json())
            assert self.session == taken.session
            taken = step(self.session, self.outcome(taken.intent), self.situation)
        self.session = Session.from_json(taken.session.to_json())
        assert self.session == taken.session
        self.screens = taken.screens
        return self

    def outcome(self, intent: Intent) -> Outcome:
        answer = self.answers[type(intent).__name__]
        if callable(answer):
            answer = answer(intent)
        return answer if isinstance(answer, Refused) else Done(answer)

    def choose(self, *codes: str) -> "Walker":
        for code in codes:
            found = [choice for choice in self.screen.choices if choice.code == code]
            assert found, f"{self.at} has no {code}: {[choice.code for choice in self.screen.choices]}"
            self.hear(Chose(found[0].id))
        return self

    def say(self, text: str) -> "Walker":
        return self.hear(Said(text))

    def own_choices(self) -> list[str]:
        return [choice.code for choice in self.screen.choices if choice.code not in EVERYWHERE]

    def wanted(self, kind: type[Any]) -> list[Any]:
        return [intent for intent in self.intents if isinstance(intent, kind)]

    def change(self, **facts: Any) -> "Walker":
        self.situation = replace(self.situation, **facts)
        return self


FIRE = (
    "new", "at:o-police-2", "no", "parent_2", "36007", "fire_water_closed", "no", "none", "same", "0",
    "bed_contact", "none",
)  # fmt: skip
"""From the menu to the proposals: fire at night, a parent with two children."""
