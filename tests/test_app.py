"""The composition root on real parts: modes, folders, restarts, and parts that are away."""

import asyncio
import base64
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisispool.app import App
from crisispool.domain.errors import Outage
from crisispool.opening import open_app
from crisispool.set_up import WrongSetUp
from crisispool.settings import Settings
from tests.support.databases import postgres_empty
from tests.support.postgres import PostgresServer

BEGIN = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
BOT = "111111:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def settings(folder: Path, more: Mapping[str, str] | None = None) -> Settings:
    given = {f"CRISISPOOL_{name}": value for name, value in (more or {}).items()}
    return Settings.from_env({"CRISISPOOL_DATA_DIR": str(folder), **given})


def training(folder: Path, more: Mapping[str, str] | None = None, **options: Any) -> Any:
    return open_app(settings(folder, more), training=True, begin=BEGIN, **options)


async def refused(opened: Any) -> str:
    with pytest.raises(WrongSetUp) as error:
        async with opened:
            pass
    return error.value.code


async def test_a_training_marks_its_folder_and_lets_only_its_owner_in(folder: Path) -> None:
    async with training(folder) as app:
        assert app.training is not None
    assert (folder / "training").read_bytes() == b""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_folder_that_others_could_read_is_closed(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    async with training(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_training_is_never_used_for_the_real_work(folder: Path) -> None:
    async with training(folder):
        pass
    assert await refused(open_app(settings(folder), training=False)) == "is_a_training"


async def test_the_real_work_is_never_used_for_a_training(folder: Path) -> None:
    async with open_app(settings(folder), create=True) as app:
        assert app.training is None
    assert await refused(training(folder)) == "not_a_training"
    assert not (folder / "training").exists()


async def test_a_mark_that_somebody_put_on_production_data_does_not_help(folder: Path) -> None:
    async with open_app(settings(folder), create=True):
        pass
    (folder / "training").touch()
    assert await refused(training(folder)) == "not_a_training"
    assert await refused(open_app(settings(folder))) == "mark_wrong"


async def test_a_training_without_its_mark_is_no_longer_opened(folder: Path) -> None:
    async with training(folder):
        pass
    (folder / "training").unlink()
    assert await refused(training(folder)) == "not_a_training"
    assert await refused(open_app(settings(folder))) == "mark_missing"


async def test_a_folder_with_other_things_does_not_become_a_training(folder: Path) -> None:
    folder.mkdir()
    (folder / "diary.txt").write_text("mine")
    assert await refused(training(folder)) == "not_a_training"
    assert [path.name for path in folder.iterdir()] == ["diary.txt"]


async def test_nothing_is_made_when_nobody_asked_for_a_set_up(folder: Path) -> None:
    assert await refused(open_app(settings(folder))) == "none"
    assert await refused(open_app(settings(folder), training=False)) == "none"
    assert not folder.exists()


async def test_a_training_never_talks_to_the_real_bot(folder: Path) -> None:
    assert await refused(training(folder, {"TELEGRAM_TOKEN": BOT})) == "real_bot"
    assert not folder.exists()


async def test_a_training_never_sends_real_mail(folder: Path) -> None:
    assert await refused(training(folder, {"SMTP_URL": "smtp://mail.example.org"})) == "real_mail"
    mail = {"SMTP_URL": "smtp://127.0.0.1:2525", "MAIL_FROM": "crisisnetwerk@example.org"}
    async with training(folder, mail) as app:
        assert app.training is not None


async def test_a_training_asks_no_real_organisation_who_signs_in(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "oidc.toml"
    more = {"OIDC_FILE": str(file)}
    assert await refused(training(folder, more)) == "oidc_unreadable"
    file.write_text('[caw]\nissuer = "https://login.example.org"\nclient_id = "x"\n')
    assert await refused(training(folder, more)) == "real_oidc"
    assert not folder.exists()
    file.write_text('[caw]\nissuer = "http://127.0.0.1:9999/caw"\nclient_id = "x"\n')
    async with training(folder, more) as app:
        assert app.oidc.providers.issuers() == {"caw": "http://127.0.0.1:9999/caw"}


async def test_a_training_may_talk_to_a_bot_on_this_machine(folder: Path) -> None:
    more = {"TELEGRAM_TOKEN": BOT, "TELEGRAM_API_URL": "http://127.0.0.1:8081"}
    async with training(folder, more) as app:
        assert app.training is not None


async def test_a_training_is_recognised_when_nobody_says_so_and_then_too_refuses_the_real_bot(
    folder: Path,
) -> None:
    async with training(folder):
        pass
    assert await refused(open_app(settings(folder, {"TELEGRAM_TOKEN": BOT}))) == "real_bot"
    async with open_app(settings(folder)) as app:
        assert app.training is not None


async def test_a_new_training_needs_a_moment_to_begin(folder: Path) -> None:
    assert await refused(open_app(settings(folder), training=True)) == "region_missing"


async def test_a_restart_goes_on_where_the_clock_was(folder: Path) -> None:
    async with training(folder) as app:
        await app.training.move("to-monday", BEGIN + timedelta(days=2))
    async with training(folder) as app:
        assert timedelta(0) <= app.clock.now() - BEGIN - timedelta(days=2) < timedelta(minutes=1)


async def test_a_set_up_is_the_same_one_whoever_opens_it(folder: Path) -> None:
    async def opened() -> dict[str, str]:
        async with training(folder) as app:
            return fingerprints(app)

    assert await opened() == await opened()
    first, second = await asyncio.gather(opened(), opened())
    assert first == second


async def test_four_at_once_on_a_new_folder_agree(folder: Path) -> None:
    async def opened() -> dict[str, str]:
        async with training(folder) as app:
            await asyncio.sleep(0)
            return fingerprints(app)

    first, *others = await asyncio.gather(*(opened() for _ in range(4)))
    assert all(other == first for other in others)


def fingerprints(app: App) -> dict[str, str]:
    return {"digest": app.vault.digest("test", "x")}


async def test_without_a_live_view_the_record_goes_on_alone(folder: Path) -> None:
    async with training(folder):
        pass
    for path in sorted((folder / "redis").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (folder / "redis").rmdir()
    (folder / "redis").write_text("in the way")
    async with training(folder) as app:
        assert await app.sweep.run() == 0
        with pytest.raises(Outage):
            await app.view.rebuild(app.clock.now())
        found = await app.view.find("nobody", [BEGIN.date()], frozenset(), frozenset(), app.clock.now())
    assert found == ([], True)


async def test_other_keys_than_before_are_noticed(folder: Path) -> None:
    async with training(folder):
        pass
    (folder / "keys").unlink()
    with pytest.raises(Outage) as outage:
        async with training(folder):
            pass
    assert outage.value.part == "keys"


async def test_a_folder_that_cannot_be_made_is_an_outage_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Outage) as outage:
        async with training(tmp_path / "file" / "data"):
            pass
    assert str(tmp_path / "file" / "data") in outage.value.hint


async def test_commands_beside_a_service_give_links_to_where_it_answers(folder: Path) -> None:
    async with training(folder, {"PORT": "8099"}, serving=True), open_app(settings(folder)) as beside:
        assert beside.settings.public_url == "http://127.0.0.1:8099"


async def test_without_jobs_a_moved_clock_leaves_what_is_due(folder: Path) -> None:
    async with training(folder, jobs=False) as app:
        assert app.training is not None
        assert await app.training.move("on", BEGIN + timedelta(days=1)) == BEGIN + timedelta(days=1)
        assert await app.view.differences(app.clock.now()) == []


async def test_only_a_training_can_be_told_to_die_and_only_at_a_point_there_is(folder: Path) -> None:
    fault = {"FAULT": "booking.made:after_commit#2"}
    assert (
        await refused(open_app(settings(folder, fault), training=False, create=True)) == "fault_in_production"
    )
    assert await refused(training(folder, {"FAULT": "booking.made:after"})) == "fault_unknown"
    assert not folder.exists()
    async with training(folder, fault) as app:
        assert app.training is not None
    assert await refused(open_app(settings(folder, {"FAULT": "put"}))) == "fault_unknown"


# On PostgreSQL, where several folders can belong to one set-up.

KEYS = {
    "SECRET_KEYS": ",".join(f"{name}:{base64.b64encode(b'k' * 32).decode()}" for name in ("digest", "k1"))
}


@pytest.fixture
def on_server(postgres: PostgresServer) -> dict[str, str]:
    """Settings of a set-up on an empty database."""
    return {**KEYS, "DATABASE_URL": postgres_empty(postgres)}


@pytest.mark.postgres
async def test_a_new_folder_takes_the_mark_of_the_training_it_opens(
    folder: Path, on_server: dict[str, str]
) -> None:
    async with training(folder, on_server) as app:
        for name in ("beside", "of a command"):
            opened = training if name == "beside" else lambda *where: open_app(settings(*where))
            async with opened(folder.with_name(name), on_server) as other:
                assert fingerprints(other) == fingerprints(app)
                assert other.training is not None
            assert (folder.with_name(name) / "training").exists()


@pytest.mark.postgres
@pytest.mark.parametrize("shared", [True, False], ids=["one folder", "a folder each"])
async def test_processes_that_start_a_training_on_a_server_together_agree(
    folder: Path, on_server: dict[str, str], shared: bool
) -> None:
    async def opened(number: int) -> dict[str, str]:
        here = folder if shared else folder.with_name(str(number))
        async with training(here, on_server, serving=True) as app:
            await asyncio.sleep(0)
            return fingerprints(app)

    first, *others = await asyncio.gather(*map(opened, range(5)))
    assert all(other == first for other in others)


@pytest.mark.postgres
async def test_a_new_folder_that_asks_a_training_of_production_is_refused_and_not_marked(
    folder: Path, on_server: dict[str, str]
) -> None:
    async with open_app(settings(folder, on_server), create=True):
        pass
    new = folder.with_name("new")
    assert await refused(training(new, on_server)) == "not_a_training"
    assert not (new / "training").exists()
    async with open_app(settings(new, on_server)) as app:
        assert app.training is None


@pytest.mark.postgres
async def test_another_folder_without_the_keys_of_the_set_up_is_told_to_bring_them(
    folder: Path, on_server: dict[str, str]
) -> None:
    async with training(folder, on_server):
        pass
    without = {"DATABASE_URL": on_server["DATABASE_URL"]}
    with pytest.raises(Outage, match="CRISISPOOL_SECRET_KEYS"):
        async with training(folder.with_name("other"), without):
            pass


async def test_the_view_comes_by_itself_when_its_server_could_not_start_at_first(folder: Path) -> None:
    folder.mkdir()
    async with training(folder) as app:
        theirs = fingerprints(app)
    shutil.rmtree(folder / "redis")
    (folder / "redis").write_text("in the way")
    async with training(folder) as app:
        await app.view.look_after(app.clock.now())
        with pytest.raises(Outage):
            await app.view.differences(app.clock.now())
        (folder / "redis").unlink()
        async with asyncio.timeout(20):
            while not await whole(app):
                pass
        assert fingerprints(app) == theirs


async def whole(app: App) -> bool:
    """One healing round, and whether the view then equals the record."""
    await app.view.look_after(app.clock.now())
    with suppress(Outage):
        return await app.view.differences(app.clock.now()) == []
    return False
