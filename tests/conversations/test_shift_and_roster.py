"""The talks of shifts and rosters: on and off duty, what is in hand, a shift given away, taken over, put in."""

from dataclasses import replace
from typing import Any

import pytest

from crisispool.conversations import duty_intents as d
from crisispool.conversations.vocabulary import Refused, Tapped
from tests.conversations.walking import ALONE, NIGHT, OWN_OFFERED, OWN_SHIFT, SHIFT, Walker

OFF = {**SHIFT, "on": False, "until": None, "others": [], "requests": 0, "to": []}
COORDINATOR = replace(NIGHT, roles=("coordinator",))


def test_a_calltaker_goes_on_duty_in_two_taps() -> None:
    walker = Walker(LookShift=OFF).choose("shift", "begin")
    assert walker.wanted(d.BeginShift) == [d.BeginShift()] and walker.at == "shift.on"


def test_who_is_not_the_last_stops_at_once() -> None:
    walker = Walker().choose("shift", "end")
    assert walker.wanted(d.EndShift) == [d.EndShift()] and walker.at == "shift.off"


def test_the_last_one_is_asked_once_more_and_no_means_no() -> None:
    walker = Walker(EndShift=Refused("last_on_duty", ALONE)).choose("shift", "end")
    assert walker.at == "shift.last" and walker.screen.facts["coordinator"] == NIGHT.coordinator_phone
    assert walker.choose("stay").at == "shift.on" and d.EndShift(sure=True) not in walker.intents
    walker.choose("end", "end_all_the_same")
    assert d.EndShift(sure=True) in walker.intents


def test_all_that_is_in_hand_is_given_to_a_colleague() -> None:
    walker = Walker().choose("shift", "give", "to:0")
    assert walker.wanted(d.GiveShift) == [d.GiveShift("c2")]
    assert [note.key for note in walker.screen.notes] == ["shift.said_given"]


def test_who_has_nothing_in_hand_has_nothing_to_give() -> None:
    assert "give" not in Walker(LookShift=OFF).choose("shift").own_choices()


def test_the_own_shifts_come_first_and_gaps_are_named() -> None:
    walker = Walker().choose("roster")
    assert walker.own_choices() == ["mine:0", "take:1", "nights", "menu"]
    named = [line.key for line in walker.screen.lines]
    assert named == ["duty.gap_backup", "duty.gap_calltaker", "duty.gap_backup", "duty.gap_coordinator"]


@pytest.mark.parametrize(("to", "wanted"), [("everyone", None), ("to:0", "c2")])
def test_a_shift_is_offered_to_one_or_to_whoever_wants_it(to: str, wanted: str | None) -> None:
    walker = Walker().choose("roster", "mine:0", to)
    assert walker.wanted(d.OfferShift) == [d.OfferShift("s1", wanted)]
    assert walker.at == "duty.roster"


def test_taking_over_asks_once_more() -> None:
    walker = Walker().choose("roster", "take:1", "no")
    assert walker.wanted(d.AcceptShift) == []
    assert walker.choose("take:1", "yes").wanted(d.AcceptShift) == [d.AcceptShift("o1")]


def test_who_was_too_late_hears_who_has_it() -> None:
    walker = Walker(AcceptShift=Refused("shift_gone", {"by": "x"})).choose("roster", "take:1", "yes")
    assert [note.key for note in walker.screen.notes] == ["refusal.shift_gone"]


def test_only_a_coordinator_puts_somebody_else_in() -> None:
    assert Walker().choose("roster", "nights").own_choices() == ["back_to"]
    walker = Walker(COORDINATOR).choose("roster", "nights", "put:1", "to:0")
    assert walker.wanted(d.Substitute) == [d.Substitute("s2", "c1")]


def offering(*shifts: dict[str, Any]) -> dict[str, Any]:
    return {"nights": [{"night": "2026-12-04", "shifts": list(shifts), "gaps": []}], "colleagues": {}}


def test_who_offered_a_shift_keeps_it_after_all() -> None:
    walker = Walker(LookRoster=offering(OWN_OFFERED)).choose("roster", "mine:0")
    assert walker.at == "duty.keep"
    assert walker.choose("no").wanted(d.KeepShift) == []
    assert walker.choose("mine:0", "yes").wanted(d.KeepShift) == [d.KeepShift("o3")]
    assert [note.key for note in walker.screen.notes] == ["duty.said_kept"]


def test_who_takes_an_offer_back_too_late_hears_who_has_it() -> None:
    no = Refused("shift_gone", {"by": "x"})
    walker = Walker(LookRoster=offering(OWN_OFFERED), KeepShift=no).choose("roster", "mine:0", "yes")
    assert [note.key for note in walker.screen.notes] == ["refusal.shift_gone"]


def test_a_coordinator_taps_a_gap_and_chooses_who_takes_it() -> None:
    assert "gaps" not in Walker().choose("roster").own_choices()
    walker = Walker(COORDINATOR).choose("roster", "gaps")
    assert walker.own_choices() == ["gap:0", "gap:1", "gap:2", "back_to"]
    walker.choose("gap:0")
    assert walker.own_choices() == ["to:0", "back_to"], "who is on another roster then is not asked"
    walker.choose("to:0")
    gap = ("calltaker", "c2", "2026-12-05T05:00:00+00:00", "2026-12-06T05:00:00+00:00")
    assert walker.wanted(d.FillGap) == [d.FillGap(*gap)]
    assert [note.key for note in walker.screen.notes] == ["duty.said_filled"]


def test_a_gap_that_nobody_can_fill_says_so() -> None:
    walker = Walker(COORDINATOR).choose("roster", "gaps", "gap:1")
    assert walker.screen.key == "duty.fill_nobody" and walker.own_choices() == ["back_to"]


def test_who_fills_a_gap_too_late_hears_who_was_first() -> None:
    no = Refused("gap_filled", {"by": "x"})
    walker = Walker(COORDINATOR, FillGap=no).choose("roster", "gaps", "gap:0", "to:0")
    assert [note.key for note in walker.screen.notes] == ["refusal.gap_filled"]


def test_taking_somebody_off_asks_once_more_when_nobody_is_left() -> None:
    walker = Walker(COORDINATOR, TakeOff=Refused("makes_gap")).choose("roster", "nights", "put:0", "off")
    assert walker.wanted(d.TakeOff) == [d.TakeOff("s1")] and walker.at == "duty.off"
    assert walker.choose("no").wanted(d.TakeOff) == [d.TakeOff("s1")]
    walker.choose("nights", "put:0", "off", "off_all_the_same")
    assert walker.wanted(d.TakeOff)[-1] == d.TakeOff("s1", sure=True)


def test_a_shift_that_has_begun_is_not_taken_off() -> None:
    begun = {**OWN_SHIFT, "starts_at": NIGHT.now.isoformat()}
    walker = Walker(COORDINATOR, LookRoster=offering(begun)).choose("roster", "nights", "put:0")
    assert "off" not in walker.own_choices()


def test_a_shift_that_runs_over_two_nights_is_named_once() -> None:
    both = [{"night": f"2026-12-0{n}", "shifts": [OWN_SHIFT], "gaps": []} for n in (4, 5)]
    walker = Walker(LookRoster={"nights": both, "colleagues": {}}).choose("roster")
    assert walker.own_choices() == ["mine:0", "nights", "menu"]


def test_a_message_opens_the_roster_or_the_shift() -> None:
    assert Walker().hear(Tapped("roster", "message.shift_passed", "o1")).at == "duty.roster"
    assert Walker().hear(Tapped("shift", "message.shift_given", "c2")).at == "shift.on"
