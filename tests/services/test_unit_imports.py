"""A list of units: judged row by row, and taken in whole or not at all."""

from dataclasses import replace
from typing import Any

from crisispool.domain.errors import Refusal
from crisispool.domain.unit import Unit, UnitAccess
from crisispool.services.asks import UnitAsk
from crisispool.services.unit_imports import ImportRow, Judged
from tests.support.night import MONDAY, SUNDAY, Night, day, refusal
from tests.support.region import INGELMUNSTER, IZEGEM


def row(number: int, unit_id: str | None = None, **fields: Any) -> ImportRow:
    return ImportRow(number, unit_id, UnitAsk(**fields))


NEW = row(2, label="Loft", nis=IZEGEM, places=2)
LIST = (NEW, row(3, "iz-room", pets=True), row(4, label="Huis", places=5), row(5, "iz-studio", cots=1))


async def judge(night: Night, *rows: ImportRow, by: str = "owner_izegem") -> list[Judged]:
    return await night.app.keeping.imports.judge(await night.actor(by), rows)


def codes(judged: Judged) -> list[tuple[object, object]]:
    return [(no.facts.get("field", ""), no.facts.get("problem", no.code)) for no in judged.mistakes]


def seen(verdicts: list[Judged]) -> list[tuple[str, int]]:
    return [(each.unit_id, each.seen) for each in verdicts]


async def test_each_row_says_what_it_would_do_and_does_nothing_yet(night: Night) -> None:
    before = await night.rows(Unit)
    new, changed, same, more = await judge(night, *LIST)
    assert [each.kind for each in (new, changed, same, more)] == ["new", "changed", "unchanged", "changed"]
    assert changed.changes == (("pets", False, True),)
    assert (same.unit_id, more.changes) == ("iz-house", (("cots", 0, 1),))
    assert await night.rows(Unit) == before


async def test_all_rows_are_taken_in_at_once_and_a_repeat_takes_in_nothing_more(night: Night) -> None:
    owner, verdicts = await night.actor("owner_izegem"), await judge(night, *LIST)
    for _ in range(2):
        answer = await night.app.keeping.imports.store(owner, "list", LIST, seen(verdicts))
        assert (answer.new, answer.changed, answer.unchanged) == (1, 2, 1)
    [made] = await night.rows(Unit, label="Loft")
    assert (made.owner_id, made.places, made.version) == ("ocmw_izegem", 2, 1)
    assert [each.unit_id for each in await night.rows(UnitAccess, unit_id=made.id)] == [made.id]
    [room] = await night.rows(Unit, id="iz-room")
    [house] = await night.rows(Unit, id="iz-house")
    assert (room.pets, house.version) == (True, 1)
    assert made.id in await night.proposed(await night.request())
    assert await night.app.view.differences(night.clock.now()) == []
    assert {each.kind for each in await judge(night, *LIST)} == {"unchanged"}


async def test_nothing_is_taken_in_when_a_unit_changed_after_it_was_looked_at(night: Night) -> None:
    owner, verdicts = await night.actor("owner_izegem"), await judge(night, *LIST)
    await night.say("iz-room", "turnover")
    no = await refusal(night.app.keeping.imports.store(owner, "list", LIST, seen(verdicts)))
    assert no.code == "version_passed"
    assert await night.rows(Unit, label="Loft") == []
    again = seen(await judge(night, *LIST))
    assert (await night.app.keeping.imports.store(owner, "list", LIST, again)).new == 1


async def test_nothing_is_taken_in_when_one_row_cannot_be(night: Night) -> None:
    rows = (NEW, row(3, "iz-room", places=0))
    verdicts = await judge(night, *rows)
    owner = await night.actor("owner_izegem")
    no: Refusal = await refusal(night.app.keeping.imports.store(owner, "list", rows, seen(verdicts)))
    assert no.code == "import_wrong"
    assert await night.rows(Unit, label="Loft") == []


async def test_each_mistake_is_told_at_its_row_and_column(night: Night) -> None:
    await night.book(await night.request(), "iz-studio")
    verdicts = await judge(
        night,
        row(2),
        row(3, "in-house", places=2),
        row(4, "no-such-unit", places=2),
        row(5, "iz-room", nis=INGELMUNSTER, kind="transit_dwelling"),
        row(6, label="Loft", nis="99999", places=2),
        row(7, label="LOFT", nis=IZEGEM, places=2),
        row(8, "iz-house", joined_on=MONDAY, leaves_on=SUNDAY),
        row(9, "iz-studio", free_until=SUNDAY),
        row(10, label="Zolder", nis=IZEGEM, places=2, owner_id="ocmw_ingelmunster"),
    )
    assert {each.kind for each in verdicts} == {"wrong"}
    assert {each.number: codes(each) for each in verdicts} == {
        2: [("label", "missing"), ("nis", "missing"), ("places", "missing")],
        3: [("id", "unknown_unit")],
        4: [("id", "unknown_unit")],
        5: [("nis", "stays"), ("kind", "stays")],
        6: [("nis", "unknown_municipality")],
        7: [("label", "twice")],
        8: [("leaves_on", "until_before_from")],
        9: [("", "booked_until")],
        10: [("owner_id", "not_a_choice")],
    }


async def test_units_of_one_name_are_told_apart_by_their_number_alone(night: Night) -> None:
    async with night.store.transaction() as tx:
        [room] = await tx.lock(Unit, ["iz-room"])
        await tx.save(replace(room, label="Studio", version=room.version + 1))
    [judged] = await judge(night, row(2, label="Studio", pets=True))
    assert codes(judged) == [("id", "several_alike")]
    [judged] = await judge(night, row(2, "iz-room", label="Studio", pets=True))
    assert judged.kind == "changed"


async def test_a_coordinator_takes_in_units_of_any_owner(night: Night) -> None:
    rows = (row(2, label="Loft", nis=IZEGEM, places=2, owner_id="ocmw_izegem"), row(3, "in-house", pets=True))
    verdicts = await judge(night, *rows, by="coordinator")
    coordinator = await night.actor("coordinator")
    await night.app.keeping.imports.store(coordinator, "list", rows, seen(verdicts))
    [made] = await night.rows(Unit, label="Loft")
    assert made.owner_id == "ocmw_izegem"
    [judged] = await judge(night, row(2, label="Zolder", nis=IZEGEM, places=2), by="coordinator")
    assert codes(judged) == [("owner_id", "missing")]


async def test_the_nights_of_a_unit_are_told_one_by_one(night: Night) -> None:
    booking = await night.book(await night.request(), "iz-studio")
    await night.say("iz-studio", "occupied", since=day("2026-12-02"), until=day("2026-12-04"))
    await night.say("iz-studio", "occupied", since=day("2026-12-06"), until=day("2026-12-07"))
    owner = await night.actor("owner_izegem")
    details = await night.app.keeping.details.view(owner, "iz-studio")
    uses = [use for _, use in details.nights]
    assert booking.checkout == MONDAY and len(uses) == 28
    assert uses[:11] == [
        *["booked"] * 3,
        "departure",
        "free",
        *["occupied"] * 2,
        "free",
        "free",
        "occupied",
        "free",
    ]
    # One of the planned uses does not happen after all; the later one stays.
    await night.say("iz-studio", "free", since=day("2026-12-02"), until=day("2026-12-03"))
    details = await night.app.keeping.details.view(owner, "iz-studio")
    assert [use.starts_on for use in details.uses] == [day("2026-12-06")]


async def test_a_unit_that_is_made_ready_is_shown_so_until_it_is_due(night: Night) -> None:
    await night.say("iz-studio", "turnover", until=day("2026-12-01"))
    details = await night.app.keeping.details.view(await night.actor("owner_izegem"), "iz-studio")
    assert [use for _, use in details.nights][:6] == [*["turnover"] * 4, "free", "free"]
