"""Seals open only where they were made and with their own key; keyed hashes outlive every rotation."""

import base64
import stat
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from crisispool.adapters.crypto import Keys, load_or_create
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.adapters.sql_tables import TABLES
from crisispool.domain.errors import Outage
from crisispool.domain.household import PersonIdentity
from crisispool.domain.organisation import Colleague
from crisispool.domain.unit import UnitAccess
from crisispool.settings import SecretKey
from tests.support.databases import sqlite_copy
from tests.support.samples import sample, secrets_in

OLD, NEW = SecretKey("old", b"o" * 32), SecretKey("new", b"n" * 32)
DIGEST = b"d" * 32
PLACE = ("units", "IZ-1", "address")


def test_what_was_sealed_opens_at_its_own_place() -> None:
    keys = Keys([NEW], DIGEST)
    sealed = keys.seal("Kerkstraat 1", PLACE)
    assert keys.open(sealed, PLACE) == "Kerkstraat 1"
    assert "Kerkstraat" not in sealed


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    keys = Keys([NEW], DIGEST)
    assert keys.seal("Kerkstraat 1", PLACE) != keys.seal("Kerkstraat 1", PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [("units", "IZ-2", "address"), ("units", "IZ-1", "key_instructions"), ("colleagues", "IZ-1", "address")],
)
def test_a_seal_that_was_moved_is_refused(elsewhere: tuple[str, ...]) -> None:
    keys = Keys([NEW], DIGEST)
    with pytest.raises(Outage, match="was changed or moved"):
        keys.open(keys.seal("Kerkstraat 1", PLACE), elsewhere)


@pytest.mark.parametrize("damage", ["new:", "new:AAAA", "new:not base64 at all", "new:é"])
def test_a_damaged_seal_is_refused(damage: str) -> None:
    with pytest.raises(Outage, match="was changed or moved"):
        Keys([NEW], DIGEST).open(damage, PLACE)


def test_the_first_key_seals_and_all_keys_open() -> None:
    before = Keys([OLD], DIGEST).seal("Kerkstraat 1", PLACE)
    rotated = Keys([NEW, OLD], DIGEST)
    after = rotated.seal("Kerkstraat 1", PLACE)
    assert rotated.open(before, PLACE) == rotated.open(after, PLACE)
    assert Keys([NEW], DIGEST).open(after, PLACE) == "Kerkstraat 1"


def test_without_its_key_a_seal_stays_shut_and_the_key_is_named() -> None:
    sealed = Keys([OLD], DIGEST).seal("Kerkstraat 1", PLACE)
    with pytest.raises(Outage, match="'old'") as failed:
        Keys([NEW], DIGEST).open(sealed, PLACE)
    assert failed.value.part == "keys"


def test_a_keyed_hash_stays_the_same_when_the_sealing_keys_rotate() -> None:
    assert Keys([OLD], DIGEST).digest("person", "an") == Keys([NEW, OLD], DIGEST).digest("person", "an")


def test_a_keyed_hash_depends_on_purpose_text_and_key() -> None:
    keys = Keys([NEW], DIGEST)
    others = [keys.digest("link", "an"), keys.digest("person", "ann"), keys.digest("persona", "n")]
    assert keys.digest("person", "an") not in [*others, Keys([NEW], b"e" * 32).digest("person", "an")]


def ring(*keys: SecretKey) -> str:
    return ",".join(f"{key.id}:{base64.b64encode(key.key).decode()}" for key in keys)


def test_keys_are_read_from_the_text_of_the_setting() -> None:
    keys = Keys.from_text(ring(NEW, SecretKey("digest", DIGEST), OLD))
    assert keys.digest("person", "an") == Keys([NEW], DIGEST).digest("person", "an")
    assert keys.seal("x", PLACE).startswith("new:")


@pytest.mark.parametrize(
    ("text_with_keys", "says"),
    [
        (ring(NEW), "must be called digest"),
        (ring(SecretKey("digest", DIGEST)), "no key to seal with"),
        ("digest:short", "is not `id:key`"),
        ("", "is not `id:key`"),
    ],
)
def test_keys_that_do_not_suffice_are_an_outage_that_says_why(text_with_keys: str, says: str) -> None:
    with pytest.raises(Outage, match=says):
        Keys.from_text(text_with_keys)


def test_an_embedded_set_up_makes_its_keys_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made, read = load_or_create(folder), load_or_create(folder)
    assert read.open(made.seal("Kerkstraat 1", PLACE), PLACE) == "Kerkstraat 1"
    assert [path.name for path in folder.iterdir()] == ["keys"]
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o600


def test_a_key_file_that_is_no_key_file_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"\xff\x00")
    with pytest.raises(Outage) as failed:
        load_or_create(tmp_path)
    assert failed.value.part == "keys"


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("record.db*"))


async def test_the_database_file_holds_no_confidential_word(migrated_sqlite: Path, tmp_path: Path) -> None:
    engine = make_engine(sqlite_copy(migrated_sqlite, tmp_path))
    store = SqlStore(engine, Keys([NEW], DIGEST))
    records: list[object] = [sample(kind) for kind in TABLES]
    async with store.transaction() as work:
        await work.add(*records)
    await store.close()
    raw = everything_in(tmp_path)
    assert b"units-1" in raw
    words = [secret.reveal().encode() for record in records for secret in secrets_in(record)]
    assert len(words) > 10
    assert [word for word in words if word in raw] == []


async def test_a_ciphertext_moved_to_another_row_is_refused(store: SqlStore) -> None:
    one, other = sample(Colleague), sample(Colleague, id="colleagues-2")
    async with store.transaction() as work:
        await work.add(*(sample(kind) for kind in TABLES), other)
    async with store._engine.begin() as connection:
        await connection.run_sync(
            Connection.execute,
            text(
                "UPDATE colleagues SET name = (SELECT name FROM colleagues WHERE id = :one) WHERE id <> :one"
            ),
            {"one": one.id},
        )
    async with store.reading() as read:
        assert await read.get(Colleague, one.id) == one
        with pytest.raises(Outage, match="name in colleagues"):
            await read.get(Colleague, other.id)


async def test_a_ciphertext_moved_to_another_field_is_refused(store: SqlStore) -> None:
    async with store.transaction() as work:
        await work.add(*(sample(kind) for kind in TABLES))
    async with store._engine.begin() as connection:
        await connection.run_sync(Connection.execute, text("UPDATE unit_access SET night_contact = address"))
    async with store.reading() as read:
        with pytest.raises(Outage, match="night_contact in unit_access"):
            await read.find(UnitAccess)


async def test_rows_sealed_before_a_rotation_are_read_after_it(migrated_sqlite: Path, tmp_path: Path) -> None:
    url = sqlite_copy(migrated_sqlite, tmp_path)
    before = SqlStore(make_engine(url), Keys([OLD], DIGEST))
    async with before.transaction() as work:
        await work.add(*(sample(kind) for kind in TABLES))
    await before.close()
    after = SqlStore(make_engine(url), Keys([NEW, OLD], DIGEST))
    async with after.reading() as read:
        assert await read.find(PersonIdentity) == [sample(PersonIdentity)]
    await after.close()


async def test_a_record_knows_its_keys_and_refuses_others(migrated_sqlite: Path, tmp_path: Path) -> None:
    engine = make_engine(sqlite_copy(migrated_sqlite, tmp_path))
    await SqlStore(engine, Keys([OLD], DIGEST)).check_keys()
    await SqlStore(engine, Keys([NEW, OLD], DIGEST)).check_keys()
    for wrong in (Keys([OLD], b"e" * 32), Keys([SecretKey("old", b"x" * 32)], DIGEST)):
        with pytest.raises(Outage) as failed:
            await SqlStore(engine, wrong).check_keys()
        assert failed.value.part == "keys"
    await engine.dispose()
