"""The record keeps what it is given, once, wholly or not at all: on both databases."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.adapters.sql_tables import TABLES
from crisispool.domain.booking import Booking, BookingState, PersonNight, UnitNight
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.handover import Case, Handover
from crisispool.domain.household import Person
from crisispool.domain.organisation import ApiToken, ClosingDay, Municipality, Network, Organisation
from crisispool.domain.record import AuditEntry, ChatSession, Message, MessageState, SetUp
from crisispool.domain.request import Request, RequestState
from crisispool.domain.unit import StatusEvent, Unit
from crisispool.ports import AtLeast, AtMost, OneOf
from tests.support.samples import NOW, TONIGHT, bare, sample, with_what_it_needs


async def put(store: SqlStore, *records: object) -> None:
    async with store.transaction() as work:
        await work.add(*records)


async def put_with_needs(store: SqlStore, record: object) -> None:
    await put(store, *reversed(with_what_it_needs(record)))


def key_of(record: object) -> list[object]:
    return [getattr(record, column.name) for column in TABLES[type(record)].primary_key.columns]


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "bare"])
async def test_every_record_comes_back_as_it_was_put_in(store: SqlStore, filled: bool) -> None:
    records: list[object] = [sample(kind) if filled else bare(sample(kind)) for kind in TABLES]
    await put(store, *records)
    async with store.reading() as work:
        for record in records:
            assert await work.get(type(record), *key_of(record)) == record
            assert record in await work.find(type(record))


async def test_what_is_not_there_is_none(store: SqlStore) -> None:
    async with store.reading() as work:
        assert await work.get(Unit, "no such unit") is None
        assert await work.find(Unit) == []


def unit_night(night: date = TONIGHT) -> UnitNight:
    return sample(UnitNight, night=night)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (sample(UnitNight), sample(UnitNight)),
        (sample(PersonNight), sample(PersonNight)),
        (sample(Case), sample(Case, id="other", reference="IZ-OTHER")),
        (sample(Case), sample(Case, id="other", request_id="request-2")),
        (sample(Handover), sample(Handover, id="other")),
        (sample(Booking), sample(Booking, id="other")),
        (sample(Request), sample(Request, id="other")),
        (sample(Message), sample(Message, id="other")),
        (sample(ApiToken), sample(ApiToken, id="other")),
        (sample(ClosingDay), sample(ClosingDay, id="other")),
        (sample(ClosingDay, organisation_id=None), sample(ClosingDay, id="other", organisation_id=None)),
    ],
    ids=lambda record: type(record).__name__,
)
async def test_the_second_of_what_may_be_there_once_is_a_conflict(
    store: SqlStore, first: object, second: object
) -> None:
    await put_with_needs(store, first)
    if getattr(second, "request_id", None) == "request-2":
        await put(store, sample(Request, id="request-2", reference="R-2"))
    with pytest.raises(Conflict) as refused:
        await put(store, second)
    assert refused.value.table == TABLES[type(first)].name
    async with store.reading() as work:
        assert await work.find(type(first)) == [first]


async def test_a_closing_day_of_the_network_and_of_an_organisation_may_be_the_same_day(
    store: SqlStore,
) -> None:
    await put_with_needs(store, sample(ClosingDay))
    await put(store, sample(ClosingDay, id="network", organisation_id=None))


async def test_a_conflict_is_raised_at_once_and_ends_the_unit_of_work(store: SqlStore) -> None:
    await put(store, SetUp("a", "1"))

    async def go_on_after_a_conflict() -> None:
        async with store.transaction() as work:
            await work.add(SetUp("b", "2"))
            with pytest.raises(Conflict):
                await work.add(SetUp("a", "3"))

    with pytest.raises(RuntimeError, match="over"):
        await go_on_after_a_conflict()
    async with store.reading() as read:
        assert await read.find(SetUp) == [SetUp("a", "1")]


async def test_a_reference_to_nothing_is_an_outage_with_its_cause_and_no_conflict(store: SqlStore) -> None:
    with pytest.raises(Outage) as failed:
        await put(store, sample(StatusEvent))
    assert failed.value.part == "record"
    assert failed.value.__cause__ is not None


@pytest.mark.parametrize(
    "broken",
    [
        sample(Unit, places=0),
        sample(UnitNight, hold_id="holds-1"),
        sample(UnitNight, booking_id=None),
        sample(Booking, checkout=TONIGHT - timedelta(days=1)),
    ],
    ids=lambda record: type(record).__name__,
)
async def test_a_record_that_cannot_be_is_an_outage_and_changes_nothing(
    store: SqlStore, broken: object
) -> None:
    with pytest.raises(Outage):
        await put_with_needs(store, broken)
    async with store.reading() as work:
        assert await work.find(Network) == []


async def test_an_exception_rolls_everything_back(store: SqlStore) -> None:

    async def fail_halfway() -> None:
        async with store.transaction() as work:
            await work.add(SetUp("a", "1"))
            assert await work.get(SetUp, "a")
            await work.audit("someone", "did", "thing", "1", NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_halfway()
    async with store.reading() as read:
        assert await read.get(SetUp, "a") is None


async def test_a_task_that_is_cancelled_leaves_nothing_behind(store: SqlStore) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with store.transaction() as work:
            await work.add(SetUp("a", "1"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await put(store, SetUp("a", "2"))


async def count(store: SqlStore) -> None:
    async with store.transaction() as work:
        (row,) = await work.lock(SetUp, ["count"])
        await work.save(SetUp("count", str(int(row.value) + 1)))
        await work.audit("someone", "counted", "set_up", row.value, NOW)


class Cut:
    """Cancels a task while the database works on its `nth` statement, or on its begin (SQLite) or commit."""

    def __init__(self, engine: AsyncEngine, nth: int) -> None:
        self._engine, self._left = engine.sync_engine, nth
        self.done = asyncio.Event()
        # PostgreSQL is told of the begin with the first statement only.
        begin = ("begin",) if engine.dialect.name == "sqlite" else ()
        self._moments = (*begin, "before_cursor_execute", "commit")

    async def in_the_middle_of(self, operation: Coroutine[Any, Any, None]) -> BaseException | None:
        for name in self._moments:
            event.listen(self._engine, name, self._reached)
        self._task = asyncio.create_task(operation)
        (outcome,) = await asyncio.gather(self._task, return_exceptions=True)
        for name in self._moments:
            event.remove(self._engine, name, self._reached)
        return outcome

    def _reached(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            self._task.cancel()
            self.done.set()


async def test_a_write_cut_in_any_statement_is_wholly_there_or_not_and_leaves_no_lock(
    store: SqlStore, engine: AsyncEngine
) -> None:
    await put(store, SetUp("count", "0"))
    outcomes = [await Cut(engine, nth).in_the_middle_of(count(store)) for nth in range(1, 12)]
    assert {type(outcome) for outcome in outcomes[:-1]} <= {asyncio.CancelledError, type(None)}
    assert (type(outcomes[0]), outcomes[-1]) == (asyncio.CancelledError, None)
    await count(store)
    async with store.reading() as read:
        row, entries = await read.get(SetUp, "count"), await read.find(AuditEntry)
    assert row is not None
    assert int(row.value) == len(entries) > outcomes.count(None)


async def test_a_write_cut_while_it_waits_for_another_process_leaves_no_lock(
    store: SqlStore, engine: AsyncEngine, database_url: str, keys: Keys
) -> None:
    other = SqlStore(make_engine(database_url), keys)
    await put(store, SetUp("count", "0"))
    async with other.transaction() as work:
        await work.lock(SetUp, ["count"])
        cut = Cut(engine, 1)
        task = asyncio.create_task(cut.in_the_middle_of(count(store)))
        await cut.done.wait()
    # Whoever keeps an exception keeps what its frames hold, cursors among them.
    outcome = await task
    assert isinstance(outcome, asyncio.CancelledError)
    await count(other)
    await other.close()


async def test_who_asks_again_and_again_leaves_the_others_their_turn(store: SqlStore) -> None:
    async def other() -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    await put(store)  # the file is open: nothing waits any more
    waiting = asyncio.create_task(other())
    while not waiting.done():
        async with store.reading() as read:
            assert await read.get(SetUp, "not there") is None


async def test_rows_of_one_table_may_refer_to_each_other_in_any_order(store: SqlStore) -> None:
    first = sample(Organisation, id="a", backup_id="b")
    second = sample(Organisation, id="b", backup_id="a")
    await put(store, first, second, sample(Network))
    async with store.reading() as work:
        assert await work.find(Organisation) == [first, second]


async def test_what_is_removed_is_gone_whatever_the_order(store: SqlStore) -> None:
    records = with_what_it_needs(sample(Unit))
    await put(store, *records)
    async with store.transaction() as work:
        await work.remove(*records)
    async with store.reading() as read:
        assert [await read.find(type(record)) for record in records] == [[]] * len(records)


async def test_find_knows_equal_nothing_bounds_and_one_of(store: SqlStore) -> None:
    early, late = sample(Request, id="early"), sample(Request, id="late", reference="R-2")
    late = replace(late, next_action_at=NOW + timedelta(minutes=5), state=RequestState.OPEN)
    never = replace(early, id="never", reference="R-3", next_action_at=None)
    await put_with_needs(store, sample(Request))
    async with store.transaction() as work:
        await work.remove(sample(Request))
        await work.add(*(replace(one, previous_request_id=None) for one in (early, late, never)))

    async def ids(**asked: object) -> list[str]:
        async with store.reading() as read:
            return [found.id for found in await read.find(Request, **asked)]  # type: ignore[arg-type]

    assert await ids(next_action_at=None) == ["never"]
    assert await ids(next_action_at=AtMost(NOW)) == ["early"]
    assert await ids(next_action_at=AtLeast(NOW + timedelta(seconds=1))) == ["late"]
    assert await ids(reference=OneOf(("R-2", "R-3"))) == ["late", "never"]
    assert await ids(reference=OneOf(())) == []
    assert await ids(state="open", network_id="networks-1") == ["late"]
    assert await ids(order=("-next_action_at",)) == ["late", "early", "never"]
    assert await ids(order=("next_action_at", "-id")) == ["never", "early", "late"]
    assert await ids(order=("night", "-reference"), limit=2) == ["early", "never"]


async def test_pick_gives_only_the_columns_asked_of_all_by_primary_key(store: SqlStore) -> None:
    await put(store, *(sample(Municipality, nis=nis, name=name) for nis, name in (("2", "b"), ("1", "c"))))
    async with store.reading() as work:
        assert await work.pick(Municipality, "name", "nis") == [("c", "1"), ("b", "2")]
        with pytest.raises(ValueError, match="units"):
            await work.pick(Unit, "id", "address")


async def test_nobody_searches_by_what_is_sealed_or_unknown(store: SqlStore) -> None:
    async with store.reading() as work:
        with pytest.raises(ValueError, match="cannot be searched"):
            await work.find(ChatSession, state="x")
        with pytest.raises(ValueError, match="cannot be searched"):
            await work.find(ChatSession, colour="x")


async def test_a_moment_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(Exception, match="time zone"):
        await put(store, sample(ChatSession, at=NOW.replace(tzinfo=None)))


async def test_who_read_an_older_version_is_told(store: SqlStore) -> None:
    unit = sample(Unit, version=1)
    await put_with_needs(store, unit)
    async with store.transaction() as work:
        await work.save(replace(unit, cleaned=False, version=2))
    with pytest.raises(Conflict) as refused:
        async with store.transaction() as work:
            await work.save(replace(unit, places=9, version=2))
    assert refused.value.table == "units"
    async with store.reading() as read:
        assert await read.get(Unit, unit.id) == replace(unit, cleaned=False, version=2)


async def test_saving_what_is_gone_is_a_conflict(store: SqlStore) -> None:
    with pytest.raises(Conflict):
        async with store.transaction() as work:
            await work.save(SetUp("a", "1"))


async def test_a_record_without_counted_versions_is_written_over(store: SqlStore) -> None:
    message = sample(Message, state=MessageState.QUEUED)
    await put_with_needs(store, message)
    async with store.transaction() as work:
        await work.save(replace(message, state=MessageState.SENT))
    async with store.reading() as read:
        assert await read.get(Message, message.id) == replace(message, state=MessageState.SENT)


async def test_locked_records_come_fresh_sorted_and_once(store: SqlStore) -> None:
    await put(store, SetUp("b", "2"), SetUp("a", "1"), SetUp("c", "3"))
    async with store.transaction() as work:
        assert await work.lock(SetUp, ["c", "a", "c", "none"]) == [SetUp("a", "1"), SetUp("c", "3")]


async def test_a_snapshot_must_not_write(store: SqlStore) -> None:
    async with store.reading() as work:
        for forbidden in (
            work.add(SetUp("a", "1")),
            work.save(SetUp("a", "1")),
            work.remove(SetUp("a", "1")),
            work.lock(SetUp, ["a"]),
            work.audit("someone", "did", "thing", "1", NOW),
        ):
            with pytest.raises(RuntimeError, match="only reads"):
                await forbidden


async def test_a_snapshot_stays_as_it_was(store: SqlStore) -> None:
    await put(store, SetUp("a", "1"))
    async with store.reading() as read:
        assert len(await read.find(SetUp)) == 1
        await asyncio.create_task(put(store, SetUp("b", "2")))
        assert len(await read.find(SetUp)) == 1


async def test_nobody_takes_a_second_connection_while_holding_one(store: SqlStore) -> None:
    """All who do so at one time would wait for each other when the connections are used up."""
    for open_one in (store.reading, store.transaction):
        async with open_one():
            for open_another in (store.reading, store.transaction):
                with pytest.raises(RuntimeError, match="already"):
                    async with open_another():
                        pass
    await put(store, SetUp("a", "1"))


async def test_two_who_take_the_same_night_meet_one_conflict(store: SqlStore) -> None:
    await put_with_needs(store, sample(UnitNight))
    tomorrow = unit_night(TONIGHT + timedelta(days=1))
    outcomes = await asyncio.gather(put(store, tomorrow), put(store, tomorrow), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]


async def test_two_hundred_increments_by_eight_tasks_all_count(store: SqlStore) -> None:
    await put(store, SetUp("count", "0"))

    async def count(times: int) -> None:
        for _ in range(times):
            async with store.transaction() as work:
                (row,) = await work.lock(SetUp, ["count"])
                await work.save(SetUp("count", str(int(row.value) + 1)))

    await asyncio.gather(*(count(25) for _ in range(8)))
    async with store.reading() as read:
        assert await read.get(SetUp, "count") == SetUp("count", "200")


async def test_ten_thousand_municipalities_go_in_and_out_at_once(store: SqlStore) -> None:
    many = [Municipality(f"{number:05}", "naam", number, 50.9, 3.2) for number in range(10_000)]
    await put(store, *many)
    async with store.reading() as work:
        assert await work.find(Municipality) == many
        asked = OneOf(tuple(one.nis for one in many))
        assert len(await work.find(Municipality, nis=asked)) == len(many)


async def test_a_record_that_is_away_is_an_outage(postgres_away: SqlStore) -> None:
    with pytest.raises(Outage) as failed:
        await put(postgres_away, SetUp("a", "1"))
    assert failed.value.part == "record"


async def test_an_outage_tells_nothing_that_was_in_the_row(store: SqlStore) -> None:
    person = sample(Person, digest="CANARY-digest", request_id="no such request")
    with pytest.raises(Outage) as failed:
        await put(store, person)
    assert "CANARY" not in f"{failed.value}"
    assert "CANARY" not in f"{failed.value.__cause__}"


async def test_states_come_back_as_codes(store: SqlStore) -> None:
    await put_with_needs(store, sample(Booking, state=BookingState.NO_SHOW))
    async with store.reading() as work:
        (found,) = await work.find(Booking, state=OneOf((BookingState.NO_SHOW,)))
    assert found.state is BookingState.NO_SHOW


async def test_processes_that_start_together_remember_the_keys_once(database_url: str, keys: Keys) -> None:
    engines = [make_engine(database_url) for _ in range(5)]
    for engine in engines:
        async with engine.connect():
            pass
    await asyncio.gather(*(SqlStore(engine, keys).check_keys() for engine in engines))
    async with SqlStore(engines[0], keys).reading() as work:
        assert len(await work.find(SetUp)) == len(keys.fingerprints())
    for engine in engines:
        await engine.dispose()
