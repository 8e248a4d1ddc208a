"""Which units are proposed, in which order, and the one sentence that says why."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisispool.domain.availability import UnitFacts
from crisispool.domain.matching import propose, split_over_two, why_nothing
from crisispool.domain.policy import Policy
from crisispool.domain.ranking import Candidate, Proposal, Reason
from crisispool.domain.request import Need, RefusalCode, RequestKind
from crisispool.domain.unit import UnitSource
from crisispool.domain.wish import Wish, fits, may_be_proposed, wish_of
from crisispool.texts.render import has, render
from tests.domain.examples import (
    CALENDAR,
    FRIDAY,
    INGELMUNSTER,
    IZEGEM,
    LEDEGEM,
    POLICY,
    SATURDAY_NIGHT_CALL,
    SUNDAY,
    TIELT,
    TOWNS,
    WIELSBEKE,
    a_booking,
    a_request,
    a_unit,
    at,
    booked,
    facts_of,
)

FAMILY = Wish(FRIDAY, 3, persons=3, adults=1, whereabouts=INGELMUNSTER, origin=INGELMUNSTER)
ALONE = Wish(FRIDAY, 3, persons=1, adults=1, whereabouts=INGELMUNSTER)


def a_candidate(unit_id: str, given: int = 0, agreed: int = 1, **changes: Any) -> Candidate:
    return Candidate(facts_of(a_unit(unit_id, **changes)), given, agreed)


def proposals(wish: Wish, *candidates: Candidate, policy: Policy = POLICY) -> tuple[Proposal, ...]:
    return propose(wish, candidates, TOWNS, SATURDAY_NIGHT_CALL, CALENDAR, policy)


def pairs(wish: Wish, *candidates: Candidate) -> tuple[Proposal, ...]:
    return split_over_two(wish, candidates, TOWNS, SATURDAY_NIGHT_CALL, CALENDAR, POLICY)


def ids(found: tuple[Proposal, ...]) -> list[str]:
    return [proposal.unit_id for proposal in found]


def reasons(found: tuple[Proposal, ...]) -> list[str]:
    return [reason for proposal in found for reason in proposal.reasons]


def taken(unit_id: str) -> Candidate:
    return Candidate(booked(a_booking(unit_id=unit_id), a_unit(unit_id)))


def test_only_units_that_fit_and_are_free_for_the_whole_block_are_proposed() -> None:
    found = proposals(
        FAMILY,
        a_candidate("fits"),
        a_candidate("small", places=2),
        a_candidate("promised", free_until=SUNDAY),
        a_candidate("rota", source=UnitSource.ROTA),
        taken("booked"),
    )
    assert ids(found) == ["fits"]
    assert reasons(found) == ["only_one"]


@pytest.mark.parametrize(
    ("need", "meets"),
    [
        (Need.STEP_FREE, {"step_free": True}),
        (Need.COT, {"cots": 1}),
        (Need.PET, {"pets": True}),
        (Need.SEPARATE_ROOMS, {"rooms": 2}),
        (Need.STAFFED, {"staffed": True}),
    ],
)
def test_a_need_narrows_the_units(need: Need, meets: dict[str, Any]) -> None:
    wish = replace(FAMILY, needs=frozenset({need, Need.INTERPRETER, Need.NO_TRANSPORT, Need.PREFERS_CAW}))
    assert ids(proposals(wish, a_candidate("without"), a_candidate("with", **meets))) == ["with"]


def test_a_baby_in_a_cot_takes_no_bed() -> None:
    wish = Wish(FRIDAY, 1, persons=3, cots=1)
    assert fits(a_unit(places=2, cots=1), wish)
    assert not fits(a_unit(places=3), wish)
    assert not fits(a_unit(places=1, cots=2), wish)
    assert not fits(a_unit(places=2, cots=1), replace(wish, cots=0, needs=frozenset({Need.COT})))


@pytest.mark.parametrize(
    ("criterion", "better", "worse"),
    [
        ("cleaned", {}, {"cleaned": False}),
        ("confirmed", {}, {"confirmed_at": at("2026-11-26 16:00")}),
        ("mandate", {}, {"mandate": False}),
        ("does_not_waste", {}, {"family": True}),
        ("does_not_waste", {}, {"step_free": True}),
        ("near", {"nis": INGELMUNSTER}, {"nis": IZEGEM}),
        ("near", {"nis": IZEGEM}, {"nis": TIELT}),
        ("solidarity", {"given": 10, "agreed": 5}, {"given": 3, "agreed": 1}),
        ("stable", {}, {}),
    ],
)
def test_each_criterion_alone_decides_and_is_named(
    criterion: str, better: dict[str, Any], worse: dict[str, Any]
) -> None:
    policy = replace(POLICY, near_km=9.0)
    ordered = a_candidate("a", **better), a_candidate("b", **worse)
    found = proposals(ALONE, *reversed(ordered), policy=policy)
    assert ids(found) == ["a", "b"]
    assert reasons(found) == [criterion, f"below_{criterion}"]
    if criterion != "stable":
        renamed = a_candidate("z", **better), a_candidate("b", **worse)
        assert ids(proposals(ALONE, *renamed, policy=policy)) == ["z", "b"]


def test_what_comes_first_in_the_order_decides_and_the_order_is_a_setting() -> None:
    near_and_dirty = a_candidate("near", nis=INGELMUNSTER, cleaned=False)
    far_and_clean = a_candidate("far", nis=TIELT)
    assert ids(proposals(FAMILY, near_and_dirty, far_and_clean)) == ["far", "near"]
    policy = replace(POLICY, proposal_order=("near", "cleaned"))
    assert ids(proposals(FAMILY, near_and_dirty, far_and_clean, policy=policy)) == ["near", "far"]


def test_an_unknown_criterion_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="beauty"):
        proposals(FAMILY, a_candidate("a"), policy=replace(POLICY, proposal_order=("near", "beauty")))


def test_each_says_why_it_stands_below_the_one_before() -> None:
    found = proposals(
        FAMILY,
        a_candidate("dirty", nis=INGELMUNSTER, cleaned=False),
        a_candidate("far", nis=TIELT),
        a_candidate("near", nis=INGELMUNSTER),
    )
    assert ids(found) == ["near", "far", "dirty"]
    assert reasons(found) == ["near", "below_near", "below_cleaned"]


def test_one_person_may_have_a_family_unit_when_it_is_not_the_last_or_nothing_else_fits() -> None:
    two_families = a_candidate("a", family=True), a_candidate("b", family=True), a_candidate("c")
    assert ids(proposals(ALONE, *two_families)) == ["a", "b", "c"]
    assert ids(proposals(ALONE, a_candidate("a", family=True))) == ["a"]
    assert ids(proposals(FAMILY, a_candidate("a", family=True), a_candidate("b"))) == ["a", "b"]


def test_the_last_step_free_unit_is_not_spared_for_who_needs_it() -> None:
    wish = replace(ALONE, needs=frozenset({Need.STEP_FREE}))
    found = proposals(wish, a_candidate("a", step_free=True, given=9), a_candidate("b", given=1))
    assert ids(found) == ["a"]


def test_a_family_unit_that_is_taken_does_not_make_another_one_spare() -> None:
    occupied = Candidate(booked(a_booking(unit_id="x"), a_unit("x", family=True)))
    found = proposals(ALONE, occupied, a_candidate("a", family=True), a_candidate("b"))
    assert ids(found) == ["b", "a"]


def test_what_was_not_confirmed_for_five_working_days_comes_last_and_is_never_hidden() -> None:
    stale = a_candidate("a", nis=INGELMUNSTER, confirmed_at=at("2026-11-20 16:00"))
    dirty = a_candidate("b", cleaned=False, mandate=False, confirmed_at=at("2026-11-26 16:00"))
    found = proposals(FAMILY, stale, dirty, policy=replace(POLICY, proposal_order=("near",)))
    assert ids(found) == ["b", "a"]
    assert [p.call_first for p in found] == [False, True]
    assert reasons(found) == ["only_one", "call_first"]
    assert ids(proposals(FAMILY, stale)) == ["a"]


def test_violence_never_leads_to_the_own_nor_to_an_avoided_municipality() -> None:
    request = a_request(kind=RequestKind.VIOLENCE, origin=INGELMUNSTER, avoid=(IZEGEM,))
    wish = wish_of(request, FRIDAY, 3)
    units = [a_candidate(nis, nis=nis) for nis in (INGELMUNSTER, IZEGEM, LEDEGEM)]
    assert ids(proposals(wish, *units)) == [LEDEGEM]
    assert [may_be_proposed(c.unit, wish) for c in units] == [False, False, True]


def test_a_fire_may_stay_in_its_own_municipality() -> None:
    wish = wish_of(a_request(), FRIDAY, 3)
    assert ids(proposals(wish, a_candidate("a", nis=INGELMUNSTER))) == ["a"]


def test_violence_with_nothing_safe_left_gives_no_proposal_and_no_pair() -> None:
    wish = replace(FAMILY, hiding=True, persons=7, adults=2)
    units = a_candidate("a", nis=INGELMUNSTER), a_candidate("b", nis=INGELMUNSTER)
    assert proposals(replace(wish, persons=3), *units) == ()
    assert pairs(wish, *units) == ()


def test_for_violence_near_is_left_out() -> None:
    wish = replace(FAMILY, hiding=True, origin=None)
    found = proposals(wish, a_candidate("a", nis=TIELT), a_candidate("b", nis=INGELMUNSTER))
    assert ids(found) == ["a", "b"]
    assert reasons(found) == ["stable", "below_stable"]


def test_a_large_household_gets_two_units_together_best_in_one_municipality() -> None:
    wish = replace(FAMILY, persons=7, adults=2, whereabouts=None)
    found = pairs(
        wish,
        a_candidate("a", nis=IZEGEM),
        a_candidate("b", nis=TIELT),
        a_candidate("c", nis=TIELT, places=3),
        a_candidate("d", nis=WIELSBEKE, places=2),
    )
    assert [(p.unit_id, p.with_unit_id) for p in found] == [("b", "c"), ("a", "c"), ("a", "b")]
    assert reasons(found) == ["together_near", "together", "together"]
    assert [p.facts["places"] for p in found] == [7, 7, 8]


def test_nobody_is_split_who_fits_in_one_unit_or_has_one_adult() -> None:
    units = a_candidate("a"), a_candidate("b")
    assert pairs(replace(FAMILY, persons=4, adults=2), *units) == ()
    assert pairs(replace(FAMILY, persons=6, adults=1), *units) == ()
    assert pairs(replace(FAMILY, persons=6, adults=2), *units, a_candidate("c", places=6)) == ()
    assert len(pairs(replace(FAMILY, persons=6, adults=None), *units)) == 1
    assert pairs(replace(FAMILY, persons=9, adults=2), *units) == ()


def test_a_pair_is_as_certain_and_as_clean_as_its_weaker_half() -> None:
    wish = replace(FAMILY, persons=6, adults=2)
    stale = a_candidate("b", cleaned=False, confirmed_at=None)
    [found] = pairs(wish, a_candidate("a"), stale)
    assert (found.unit_id, found.with_unit_id) == ("a", "b")
    assert (found.confirmed, found.cleaned, found.call_first) == (False, False, True)


def test_both_units_of_a_pair_are_staffed_when_one_must_be() -> None:
    wish = replace(FAMILY, persons=6, adults=2, needs=frozenset({Need.STAFFED}))
    assert pairs(wish, a_candidate("a", staffed=True), a_candidate("b")) == ()
    step_free = replace(wish, needs=frozenset({Need.STEP_FREE, Need.SEPARATE_ROOMS}))
    assert len(pairs(step_free, a_candidate("a", step_free=True), a_candidate("b"))) == 1


def test_nothing_free_and_nothing_suitable_are_told_apart() -> None:
    def why(*candidates: Candidate) -> RefusalCode:
        return why_nothing(FAMILY, candidates, SATURDAY_NIGHT_CALL, CALENDAR)

    assert why() is RefusalCode.NO_UNIT
    assert why(taken("a")) is RefusalCode.NO_UNIT
    assert why(taken("a"), a_candidate("b", places=1)) is RefusalCode.NO_SUITABLE_UNIT


def test_part_of_a_household_asks_for_its_own_beds_only() -> None:
    assert wish_of(a_request(), FRIDAY, 3).beds == 3
    assert wish_of(a_request(), FRIDAY, 3, persons=2).beds == 2


@given(
    st.lists(
        st.builds(
            lambda nis, cleaned, mandate, family, given, confirmed: {
                "nis": nis,
                "cleaned": cleaned,
                "mandate": mandate,
                "family": family,
                "given": given,
                "confirmed_at": confirmed,
            },
            st.sampled_from(sorted(TOWNS)),
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.integers(0, 3),
            st.sampled_from([None, at("2026-11-26 16:00"), at("2026-11-27 16:00")]),
        ),
        max_size=7,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_does_not_depend_on_how_the_units_come_in(units: list[dict[str, Any]], lots: Any) -> None:
    candidates = [a_candidate(f"u{n}", **unit) for n, unit in enumerate(units)]
    shuffled = list(candidates)
    lots.shuffle(shuffled)
    found = proposals(ALONE, *candidates)
    assert found == proposals(ALONE, *shuffled)
    assert sorted(ids(found)) == sorted(c.unit.id for c in candidates)
    assert all(len(p.reasons) == 1 for p in found)


def test_every_reason_has_its_sentence() -> None:
    shown = {"municipality": "Izegem", "other_municipality": "Tielt", "places": 7, "given_nights": 1}
    for reason in Reason:
        assert has(f"proposal.{reason}"), reason
        assert "Izegem" in render(f"proposal.{reason}", shown)


def test_a_proposal_carries_what_its_sentence_needs() -> None:
    units = a_candidate("a", given=2), a_candidate("b", given=3), a_candidate("c", confirmed_at=None)
    for proposal in proposals(FAMILY, *units):
        assert render(f"proposal.{proposal.reasons[0]}", proposal.facts).startswith("In Izegem: ")
    [pair, *_] = pairs(replace(FAMILY, persons=7, adults=2), *units)
    assert render(f"proposal.{pair.reasons[0]}", pair.facts).startswith("Samen 8 plaatsen")


def test_a_unit_in_a_town_without_coordinates_is_still_proposed() -> None:
    facts: UnitFacts = facts_of(a_unit("a", nis="99999"))
    assert ids(proposals(FAMILY, Candidate(facts))) == ["a"]
