"""The board of tonight: what each unit is in each night, and what of that whom is shown."""

from dataclasses import replace

import pytest

from crisispool.domain.availability import can_be_given
from crisispool.domain.duty import DutyShift
from crisispool.domain.organisation import Network
from crisispool.domain.request import RequestKind
from crisispool.domain.unit import UnitNetwork
from crisispool.services.board import HIDDEN, NOT_OFFERED, BoardAnswer, BoardUnit
from crisispool.web.board.tonight_words import words
from tests.services.test_two_networks import both
from tests.support.night import FRIDAY, MONDAY, Night, day
from tests.support.region import ADDRESS, KEY_CODE, PEOPLE

__all__ = ["both"]


async def board(night: Night, who: str = "calltaker") -> BoardAnswer:
    return await night.app.board.tonight(await night.actor(who))


def units(seen: BoardAnswer) -> dict[str, BoardUnit]:
    return {row.unit.id: row for town in seen.towns or () for row in town.units}


async def nights(night: Night, unit_id: str, who: str = "calltaker") -> tuple[str, ...]:
    """What the unit is tonight, on Friday, and in the four nights after."""
    row = units(await board(night, who))[unit_id]
    return (row.tonight, *row.nights)


async def test_a_night_is_free_on_the_board_exactly_when_it_can_be_given(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.hold(await night.request(), "in-studio")
    await night.say("iz-room", "occupied", until=day("2026-11-29"))
    await night.say("iz-studio", "out_of_service")
    await night.change_unit("wi-flat", free_until=MONDAY)
    seen, now = await board(night), night.clock.now()
    async with night.store.reading() as tx:
        network = await night.app.facts.network(tx, "net")
        facts = await night.app.facts.units(tx, list(units(seen)), now)
    for unit_id, row in units(seen).items():
        shown = dict(zip(seen.nights, (row.tonight, *row.nights), strict=True))
        for label, status in shown.items():
            free = can_be_given(facts[unit_id], [label], now, network.calendar) is None
            assert (status == "free") == free, (unit_id, label, status)


async def test_every_status_has_its_nights(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.hold(await night.request(), "in-studio")
    await night.say("iz-room", "occupied", until=day("2026-11-29"))
    await night.say("iz-studio", "out_of_service")
    await night.change_unit("wi-flat", free_until=MONDAY)
    assert await nights(night, "in-house") == ("booked", "booked", "booked", "booked", "free")
    assert await nights(night, "in-studio") == ("held", "held", "held", "free", "free")
    assert await nights(night, "iz-room") == ("occupied", "occupied", "free", "free", "free")
    assert await nights(night, "iz-studio") == ("out_of_service",) * 5
    assert await nights(night, "wi-flat") == ("free", "free", "free", NOT_OFFERED, NOT_OFFERED)


async def test_it_counts_tells_the_rule_and_who_is_there(night: Night) -> None:
    await night.hold(await night.request(), "in-studio")
    seen = await board(night)
    assert (seen.counts["free"], seen.counts["held"]) == (6, 1)
    assert (seen.nights[0], len(seen.block), seen.checkout) == (FRIDAY, 3, MONDAY)
    assert seen.duty.calltakers == ("calltaker",) and seen.duty.call == "051 00 00 00"
    assert seen.requests == 1
    assert [town.municipality.name for town in seen.towns or ()] == ["Ingelmunster", "Izegem", "Wielsbeke"]
    assert units(seen)["in-studio"].held_by == "calltaker"


async def test_what_can_be_given_stands_first_and_labels_are_counted(night: Night) -> None:
    await night.say("iz-room", "occupied")
    await night.change_unit("iz-studio", label="Studio 10")
    await night.change_unit("iz-house", label="Studio 9")
    [_, izegem, _] = (await board(night)).towns or ()
    assert [row.unit.label for row in izegem.units] == ["Studio 9", "Studio 10", "Kamer"]


async def test_outreach_is_not_told_until_when_somebody_stays(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.hold(await night.request(), "in-studio")
    for who in ("worker_caw", "worker_izegem"):
        assert await nights(night, "in-house", who) == ("booked", *[HIDDEN] * 4)
        assert await nights(night, "in-studio", who) == ("held", *[HIDDEN] * 4)
        seen = await board(night, who)
        assert units(seen)["in-house"].unit.until is None
        assert {row.held_by for row in units(seen).values()} == {""}
        assert seen.requests is None


async def test_an_owner_sees_the_own_units_with_their_stays_and_no_others(night: Night) -> None:
    await night.book(await night.request(children=1), "in-house")
    seen = await board(night, "owner_ingelmunster")
    assert set(units(seen)) == {"in-house", "in-studio"}
    assert units(seen)["in-house"].unit.persons == 2
    assert await nights(night, "in-house", "owner_ingelmunster") == (
        "booked",
        "booked",
        "booked",
        "booked",
        "free",
    )


async def test_a_stay_in_another_network_looks_like_the_owners_own_use(both: Night) -> None:
    await both.book(await both.request(), "wi-flat")
    await both.hold(await both.request(), "wi-house")
    assert await nights(both, "wi-flat", "neighbour") == (
        "occupied",
        "occupied",
        "occupied",
        "occupied",
        "free",
    )
    assert await nights(both, "wi-house", "neighbour") == ("occupied", "occupied", "occupied", "free", "free")
    assert units(await board(both, "neighbour"))["wi-house"].held_by == ""
    assert set(units(await board(both, "neighbour"))) == {"wi-flat", "wi-house"}


async def test_a_stay_in_another_network_is_covered_also_when_a_later_one_of_our_own_comes(
    both: Night,
) -> None:
    stay = await both.book(await both.request(kind=RequestKind.VIOLENCE, avoid=("36007",)), "wi-flat")
    theirs = await both.request("neighbour", origin="37017", whereabouts="37017")
    hold = await both.hold(theirs, "wi-flat", "neighbour", night=day("2026-12-01"))
    covered = ("occupied", "occupied", "occupied", "occupied", "held")
    for last in ("held", "booked"):
        assert await nights(both, "wi-flat", "neighbour") == (*covered[:4], last)
        seen = await both.unit("wi-flat", "neighbour")
        assert (seen.status, seen.until, seen.checkout) == ("occupied", MONDAY.isoformat(), None)
        if last == "held":
            await both.book_held(hold, "neighbour")
    # And the later one of theirs is no stay that we are told of.
    assert (await both.unit("wi-flat", "calltaker")).checkout == stay.checkout
    assert (await nights(both, "wi-flat"))[-1] == "occupied"


async def test_outreach_is_not_shown_for_how_many_nights_a_unit_is_held(night: Night) -> None:
    night.at("2026-12-01 21:00")
    hold = await night.hold(await night.request(), "in-house")
    assert hold.nights == 1
    assert await nights(night, "in-house", "worker_caw") == ("held", *[HIDDEN] * 4)
    assert await nights(night, "in-house") == ("held", *["free"] * 4)


async def test_who_takes_calls_but_not_now_sees_who_does_and_no_unit(night: Night) -> None:
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        await tx.remove(*await tx.find(DutyShift, colleague_id="calltaker_2"))
    seen = await board(night, "calltaker_2")
    assert (seen.towns, seen.requests, seen.duty.calltakers) == (None, None, ("calltaker",))
    assert words(seen, "nl").sections is None


async def test_a_network_without_units_has_an_empty_board(night: Night) -> None:
    async with night.store.transaction() as tx:
        await tx.remove(*await tx.find(UnitNetwork))
    seen = await board(night)
    assert seen.towns == ()
    assert words(seen, "nl").counts == (("free", "0 vrij"),)


async def test_nothing_confidential_is_on_any_board(night: Night) -> None:
    await night.book(await night.request_of_jan(), "in-house")
    for who in ("calltaker", "coordinator", "worker_caw", "owner_ingelmunster"):
        said = repr(await board(night, who)) + repr(words(await board(night, who), "nl"))
        for secret in (ADDRESS, KEY_CODE, "Canary", "canary"):
            assert secret not in said, who


async def test_who_shares_a_board_sees_the_same_and_who_does_not_shares_none(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.hold(await night.request(), "in-studio")
    seen: dict[object, BoardAnswer] = {}
    for who, role, _ in PEOPLE:
        if role.value in ("calltaker", "coordinator", "support_worker", "unit_manager"):
            audience = await night.app.board.audience(await night.actor(who))
            assert seen.setdefault(audience, await board(night, who)) == await board(night, who), who
    assert 3 < len(seen) < len(PEOPLE)


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
async def test_the_board_is_said_in_every_language(night: Night, language: str) -> None:
    await night.hold(await night.request(), "in-studio")
    said = words(await board(night), language)
    assert said.sections is not None and len(said.sections) == len(said.drawing.spots) == 3
    assert {"nl": "2.14", "fr": "2 h 14", "en": "2:14"}[language] in said.sections[0].rows[-1].words
