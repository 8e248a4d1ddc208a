"""The audit chain as the record keeps it: what was written stands, and what was tampered with shows."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, delete, insert, literal, select, text, update

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_store import SqlStore, SqlTransaction, Turns
from crisispool.adapters.sql_tables import METADATA
from crisispool.domain.audit import HEAD, SEAL_PURPOSE, ChainHead, broken_link, claim, digest_of
from crisispool.domain.record import AuditEntry, SetUp
from tests.support.samples import NOW


async def write(store: SqlStore, how_many: int) -> None:
    for number in range(1, how_many + 1):
        async with store.transaction() as work:
            at = NOW + timedelta(seconds=number)
            await work.audit("colleagues-1", "booked", "booking", f"b{number}", at, {"nights": number})


async def chain(store: SqlStore) -> tuple[list[AuditEntry], ChainHead | None]:
    async with store.reading() as work:
        return await work.find(AuditEntry, order=("seq",)), await work.get(ChainHead, HEAD)


async def broken(store: SqlStore) -> int | None:
    return broken_link(*await chain(store))


async def test_a_chain_that_nobody_touched_is_whole(store: SqlStore) -> None:
    assert await broken(store) is None
    await write(store, 5)
    entries, _ = await chain(store)
    assert [(entry.seq, entry.subject_id) for entry in entries] == [(n, f"b{n}") for n in range(1, 6)]
    assert await broken(store) is None


async def test_entries_of_one_unit_of_work_stand_together_in_order(store: SqlStore) -> None:
    async with store.transaction() as work:
        await work.audit("a", "first", "unit", "1", NOW, {"until": date(2026, 11, 30), "nights": (1, 2)})
        await work.audit("a", "second", "unit", "1", NOW)
    entries, _ = await chain(store)
    assert [entry.action for entry in entries] == ["first", "second"]
    assert entries[0].details == {"until": "2026-11-30", "nights": [1, 2]}
    assert await broken(store) is None


async def test_the_head_is_sealed_with_the_key_of_this_set_up(store: SqlStore, keys: Keys) -> None:
    await write(store, 3)
    _, head = await chain(store)
    assert head is not None
    assert head.seal == keys.digest(SEAL_PURPOSE, claim(head.seq, head.digest))


EDIT = "UPDATE audit_entries SET subject_id = 'b9' WHERE seq = 3"
EDIT_DETAILS = "UPDATE audit_entries SET details = '{\"nights\"\\: 4}' WHERE seq = 3"
DELETE = "DELETE FROM audit_entries WHERE seq = 2"
SWAP = """
    UPDATE audit_entries SET seq = 9 WHERE seq = 2;
    UPDATE audit_entries SET seq = 2 WHERE seq = 3;
    UPDATE audit_entries SET seq = 3 WHERE seq = 9
"""
INSERT = """
    INSERT INTO audit_entries SELECT 6, at, actor, action, subject_kind, subject_id, details, previous, digest
    FROM audit_entries WHERE seq = 5
"""
TRUNCATE = "DELETE FROM audit_entries WHERE seq = 5"


@pytest.mark.parametrize(
    ("tampering", "shows_at"),
    [
        pytest.param(EDIT, 3, id="edit"),
        pytest.param(EDIT_DETAILS, 3, id="edit details"),
        pytest.param(DELETE, 2, id="delete"),
        pytest.param(SWAP, 2, id="swap"),
        pytest.param(INSERT, 6, id="insert"),
        pytest.param(TRUNCATE, 5, id="truncate"),
        pytest.param("DELETE FROM audit_entries", 1, id="empty"),
        pytest.param("DELETE FROM audit_head", 6, id="no head"),
        pytest.param("UPDATE audit_head SET seq = 4", 6, id="head back"),
    ],
)
async def test_tampering_shows_where_it_was_done(store: SqlStore, tampering: str, shows_at: int) -> None:
    await write(store, 5)
    async with store._engine.begin() as connection:
        for statement in tampering.split(";"):
            await connection.run_sync(Connection.execute, text(statement))
    assert await broken(store) == shows_at


async def test_entries_of_eight_writers_at_once_make_one_chain(store: SqlStore) -> None:
    await asyncio.gather(*(write(store, 5) for _ in range(8)))
    entries, _ = await chain(store)
    assert len(entries) == 40
    assert await broken(store) is None


async def test_writers_who_audit_before_they_lock_do_not_wait_for_each_other_in_a_circle(
    store: SqlStore,
) -> None:
    async with store.transaction() as work:
        await work.add(SetUp("a", "0"), SetUp("b", "0"))

    async def change(key: str) -> None:
        for _ in range(5):
            async with store.transaction() as work:
                await work.audit("x", "changed", "set_up", key, NOW)
                (row,) = await work.lock(SetUp, [key])
                await work.save(SetUp(key, str(int(row.value) + 1)))
                await work.audit("x", "changed again", "set_up", key, NOW)

    await asyncio.gather(change("a"), change("b"), change("a"), change("b"))
    assert await broken(store) is None


COLUMNS = [column.name for column in METADATA.tables["audit_entries"].columns]
WRITTEN = 5


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, dict):
        return {**value, "nights": 4}
    return value + 10 if isinstance(value, int) else f"{value[:-1]}{'x' if value[-1:] != 'x' else 'y'}"


async def tampered(store: SqlStore, *statements: Executable) -> int | None:
    """Where the chain is broken after these changes, which are then taken back."""
    async with store._engine.connect() as connection:
        await connection.begin()
        for statement in statements:
            await connection.run_sync(Connection.execute, statement)
        work = SqlTransaction(connection, Turns(), store._keys, writes=True)
        found = broken_link(await work.find(AuditEntry, order=("seq",)), await work.get(ChainHead, HEAD))
        await connection.rollback()
    return found


@pytest.mark.parametrize("seq", [1, 3, WRITTEN], ids=["first", "middle", "last"])
async def test_another_value_in_any_column_of_any_entry_shows(store: SqlStore, seq: int) -> None:
    await write(store, WRITTEN)
    table = METADATA.tables["audit_entries"]
    async with store._engine.connect() as connection:
        row = (await connection.run_sync(Connection.execute, select(table).where(table.c.seq == seq))).one()
    for name in COLUMNS:
        change = update(table).where(table.c.seq == seq).values({name: other(row._mapping[name])})
        assert await tampered(store, change) in (seq, seq + 1), name
    assert await broken(store) is None


@pytest.mark.parametrize("seq", [1, 3, WRITTEN], ids=["first", "middle", "last"])
async def test_an_entry_that_is_taken_away_put_in_or_moved_shows(store: SqlStore, seq: int) -> None:
    await write(store, WRITTEN)
    table = METADATA.tables["audit_entries"]
    here = table.c.seq == seq
    gone = delete(table).where(here)
    closed_up = [
        update(table).where(table.c.seq == later).values(seq=later - 1)
        for later in range(seq + 1, WRITTEN + 1)
    ]
    assert await tampered(store, gone) == seq
    assert await tampered(store, gone, *closed_up) == seq
    make_room = [
        update(table).where(table.c.seq == later).values(seq=later + 1)
        for later in range(WRITTEN, seq - 1, -1)
    ]
    again = insert(table).from_select(
        COLUMNS,
        select(*(literal(seq) if c.name == "seq" else c for c in table.c)).where(table.c.seq == seq + 1),
    )
    assert await tampered(store, *make_room, again) in (seq, seq + 1)
    neighbour = seq - 1 if seq > 1 else 2
    swap = [(seq, 99), (neighbour, seq), (99, neighbour)]
    moves = [update(table).where(table.c.seq == a).values(seq=b) for a, b in swap]
    assert await tampered(store, *moves) == min(seq, neighbour)
    assert await broken(store) is None


@pytest.mark.parametrize("seq", [1, 3, WRITTEN], ids=["first", "middle", "last"])
async def test_whoever_forges_the_whole_chain_still_lacks_the_key_of_its_seal(
    store: SqlStore, keys: Keys, seq: int
) -> None:
    await write(store, WRITTEN)
    entries, head = await chain(store)
    assert head is not None
    forged: list[AuditEntry] = []
    for entry in entries:
        details: dict[str, object] = {"nights": 7} if entry.seq == seq else entry.details
        before = forged[-1].digest if forged else ""
        new = replace(entry, details=details, previous=before)
        forged.append(replace(new, digest=digest_of(new)))
    claimed = replace(head, digest=forged[-1].digest)
    assert broken_link(forged, claimed) is None
    assert claimed.seal != keys.digest(SEAL_PURPOSE, claim(claimed.seq, claimed.digest))
    cut = replace(head, seq=seq - 1, digest=entries[seq - 2].digest if seq > 1 else "")
    assert broken_link(entries[: seq - 1], cut) is None
    assert cut.seal != keys.digest(SEAL_PURPOSE, claim(cut.seq, cut.digest))
