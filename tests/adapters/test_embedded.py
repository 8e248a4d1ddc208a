"""The embedded server: several processes at once, killed ones, folders it must refuse."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from crisispool.adapters.embedded import EmbeddedRedis, embedded_redis
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.domain.errors import Outage
from tests.support.live_pool import live_unit, nights

USER = """
import sys
from pathlib import Path
from crisispool.adapters.embedded import EmbeddedRedis
share = EmbeddedRedis(Path(sys.argv[1]))
print(share.join(), flush=True)
sys.stdin.read()
share.leave()
"""


@contextmanager
def another_process(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that joins, says so, and leaves when its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        yield process


def joined(process: subprocess.Popen[bytes]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().decode().strip())


def is_running(data_dir: Path) -> bool:
    """Whether a server has this folder; it holds the lock for as long as it lives."""
    with (data_dir / "redis" / "life").open("ab") as life:
        try:
            fcntl.flock(life, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def until_there(path: Path) -> None:
    while not path.exists():
        pass


@asynccontextmanager
async def client_of(path: Path) -> AsyncIterator[Redis]:
    client = connect(path)
    yield client
    await client.aclose()


@asynccontextmanager
async def served(data_dir: Path, look_after_every: timedelta = timedelta(seconds=2)) -> AsyncIterator[Path]:
    """The socket of the server, which must be there."""
    async with embedded_redis(data_dir, look_after_every) as where:
        yield where()


async def pid_of(path: Path) -> int:
    async with client_of(path) as client:
        return int((await client.info("server"))["process_id"])


async def test_the_server_runs_in_the_block_and_keeps_its_data_afterwards(tmp_path: Path) -> None:
    async with served(tmp_path) as path, client_of(path) as client:
        await client.set("kept", "yes")
    assert not is_running(tmp_path)
    assert not path.exists()
    async with served(tmp_path) as path, client_of(path) as client:
        assert await client.get("kept") == b"yes"


async def test_nobody_else_can_reach_it(tmp_path: Path) -> None:
    async with served(tmp_path) as path, client_of(path) as client:
        assert path.stat().st_mode & 0o777 == 0o700
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert (await client.config_get("port"))["port"] == "0"


async def test_it_refuses_writes_rather_than_dropping_keys(tmp_path: Path) -> None:
    async with served(tmp_path) as path, client_of(path) as client:
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
        assert (await client.config_get("appendonly"))["appendonly"] == "yes"


async def test_processes_that_start_together_share_one_server(tmp_path: Path) -> None:
    with (
        another_process(tmp_path) as one,
        another_process(tmp_path) as two,
        another_process(tmp_path) as three,
    ):
        pids = [await pid_of(joined(process)) for process in (one, two, three)]
        assert len(set(pids)) == 1
        for process in (two, three):
            process.communicate()
        assert is_running(tmp_path)
        one.communicate()
        assert not is_running(tmp_path)


def test_users_who_come_and_go_at_once_leave_no_server_behind(tmp_path: Path) -> None:
    shares = [EmbeddedRedis(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(len(shares)) as threads:
        for _ in range(5):
            assert len(set(threads.map(EmbeddedRedis.join, shares))) == 1
            assert is_running(tmp_path)
            list(threads.map(EmbeddedRedis.leave, shares))
            assert not is_running(tmp_path)


async def test_a_killed_starter_takes_nobody_along(tmp_path: Path) -> None:
    with another_process(tmp_path) as starter:
        joined(starter)
        async with served(tmp_path) as path:
            # The whole group, as a closed terminal does.
            os.killpg(starter.pid, signal.SIGKILL)
            starter.wait()
            pool = RedisPool(connect(path), "tests")
            await pool.rebuild([live_unit("a", nights(1))])
            assert await pool.claim("op", ["a"], nights(1), 60) == "a"
            await pool.close()
        assert not is_running(tmp_path)


async def test_a_server_whose_users_were_all_killed_is_found_by_the_next(tmp_path: Path) -> None:
    with another_process(tmp_path) as starter:
        before = await pid_of(joined(starter))
        starter.kill()
    assert is_running(tmp_path)
    async with served(tmp_path) as path:
        assert await pid_of(path) == before
    assert not is_running(tmp_path)


@pytest.mark.parametrize("moment", ["users", "life", "socket", "log", "socket.unix"])
async def test_a_starter_killed_while_starting_leaves_a_folder_that_works(
    tmp_path: Path, moment: str
) -> None:
    with another_process(tmp_path) as starter:
        until_there(tmp_path / "redis" / moment)
        starter.kill()
    async with served(tmp_path) as path, client_of(path) as client:
        assert await client.ping()
    assert not is_running(tmp_path)


async def test_a_killed_server_is_an_outage_until_it_is_started_again_with_its_data(tmp_path: Path) -> None:
    share = EmbeddedRedis(tmp_path)
    pool = RedisPool(connect(share.join()), "tests")
    await pool.rebuild([live_unit("a", nights(2)), live_unit("b", nights(2))])
    await pool.claim("op", ["a"], nights(1), 60)
    os.kill(await pid_of(share.join()), signal.SIGKILL)
    with pytest.raises(Outage, match="live view"):
        await pool.find("ieper", nights(1), 1, frozenset(), frozenset())
    share.join()
    assert len(await pool.stamps()) == 2
    assert await pool.find("ieper", nights(1), 1, frozenset(), frozenset()) == ["b"]
    assert await pool.claim("op", ["a"], nights(1), 60) == "a"
    await pool.close()
    share.leave()
    assert not is_running(tmp_path)


async def test_a_server_that_dies_in_the_block_comes_back_by_itself(tmp_path: Path) -> None:
    async with served(tmp_path, timedelta(milliseconds=10)) as path, client_of(path) as client:
        await client.set("kept", "yes")
        os.kill(before := await pid_of(path), signal.SIGKILL)
        found = None
        while found is None:
            await asyncio.sleep(0)
            with suppress(RedisError):
                found = await client.get("kept")
        assert found == b"yes"
        assert await pid_of(path) != before


async def test_leaving_while_still_joining_leaves_no_server(tmp_path: Path) -> None:
    async def use() -> None:
        async with served(tmp_path):
            await asyncio.Event().wait()

    task = asyncio.create_task(use())
    await asyncio.to_thread(until_there, tmp_path / "redis" / "log")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_running(tmp_path)


async def test_a_folder_name_may_hold_anything(tmp_path: Path) -> None:
    folder = tmp_path / 'zoë\'s "data" \\n $HOME #1'
    async with served(folder) as path, client_of(path) as client:
        assert (await client.config_get("dir"))["dir"] == str(folder / "redis")


async def test_a_long_folder_name_puts_the_socket_in_a_private_folder_elsewhere(tmp_path: Path) -> None:
    async with served(tmp_path / ("long" * 30)) as path:
        assert await pid_of(path) > 0
        assert len(str(path)) < 100
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not path.parent.exists()


async def test_data_of_a_newer_server_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with served(tmp_path):
        pass
    note = tmp_path / "redis" / "server-version"
    note.write_text("99.1.0")
    with pytest.raises(Outage, match=r"live view: .*99\.1\.0.*install") as outage:
        async with served(tmp_path):
            pass
    assert outage.value.part == "live view"
    assert note.read_text() == "99.1.0"
    assert not is_running(tmp_path)


async def test_a_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").write_text("in the way")
    with pytest.raises(Outage, match="does not start") as outage:
        async with served(tmp_path):
            pass
    log = tmp_path / "redis" / "log"
    assert str(log) in outage.value.hint
    assert "appendonlydir" in log.read_text()


async def test_a_server_that_could_not_start_is_there_as_soon_as_it_can(tmp_path: Path) -> None:
    obstacle = tmp_path / "redis"
    obstacle.write_text("in the way")
    async with embedded_redis(tmp_path, timedelta(milliseconds=10)) as where:
        pool = RedisPool(connect(where), "tests")
        with pytest.raises(Outage, match="live view: .*redis") as outage:
            await pool.rebuild([])
        assert str(obstacle) in outage.value.hint
        obstacle.unlink()
        while True:
            with suppress(Outage):
                await pool.rebuild([live_unit("a", nights(1))])
                break
            await asyncio.sleep(0)
        assert await pool.claim("op", ["a"], nights(1), 60) == "a"
        await pool.close()
    assert not is_running(tmp_path)


async def test_a_data_folder_that_cannot_be_used_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Outage, match="live view"):
        async with served(tmp_path / "file"):
            pass
