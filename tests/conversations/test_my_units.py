"""An owner's units: the list in words, one tap to confirm, two to say what a unit is now."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations import intents_by_day as d
from crisispool.conversations.vocabulary import Refused
from crisispool.texts.screens import labels, shown
from tests.conversations.walking import NIGHT, UNIT, Walker

OWNER = replace(NIGHT, roles=("unit_manager",), today=date(2026, 11, 28))
BOOKED_UNIT = {
    **UNIT, "status": "booked", "until": "2026-11-30", "persons": 3, "checkout": "2026-11-30",
    "booking": {"id": "b1", "reference": "IZ-7F3K", "night": "2026-11-26", "checkout": "2026-11-30"},
}  # fmt: skip
HELD_UNIT = {**UNIT, "status": "held", "until": NIGHT.now.isoformat(), "hold_id": "hold1"}


def of(**unit: Any) -> Walker:
    """An owner at the one unit there is."""
    return Walker(OWNER, ListUnits=[{**UNIT, **unit}]).choose("changed", "unit:0")


def test_all_units_are_confirmed_in_one_tap() -> None:
    walker = Walker(OWNER)
    assert walker.screen.facts == {"free": 1, "turnover": 1, "busy": 0, "out": 0}
    assert d.ConfirmUnits() in walker.choose("all_right").intents
    assert [note.key for note in walker.screen.notes] == ["units.confirmed"]


def test_what_can_change_by_tonight_is_two_taps_away() -> None:
    walker = Walker(OWNER).choose("unit:1", "out_of_service")
    assert d.SayStatus("u2", "out_of_service") in walker.intents
    assert walker.at == "units.menu"
    assert [note.key for note in walker.screen.notes] == ["my_units.said.said"]


def test_the_whole_list_is_the_one_of_now() -> None:
    walker = Walker(OWNER)
    looked = len(walker.wanted(d.ListUnits))
    assert walker.choose("changed").at == "units.list"
    assert len(walker.wanted(d.ListUnits)) == looked + 1


def test_what_stays_as_it_is_comes_last_and_only_in_the_whole_list() -> None:
    units = [
        {**UNIT, "id": "a", "status": "occupied", "until": None},
        {**UNIT, "id": "b", "status": "occupied", "until": "2026-11-28"},
        {**UNIT, "id": "c", "status": "free", "label": "Woning 3"},
        {**UNIT, "id": "d", "status": "out_of_service"},
    ]
    walker = Walker(OWNER, ListUnits=units)
    assert walker.own_choices() == ["all_right", "unit:0", "unit:2", "changed"]
    walker.choose("changed")
    assert labels(walker.screen)[:4] == [
        "Woning 3: vrij",
        "Woning 1: bezet",
        "Woning 1: bezet tot zaterdag 28 november",
        "Woning 1: buiten gebruik",
    ]
    assert d.SayStatus("a", "free") in walker.choose("unit:1", "free").intents


def test_a_long_list_comes_in_pages_and_begins_again() -> None:
    units = [{**UNIT, "id": f"u{n}", "label": f"Woning {n:02}"} for n in range(45)]
    walker = Walker(OWNER, ListUnits=units)
    assert len(walker.own_choices()) == 10
    walker.choose("changed")
    pages = [len(walker.own_choices())]
    pages += [len(walker.choose("more").own_choices()) for _ in range(3)]
    assert pages == [21, 21, 6, 21]


@pytest.mark.parametrize(
    ("now", "night", "contact", "ends", "ready"),
    [
        # Saturday at two: the Friday night.
        ("2026-11-28 01:04", "2026-11-27", "2026-11-30", ["28", "30", "04", "04"], ["30", "04"]),
        # Tuesday morning: ready today is possible until four.
        ("2026-11-24 09:00", "2026-11-24", "2026-11-25", ["25", "27", "30", "01"], ["24", "25", "01"]),
        ("2026-11-24 15:00", "2026-11-24", "2026-11-25", ["25", "27", "30", "01"], ["25", "01"]),
        # Thursday: tomorrow is Friday.
        ("2026-11-26 15:30", "2026-11-26", "2026-11-27", ["27", "30", "03"], ["27", "03"]),
    ],
)
def test_the_days_on_offer_are_tomorrow_friday_monday_and_in_a_week(
    now: str, night: str, contact: str, ends: list[str], ready: list[str]
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    there = replace(
        OWNER, now=moment, night=date.fromisoformat(night), contact_day=date.fromisoformat(contact)
    )
    codes = Walker(there, ListUnits=[UNIT]).choose("unit:0").own_choices()
    days = {
        name: [code[-2:] for code in codes if code.startswith(f"{name}:")]
        for name in ("occupied", "turnover")
    }
    assert days == {"occupied": list(dict.fromkeys(ends)), "turnover": ready}
    assert "occupied" in codes and "out_of_service" in codes


@pytest.mark.parametrize(
    ("unit", "code", "intent"),
    [
        ({}, "occupied:2026-11-30", d.SayStatus("u1", "occupied", "2026-11-30")),
        ({}, "occupied", d.SayStatus("u1", "occupied")),
        ({}, "turnover:2026-11-30", d.SayStatus("u1", "turnover", "2026-11-30")),
        ({}, "withdraw:2026-11-28", d.WithdrawUnit("u1", "2026-11-28")),
        ({"leaves_on": "2026-11-28", "offered": False}, "lend_again", d.LendAgain("u1")),
        ({"cleaned": False}, "free", d.SayStatus("u1", "free")),
        (HELD_UNIT, "yes", d.AnswerHold("hold1", "yes")),
        (HELD_UNIT, "no", d.AnswerHold("hold1", "no")),
        (BOOKED_UNIT, "own_from:2026-11-30", d.SayStatus("u1", "occupied", since="2026-11-30")),
        (BOOKED_UNIT, "withdraw:2026-11-30", d.WithdrawUnit("u1", "2026-11-30")),
    ],
)
def test_one_tap_says_it(unit: dict[str, Any], code: str, intent: i.Intent) -> None:
    walker = of(**unit).choose(code)
    assert intent in walker.intents and walker.at == "units.menu"


def test_what_would_be_refused_is_not_offered() -> None:
    assert of(status="held").own_choices() == ["withdraw:2026-11-28"]
    assert of(**BOOKED_UNIT).own_choices() == ["stays_as", "own_from:2026-11-30", "withdraw:2026-11-30"]
    assert "free" not in of().own_choices()


def test_who_should_have_left_is_said_to_have_or_not() -> None:
    over = {**BOOKED_UNIT, "booking": {**BOOKED_UNIT["booking"], "checkout": "2026-11-28"}}  # type: ignore[dict-item]
    assert i.CheckOut("b1") in of(**over).choose("left").intents
    assert d.NotYetLeft("b1") in of(**over).choose("not_left").intents


def test_that_they_stay_for_good_is_asked_once_more() -> None:
    assert d.StaysAs("b1") in of(**BOOKED_UNIT).choose("stays_as", "stays_as_yes").intents
    walker = of(**BOOKED_UNIT).choose("stays_as", "stays_as_no")
    assert walker.at == "units.unit" and walker.wanted(d.StaysAs) == []


def test_where_somebody_hid_free_means_another_key_code() -> None:
    assert "ook de sleutelcode" in labels(of(status="turnover", key_code=True).screen)[0]
    assert "sleutelcode" not in labels(of(status="turnover").screen)[0]


def test_a_refusal_says_from_when_it_can_be_and_shows_the_list_anew() -> None:
    refused = Refused("held_until", {"earliest": "2026-11-30"})
    walker = Walker(OWNER, SayStatus=refused).choose("unit:0", "out_of_service")
    assert walker.at == "units.menu"
    assert "maandag 30 november" in shown(walker.screen).text
