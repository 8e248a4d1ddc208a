"""The coordinator's list of what is stuck, weekend care by tap, and the cold-weather switch."""

from dataclasses import replace
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations import intents_by_day as d
from crisispool.conversations.vocabulary import Refused
from crisispool.services.stuck import StuckKind
from crisispool.texts.render import has
from tests.conversations.walking import CALL, HANDOVER, NIGHT, STUCK, Walker

COORDINATOR = replace(NIGHT, roles=("coordinator",))


def test_every_kind_of_stuck_has_its_words() -> None:
    assert [kind for kind in StuckKind if not has(f"coordinating.stuck_is.{kind}")] == []


@pytest.mark.parametrize(
    ("kind", "at", "wanted"),
    [
        ("decide_stay", None, i.TakeRequest("b1")),
        ("untaken", None, i.TakeRequest("b1")),
        ("undecided", None, i.TakeRequest("b1")),
        ("care", "care.list", d.ListCare()),
        ("extension", "outreach.extend", d.LookExtension("b1")),
        ("weekend", "friday.list", d.ListWeekend()),
        ("contact", "morning.case", i.ListHandovers()),
        ("worker", "morning.case", i.ListHandovers()),
        ("overstay", "booking.view", i.ListBookings()),
        ("checkout", "booking.view", i.ListBookings()),
        ("arrival", "booking.view", i.ListBookings()),
    ],
)
def test_what_is_stuck_opens_in_one_tap(kind: str, at: str | None, wanted: i.Intent) -> None:
    stuck = [{**STUCK[0], "kind": kind, "id": "b1"}]
    walker = Walker(COORDINATOR, ListStuck=stuck, ListHandovers=[{**HANDOVER, "id": "b1"}])
    walker.choose("stuck", "stuck:0")
    assert wanted in walker.intents
    assert at is None or walker.at == at


def test_who_was_not_reached_is_only_told() -> None:
    walker = Walker(COORDINATOR).choose("stuck")
    assert [line.key for line in walker.screen.lines] == ["coordinating.stuck_is.undelivered"]
    assert len(walker.own_choices()) == len(STUCK) - 1


def test_an_extension_that_is_decided_leads_back_to_what_is_stuck() -> None:
    walker = Walker(COORDINATOR, ListStuck=[{**STUCK[0], "kind": "extension", "id": "b1"}])
    walker.choose("stuck", "stuck:0", "yes")
    assert walker.at == "coordinating.stuck" and walker.wanted(i.Extend) == [i.Extend("b1")]


def test_nothing_stuck_is_said_too() -> None:
    assert Walker(COORDINATOR, ListStuck=[]).choose("stuck").at == "coordinating.nothing_stuck"


def test_what_is_gone_meanwhile_leads_to_the_menu() -> None:
    stuck = [{**STUCK[0], "kind": "contact", "id": "h9"}]
    walker = Walker(COORDINATOR, ListStuck=stuck).choose("stuck", "stuck:0")
    assert walker.at == "coordinator.menu"
    assert [note.key for note in walker.screen.notes] == ["news.gone"]


@pytest.mark.parametrize("result", ["well", "help", "left", "no_answer"])
@pytest.mark.parametrize("role", ["calltaker", "coordinator"])
def test_a_call_is_noted_in_one_tap(role: str, result: str) -> None:
    walker = Walker(replace(NIGHT, roles=(role,))).choose("care", "call:0", f"care_{result}")
    assert walker.wanted(d.RecordCare) == [d.RecordCare("b1", result)]
    assert walker.at == "care.list"
    assert [note.key for note in walker.screen.notes] == [f"care.noted.{result}"]


def test_who_did_not_answer_stands_there_to_be_called_again() -> None:
    walker = Walker(ListCare=[{**CALL, "tries": 1}]).choose("care")
    assert walker.screen.choices[0].label == "care.again"


def test_a_call_that_cannot_be_noted_says_why() -> None:
    refused: dict[str, Any] = {"RecordCare": Refused("booking_over")}
    walker = Walker(**refused).choose("care", "call:0", "care_well")
    assert [note.key for note in walker.screen.notes] == ["refusal.booking_over"]


def test_the_cold_weather_switch_shows_how_it_stands_and_turns() -> None:
    walker = Walker(COORDINATOR).choose("cold")
    assert walker.own_choices() == ["keep", "on"]
    assert walker.choose("on").wanted(d.TurnColdWeather) == [d.TurnColdWeather(on=True)]
    assert walker.at == "coordinator.menu"
    walker = Walker(COORDINATOR, LookColdWeather={"on": True}).choose("cold")
    assert walker.own_choices() == ["keep", "off"]
    assert walker.choose("keep").wanted(d.TurnColdWeather) == []
