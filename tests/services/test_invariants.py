"""What must always hold is noticed when it no longer does: every rule is broken once, by hand, in the record."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App
from crisispool.domain.audit import HEAD, ChainHead
from crisispool.domain.booking import Booking, BookingPerson, Hold, PersonNight, StayDecision, UnitNight
from crisispool.domain.care import CareCall, CareState
from crisispool.domain.handover import Case, Handover
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor
from crisispool.domain.record import Message, MessageState
from crisispool.domain.request import Request, RequestKind, RequestState
from crisispool.domain.rounds import Round, RoundKind
from crisispool.domain.unit import OutOfService, Placement
from crisispool.opening import open_app
from crisispool.ports import Transaction
from crisispool.services.asks import BookingAsk, PersonAsk, RequestAsk, SearchAsk
from crisispool.services.invariants import CHAIN_PAGE, RULES
from crisispool.services.region_file import RegionFile, check_region
from crisispool.settings import Settings
from crisispool.texts.render import has
from tests.support.program import PILOT

BEGIN = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 7, 0, 1, tzinfo=UTC)
LATER = timedelta(minutes=6)


def settings_of(folder: Path, redis: Path) -> Settings:
    return Settings.from_env({"CRISISPOOL_DATA_DIR": str(folder), "CRISISPOOL_REDIS_URL": f"unix://{redis}"})


@pytest.fixture(scope="module")
def lived_through(tmp_path_factory: pytest.TempPathFactory, redis_socket: Path) -> Path:
    """The folder of the pilot region after the fire case: one booking, its handover on Monday."""
    region = check_region(PILOT.read_bytes(), "pilot.toml")
    assert isinstance(region, RegionFile)
    folder = tmp_path_factory.mktemp("lived") / "data"

    async def live() -> None:
        async with open_app(settings_of(folder, redis_socket), training=True, begin=BEGIN) as opened:
            await opened.region_files.load(region)
            await opened.view.rebuild(opened.clock.now())
            actor = await opened.accounts.actor_of("calltaker")
            assert actor is not None
            await book(opened, actor)
            assert opened.training is not None
            await opened.training.move("monday", MONDAY)

    asyncio.run(live())
    return folder


@pytest.fixture
async def app(
    lived_through: Path, tmp_path: Path, redis_socket: Path, live_pool: RedisPool
) -> AsyncIterator[App]:
    """A copy of it on Monday morning."""
    folder = tmp_path / "data"
    shutil.copytree(lived_through, folder)
    async with open_app(settings_of(folder, redis_socket), training=True) as opened:
        await opened.view.rebuild(opened.clock.now())
        yield opened


async def book(app: App, actor: Actor) -> None:
    ask = RequestAsk(
        kind=RequestKind.FIRE_WATER_CLOSED,
        adults=1,
        children=2,
        ages=(6, 9),
        origin="36007",
        whereabouts="36007",
        referrer="police",
        persons=(PersonAsk(),),
    )
    request = await app.intake.request(actor, "ask", ask)
    found = await app.availability.search(actor, SearchAsk(request.id))
    ask_bed = BookingAsk(request_id=request.id, unit_id=found.proposals[0].unit_id)
    await app.bookings.book(actor, "book", ask_bed)


async def broken(app: App, now: datetime = MONDAY) -> dict[str, list[str]]:
    if now != MONDAY:
        # The view's nights follow the clock; a running service sees to that.
        await app.view.rebuild(now)
    found: dict[str, list[str]] = {}
    for each in await app.invariants.broken(now):
        found.setdefault(each.rule, []).append(each.about)
    return found


async def by_hand(app: App, change: Callable[[Transaction], Awaitable[None]]) -> None:
    async with app.store.transaction() as tx:
        await change(tx)


async def in_sql(app: App, statement: str) -> None:
    assert isinstance(app.store, SqlStore)
    async with app.store._engine.begin() as connection:
        await connection.run_sync(Connection.execute, text(statement))


async def the_booking(tx: Transaction) -> Booking:
    [booking] = await tx.find(Booking)
    return booking


async def test_after_a_night_lived_through_every_rule_holds(app: App) -> None:
    assert await broken(app) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'nothing' WHERE seq = 2",
        "DELETE FROM audit_entries WHERE seq = 2",
        "DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)",
        "UPDATE audit_head SET seal = 'forged'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries; UPDATE audit_head SET seq = 0, digest = '', seal = ''",
        "DELETE FROM audit_entries; DELETE FROM audit_head",
    ],
)
async def test_an_altered_log_is_noticed(app: App, statement: str) -> None:
    for part in statement.split(";"):
        await in_sql(app, part)
    assert list(await broken(app)) == ["audit_chain"]


async def test_a_second_booking_of_the_same_night_is_noticed_without_its_nights(app: App) -> None:
    async def change(tx: Transaction) -> None:
        booking = await the_booking(tx)
        await tx.add(replace(booking, id="second", reference="IZ-2222", night=date(2026, 11, 29)))

    await by_hand(app, change)
    found = await broken(app)
    assert len(found["double_booking"]) == 1 and found["unit_nights"] == ["second"]


async def test_a_night_without_its_booking_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [first, *_] = await tx.find(UnitNight, order=("night",))
        await tx.remove(first)

    await by_hand(app, change)
    assert "unit_nights" in await broken(app)


async def test_a_person_without_a_night_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [first, *_] = await tx.find(PersonNight, order=("night",))
        await tx.remove(first)

    await by_hand(app, change)
    assert list(await broken(app)) == ["person_nights"]


async def test_a_sleeper_without_nights_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        booking = await the_booking(tx)
        [one, *_] = await tx.find(BookingPerson, booking_id=booking.id)
        await tx.remove(one)

    await by_hand(app, change)
    assert list(await broken(app)) == ["person_nights"]


async def test_a_case_that_was_not_handed_over_in_time_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [case] = await tx.find(Case)
        await tx.save(replace(case, handed_over_at=None))

    await by_hand(app, change)
    assert list(await broken(app)) == ["handed_over_once"]
    assert list(await broken(app, MONDAY + LATER)) == ["handed_over_once", "handed_over_in_time"]


async def test_a_handover_that_nobody_answers_and_nobody_escalates_is_noticed(app: App) -> None:
    async with app.store.reading() as tx:
        [handover] = await tx.find(Handover)
    assert handover.next_action_at is not None
    assert await broken(app, handover.next_action_at) == {}
    assert list(await broken(app, handover.next_action_at + LATER)) == ["escalated_in_time"]


async def test_a_case_that_is_to_go_over_on_another_day_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [case] = await tx.find(Case)
        late = case.handover_due_at + timedelta(days=1)
        await tx.add(
            replace(
                case,
                id="late",
                reference="IZ-2222",
                request_id="late",
                handed_over_at=None,
                handover_due_at=late,
            )
        )

    async with app.store.reading() as tx:
        [request] = await tx.find(Request)
    async with app.store.transaction() as tx:
        await tx.add(replace(request, id="late", reference="R-2222"))
    await by_hand(app, change)
    assert await broken(app) == {"handed_over_when_due": ["late"]}


async def test_nights_beyond_the_limit_are_noticed_unless_someone_decided_or_was_told(app: App) -> None:
    async def six_nights(tx: Transaction) -> None:
        booking = await the_booking(tx)
        persons = await tx.find(BookingPerson, booking_id=booking.id)
        nights = [booking.checkout + timedelta(days=n) for n in range(3)]
        await tx.add(*(UnitNight(booking.unit_id, night, None, booking.id) for night in nights))
        await tx.add(*(PersonNight(row.person_id, night, booking.id) for row in persons for night in nights))
        checkout = booking.checkout + timedelta(days=3)
        await tx.save(replace(booking, checkout=checkout, version=booking.version + 1))

    async def override(tx: Transaction) -> None:
        [decision] = await tx.find(StayDecision)
        booking = await the_booking(tx)
        run = {"run": [night.isoformat() for night in booking.nights]}
        await tx.save(replace(decision, overridden=True, facts={**decision.facts, **run}))

    await by_hand(app, six_nights)
    await app.view.rebuild(MONDAY)
    assert list(await broken(app)) == ["stay_limit"]
    await by_hand(app, override)
    assert await broken(app) == {}


async def test_a_reference_that_leads_to_nobody_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [person] = await tx.find(Person)
        await tx.add(
            replace(person, id="p-2", canonical_id="p-2"), replace(person, id="p-3", canonical_id="p-2")
        )
        await tx.save(replace(person, id="p-2", canonical_id=person.id))

    await by_hand(app, change)
    assert await broken(app) == {"person_links": ["p-3"]}


@pytest.mark.parametrize("use", ["placement", "out_of_service"])
async def test_an_owners_use_where_people_are_is_noticed(app: App, use: str) -> None:
    async def change(tx: Transaction) -> None:
        booking = await the_booking(tx)
        await tx.add(
            Placement("use", booking.unit_id, booking.night, None)
            if use == "placement"
            else OutOfService("use", booking.unit_id, BEGIN, "owner")
        )

    await by_hand(app, change)
    await app.view.rebuild(MONDAY)
    assert list(await broken(app)) == ["owner_in_the_way"]


async def test_a_hold_that_nobody_ended_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        booking = await the_booking(tx)
        await tx.add(
            Hold("h", "pilot", booking.request_id, booking.unit_id, booking.checkout, 1, BEGIN, "x", BEGIN)
        )

    await by_hand(app, change)
    assert list(await broken(app)) == ["hold_lapsed"]


@pytest.mark.parametrize("due", [BEGIN, None])
async def test_a_request_that_waits_unseen_is_noticed(app: App, due: datetime | None) -> None:
    async def change(tx: Transaction) -> None:
        [request] = await tx.find(Request)
        await tx.save(replace(request, state=RequestState.OPEN, next_step="backup", next_action_at=due))

    await by_hand(app, change)
    assert list(await broken(app)) == ["request_unseen"]


async def test_a_round_that_nobody_does_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [care] = await tx.find(Round, kind=RoundKind.CARE)
        await tx.save(replace(care, due_at=MONDAY - LATER))

    await by_hand(app, change)
    assert list(await broken(app)) == ["round_done_in_time"]


async def test_a_call_of_weekend_care_without_what_follows_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        sunday, saturday = await tx.find(CareCall, order=("-day",))
        await tx.save(replace(sunday, next_action_at=MONDAY - LATER, version=sunday.version + 1))
        await tx.save(replace(saturday, state=CareState.OPEN, version=saturday.version + 1))

    await by_hand(app, change)
    found = await broken(app)
    assert (list(found), len(found["care_in_time"])) == (["care_in_time"], 2)


async def test_a_stay_whose_end_nobody_asks_about_is_noticed(app: App) -> None:
    async def ask(at: datetime | None) -> None:
        async def change(tx: Transaction) -> None:
            booking = await the_booking(tx)
            await tx.save(replace(booking, ask_checkout_at=at, version=booking.version + 1))

        await by_hand(app, change)

    await ask(MONDAY - LATER)
    assert list(await broken(app)) == ["checkout_asked"]
    await ask(None)
    assert list(await broken(app)) == ["checkout_asked"]


async def test_a_message_that_failed_is_noticed(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [message, *_] = await tx.find(Message)
        await tx.save(replace(message, state=MessageState.FAILED))

    await by_hand(app, change)
    assert list(await broken(app)) == ["message_failed"]


async def test_a_live_view_that_differs_is_noticed(app: App) -> None:
    snapshot = await app.pool.snapshot()
    gone = min(snapshot)
    await app.pool.rebuild([unit for unit in snapshot.values() if unit.unit_id != gone])
    assert await broken(app) == {"live_view": [gone]}


async def test_a_running_service_raises_the_alarm_for_what_stays_broken(app: App) -> None:
    async def change(tx: Transaction) -> None:
        [first, *_] = await tx.find(PersonNight, order=("night",))
        await tx.remove(first)

    assert await app.watch.look(MONDAY) == []
    await by_hand(app, change)
    assert await app.watch.look(MONDAY) == []
    assert [each.rule for each in await app.watch.look(MONDAY)] == ["person_nights"]


async def test_every_rule_has_its_sentence() -> None:
    assert [rule for rule in RULES if not has(f"command.rule.{rule}")] == []


async def test_a_look_goes_on_in_the_log_where_the_last_one_ended(app: App) -> None:
    async def more(tx: Transaction) -> None:
        await tx.audit("test", "tried", "unit", "1", MONDAY)

    assert await app.watch.look(MONDAY) == []
    await in_sql(app, "UPDATE audit_entries SET action = 'nothing' WHERE seq = 2")
    await by_hand(app, more)
    for _ in range(2):
        assert await app.watch.look(MONDAY) == []
    assert await broken(app) == {"audit_chain": ["2"]}
    await by_hand(app, more)
    await in_sql(
        app, "UPDATE audit_entries SET action = 'x' WHERE seq = (SELECT max(seq) FROM audit_entries)"
    )
    assert await app.watch.look(MONDAY) == []
    assert [each.rule for each in await app.watch.look(MONDAY)] == ["audit_chain"]


async def test_a_record_that_was_put_back_is_looked_at_from_the_beginning(app: App) -> None:
    async def more(tx: Transaction) -> None:
        await tx.audit("test", "tried", "unit", "1", MONDAY)

    async with app.store.reading() as tx:
        head = await tx.get(ChainHead, HEAD)
    assert head is not None
    await by_hand(app, more)
    assert await app.watch.look(MONDAY) == []
    await in_sql(app, "DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)")
    await by_hand(app, lambda tx: tx.save(head))
    for _ in range(2):
        assert await app.watch.look(MONDAY) == []


async def test_a_long_log_is_checked_to_its_end(app: App) -> None:
    async def much(tx: Transaction) -> None:
        for number in range(2 * CHAIN_PAGE):
            await tx.audit("test", "tried", "unit", str(number), MONDAY)

    await by_hand(app, much)
    assert await broken(app) == {}
    await in_sql(app, "UPDATE audit_entries SET action = 'nothing' WHERE seq = 777")
    assert await broken(app) == {"audit_chain": ["777"]}
