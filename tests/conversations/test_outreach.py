"""More nights in three taps, whom to ask when they are not ours to give, and the list before closed days."""

from dataclasses import replace
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations import intents_by_day as d
from crisispool.conversations.vocabulary import Refused, Tapped
from tests.conversations.walking import BOOKING, EXTENSION, HANDOVER, LINE, NIGHT, STAYS, Walker

WORKER = replace(NIGHT, roles=("support_worker",))
COORDINATOR = replace(NIGHT, roles=("coordinator",))
ELSEWHERE = [{"unit_id": "u2", "unit": "Woning 2", "town": "Izegem"}]
NOT_HERE = {**EXTENSION, "here": False, "elsewhere": ELSEWHERE}
NOWHERE = {**EXTENSION, "here": False}
NOT_YOURS = {**EXTENSION, "code": "stay_limit"}
COORDINATORS = {**NOT_YOURS, "stays": STAYS}
BED = HANDOVER["beds"][0]  # type: ignore[index]


def extending(**answers: Any) -> Walker:
    """A worker at the next block of a case."""
    return Walker(WORKER, **answers).choose("case:0", "extend:0")


def test_more_nights_are_three_taps_and_lead_back_to_the_case() -> None:
    walker = extending().choose("yes")
    assert walker.wanted(i.Extend) == [i.Extend("b1")]
    assert walker.at == "morning.case"
    assert [note.key for note in walker.screen.notes] == ["outreach.extended"]
    assert not {"came", "extension", "also"} & set(walker.session.memory)


def test_a_household_over_two_units_goes_on_in_both() -> None:
    walker = extending(LookExtension={**EXTENSION, "others": ["b2"]}).choose("yes")
    assert walker.wanted(i.Extend) == [i.Extend("b1"), i.Extend("b2")]


def test_where_the_own_unit_is_taken_others_are_named() -> None:
    assert extending(LookExtension=NOT_HERE).own_choices() == ["place:0", "ask", "no"]
    walker = extending(LookExtension=NOT_HERE).choose("place:0")
    assert walker.wanted(i.Extend) == [i.Extend("b1", unit_id="u2")]
    assert extending(LookExtension=NOWHERE).own_choices() == ["ask", "no"]
    assert extending(LookExtension={**NOWHERE, "hidden": True}).at == "outreach.hidden"


def test_what_is_not_the_workers_to_give_goes_to_the_coordinator() -> None:
    walker = extending(LookExtension=NOT_YOURS)
    assert walker.own_choices() == ["ask", "no"]
    walker.choose("ask")
    assert walker.wanted(d.AskExtension) == [d.AskExtension("b1")] and walker.at == "morning.case"
    assert walker.screen.notes[0].facts["coordinator"] == NIGHT.coordinator_phone


def test_the_coordinator_opens_it_from_the_message_and_decides_with_a_reason() -> None:
    walker = Walker(COORDINATOR, LookExtension=COORDINATORS)
    walker.hear(Tapped("extend", "message.extension_asked", "b1"))
    assert walker.own_choices() == ["stay:0", "stay:1", "stay:2", "no"]
    within = replace_walker(walker).choose("stay:0")
    assert within.wanted(i.Extend) == [i.Extend("b1", nights=3)]
    walker.choose("stay:1", "safety")
    assert walker.wanted(i.Extend) == [i.Extend("b1", nights=4, override_reason="safety")]
    assert walker.at == "coordinator.menu"


def replace_walker(walker: Walker) -> Walker:
    """Another who stands at the same screen."""
    other = Walker(walker.situation, **walker.answers)
    return other.hear(Tapped("extend", "message.extension_asked", "b1"))


def test_only_a_stay_that_ends_on_a_closed_day_asks_who_meets_them() -> None:
    walker = Walker(COORDINATOR, LookExtension=COORDINATORS).choose(
        "handovers", "case:0", "extend:0", "stay:2"
    )
    assert walker.own_choices()[0] == "meet_myself"
    assert "meet_myself" not in walker.choose("back", "stay:1").own_choices()


def test_what_was_taken_meanwhile_is_looked_at_anew() -> None:
    walker = extending(Extend=Refused("unit_booked")).choose("yes")
    assert len(walker.wanted(d.LookExtension)) == 2 and walker.at == "outreach.extend"
    assert [note.key for note in walker.screen.notes] == ["refusal.unit_booked"]


@pytest.mark.parametrize("way", ["no", "back"])
def test_nothing_is_given_by_looking(way: str) -> None:
    walker = extending().choose(way)
    assert walker.at == "morning.case" and walker.wanted(i.Extend) == []


def test_leaving_before_the_end_is_asked_once_more_and_after_it_is_one_tap() -> None:
    walker = Walker(WORKER).choose("case:0", "left:0")
    assert walker.at == "morning.left" and walker.wanted(i.CheckOut) == []
    assert walker.choose("yes").wanted(i.CheckOut) == [i.CheckOut("b1")]
    over = [{**HANDOVER, "beds": [{**BED, "over": True}]}]
    assert Walker(WORKER, ListHandovers=over).choose("case:0", "left:0").wanted(i.CheckOut) == [
        i.CheckOut("b1")
    ]
    walker = Walker(WORKER, ListHandovers=over).choose("case:0", "not_left:0")
    assert walker.wanted(d.NotYetLeft) == [d.NotYetLeft("b1")] and walker.at == "morning.case"


def test_each_bed_of_a_case_has_its_own_ways_and_a_closed_case_has_none() -> None:
    two = [{**HANDOVER, "beds": [BED, {**BED, "id": "b2", "reference": "IZ-2MMA"}]}]
    walker = Walker(WORKER, ListHandovers=two).choose("case:0")
    assert [code for code in walker.own_choices() if ":" in code] == [
        "extend:0",
        "left:0",
        "extend:1",
        "left:1",
    ]
    assert walker.choose("extend:1").wanted(d.LookExtension) == [d.LookExtension("b2")]
    closed = [{**HANDOVER, "state": "closed"}]
    assert Walker(WORKER, ListHandovers=closed).choose("case:0").own_choices() == ["page"]


@pytest.mark.parametrize("answer", ["leaves", "elsewhere", "coordinator"])
def test_a_household_of_the_list_is_answered_in_one_tap(answer: str) -> None:
    walker = Walker(WORKER).choose("friday", "line:0", answer)
    assert walker.wanted(d.AnswerLine) == [d.AnswerLine("l1", answer)]
    assert walker.at == "friday.list"


def test_extending_from_the_list_leads_back_to_it() -> None:
    walker = Walker(WORKER).choose("friday", "line:0", "extend", "yes")
    assert walker.wanted(i.Extend) == [i.Extend("b1")] and walker.at == "friday.list"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({}, "friday.here"),
        ({"own_unit_free": False}, "friday.elsewhere"),
        ({"own_unit_free": False, "proposals": 0}, "friday.nowhere"),
        ({"can_bridge": False}, "friday.too_long"),
        ({"answer": "leaves", "can_bridge": None}, "friday.answer.leaves"),
    ],
)
def test_a_line_says_what_can_be_done(line: dict[str, Any], says: str) -> None:
    walker = Walker(WORKER, ListWeekend=[{**LINE, **line}]).choose("friday", "line:0")
    assert [each.key for each in walker.screen.lines] == [says]
    assert ("extend" in walker.own_choices()) is (line.get("can_bridge", True) is True)
    assert line.get("answer") not in walker.own_choices()


def test_the_coordinator_may_extend_beyond_and_asks_nobody() -> None:
    walker = Walker(COORDINATOR, ListWeekend=[{**LINE, "can_bridge": False, "answer": "coordinator"}])
    walker.hear(Tapped("friday", "message.weekend_line_coordinator", "b1")).choose("line:0")
    assert walker.own_choices() == ["extend", "leaves", "elsewhere"]


def test_open_lines_come_first_and_an_answered_list_says_so() -> None:
    lines = [{**LINE, "answer": "leaves"}, {**LINE, "id": "l2", "reference": "IZ-2MMA"}]
    walker = Walker(WORKER, ListWeekend=lines).choose("friday")
    assert walker.at == "friday.list" and walker.screen.facts["count"] == 1
    assert walker.choose("line:0", "leaves").wanted(d.AnswerLine) == [d.AnswerLine("l2", "leaves")]
    assert Walker(WORKER, ListWeekend=lines[:1]).choose("friday").at == "friday.all_answered"
    assert Walker(WORKER, ListWeekend=[]).choose("friday").at == "friday.nothing"


def test_a_message_about_a_bed_opens_its_case() -> None:
    walker = Walker(WORKER).hear(Tapped("case", "message.case_moved", str(BOOKING["id"])))
    assert walker.at == "morning.case"
    assert Walker(WORKER).hear(Tapped("case", "message.case_moved", "b9")).at == "morning.list"
