"""The worlds in which the talks are explored: who talks when, and what each service may answer."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from crisispool.conversations.news import WAYS
from crisispool.conversations.vocabulary import Home, Outcome, Refused, Say, Situation, StayFact, Tapped
from crisispool.domain.organisation import Role
from crisispool.services.referring import Stand
from tests.conversations.exploring import Found, World, done, explore, refused
from tests.conversations.test_my_units import BOOKED_UNIT, HELD_UNIT
from tests.conversations.test_outreach import BED, COORDINATORS, NOT_HERE, NOT_YOURS, NOWHERE
from tests.conversations.walking import (
    ALONE,
    ANSWERS,
    BOOKING,
    CALL,
    FIRE,
    HANDOVER,
    LINE,
    NIGHT,
    NOT_POSSIBLE,
    NOTHING_FREE,
    OWN,
    OWN_OFFERED,
    REQUEST,
    ROSTER,
    SHIFT,
    STAYS,
    STUCK,
    UNIT,
    WHY_NOT,
)
from tests.conversations.walking import BED as OWN_BED

CALL_112 = Say("screening.redirect").plain()
MINE = {**REQUEST, "whose": "mine", "screened": "ok"}
ALIKE = {**REQUEST, "same_household": ["R-2222"], "brief": True}
OTHERS = {**REQUEST, "whose": "other", "taken_label": "permanentie 2"}
LIMIT = {**REQUEST, "stay_sentence": WHY_NOT, "one_night": True}
INSIDE = {**BOOKING, "state": "checked_in"}

BEDS = [OWN_BED, {**OWN_BED, "id": "b2", "reference": "IZ-2MMA"}]
STANDS = (
    *({**OWN, "stand": stand} for stand in Stand),
    {**OWN, "stand": "booked", "beds": [OWN_BED]},
    {**OWN, "stand": "booked", "beds": BEDS},
    {**OWN, "stand": "taken", "call_back": ""},
)

MORE: dict[str, Sequence[Outcome]] = {
    "OpenRequest": (*done({**REQUEST, "same_household": ["R-2222"]}), *refused("request_closed")),
    "CompleteRequest": refused("request_closed"),
    "TakeRequest": (*done(MINE, LIMIT, ALIKE), *refused("already_taken")),
    "ScreenRequest": done(
        {
            "result": "redirect",
            "refusal": "medical",
            "sentence": [Say("screening.redirect").plain()],
            "failed": ["danger"],
        },
        {
            "result": "pause",
            "refusal": "intoxicated",
            "sentence": [Say("screening.choose_other_unit").plain()],
            "failed": ["unsafe"],
        },
    ),
    "Refuse": refused("named_place_missing", "request_closed"),
    "FindProposals": (*done(NOTHING_FREE), *refused("stay_limit", "stay_not_yours", "request_closed")),
    "HoldUnit": refused("unit_held", "stay_limit"),
    "Book": refused("hold_lapsed", "stay_limit"),
    "StayOptions": done([STAYS[1]], []),
    "Move": refused("no_unit"),
    "ListBookings": done([], [{**BOOKING, "mine": False}], [INSIDE]),
    "ListRequests": done([], [MINE], [OTHERS]),
    "ListHandovers": done(
        [],
        [{**HANDOVER, "state": "accepted", "worker_id": "c1"}],
        [
            {
                **HANDOVER,
                "state": "accepted",
                "worker_id": "c1",
                "beds": [{**BED, "over": True}] * 2,
            }
        ],
        [{**HANDOVER, "state": "contacted", "worker_id": "c1"}],
    ),
    "ListOwnRequests": done([], *([each] for each in STANDS)),
    "CallDesk": refused("not_there"),
    "EndShift": (Refused("last_on_duty", ALONE), *refused("not_on_duty")),
    "GiveShift": refused("nothing_in_hand"),
    "LookShift": done({**SHIFT, "on": False, "until": None, "others": [], "requests": 0, "to": []}),
    "LookRoster": done(
        {"nights": [{"night": "2026-12-05", "shifts": [], "gaps": []}], "colleagues": {}},
        {**ROSTER, "nights": [{**ROSTER["nights"][0], "shifts": [OWN_OFFERED]}]},
    ),
    "KeepShift": refused("shift_gone"),
    "FillGap": refused("gap_filled", "on_duty_then"),
    "TakeOff": refused("makes_gap", "shift_begun"),
    "OfferShift": refused("already_offered"),
    "AcceptShift": refused("shift_gone"),
    "Substitute": refused("on_duty_then"),
    "ListCare": done([], [{**CALL, "tries": 1}]),
    "ListStuck": done([], *([each] for each in STUCK)),
    "TakeBackQuestion": refused("question_counts"),
    "LookColdWeather": done({"on": True}),
    "TurnColdWeather": done({"on": False}),
    "LookExtension": done(NOT_HERE, NOWHERE, {**NOWHERE, "hidden": True}, NOT_YOURS, COORDINATORS),
    "ListWeekend": done([], [{**LINE, "answer": "leaves"}], [{**LINE, "can_bridge": False}]),
    "ListUnits": done([], [BOOKED_UNIT], [HELD_UNIT]),
    "ListFree": done(NOTHING_FREE),
}
"""Besides the plain answer, which every service gives."""

REFUSES = refused("not_there")


def outcomes() -> dict[str, Sequence[Outcome]]:
    """What each service may answer: the plain answer, the special ones, and that it is not there any more."""
    return {name: (*done(plain), *MORE.get(name, ()), *REFUSES) for name, plain in ANSWERS.items()}


def _as(*roles: Role, **facts: Any) -> Situation:
    return replace(NIGHT, roles=tuple(roles), **facts)


HOME = Home("o-police", "051 00 00 05")
LIMITED = tuple(StayFact(False, None, NOT_POSSIBLE) for _ in range(4))

SITUATIONS: tuple[Situation, ...] = (
    *(_as(role) for role in Role),
    _as(),
    _as(Role.CALLTAKER, Role.COORDINATOR),
    _as(Role.CALLTAKER, office_hours=True, office_call="051 00 00 09"),
    _as(Role.REFERRER, office_hours=True, office_call="051 00 00 09", home=Home("o-police", asks_now=False)),
    _as(Role.CALLTAKER, on_duty=False),
    _as(Role.CALLTAKER, stay_after=LIMITED, referrers=()),
)


PATHS = ((*FIRE[:-1], "cot"),)
"""What depends on two things said earlier is begun by hand."""


TOLD = [(role,) for role in Role if role not in (Role.COUNCIL, Role.ADMIN)]
"""Who is told things, and may tap on them."""


@cache
def explored() -> Found:
    """All that can be reached in these worlds; looked up once a process, for it takes seconds."""
    return explore(worlds())


def worlds() -> list[World]:
    """One world for each role and each kind of hour."""
    about = [str(row["id"]) for row in (BOOKING, HANDOVER, REQUEST, UNIT)]
    opening = [(key, way.code) for key, ways in WAYS.items() for way in ways if way.opens]
    taps = [Tapped(code, key, each) for key, code in opening for each in about]
    return [
        *(World(situation, outcomes(), taps if situation.roles in TOLD else ()) for situation in SITUATIONS),
        *(World(_as(Role.CALLTAKER), outcomes(), first=first) for first in PATHS),
        World(_as(Role.REFERRER, home=Home("o-police")), outcomes()),
        World(
            _as(Role.REFERRER),
            {**outcomes(), "ListOwnRequests": done([{**OWN, "stand": "booked", "beds": BEDS}])},
        ),
    ]
