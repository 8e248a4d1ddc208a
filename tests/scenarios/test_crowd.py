"""The last free unit and two hundred callers at once, over the interface, while the live view is lost: one bed."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.scenarios.people import ONE_ADULT, Colleague, rows
from tests.support.crowd import Answer, Crowd
from tests.support.databases import postgres_empty
from tests.support.postgres import PostgresServer
from tests.support.program import Program, by_url
from tests.support.redis_server import RedisServer
from tests.support.warm import Warm

CALLERS = 200
LAST = "ingelmunster-03"
OTHERS = ("izegem-05", "wielsbeke-02", "izegem-11")
LOST = {"no_longer_free", "unit_held", "unit_booked"}
TELLS_EVERY = 10
HEALS_WITHIN_SECONDS = 15


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


@dataclass
class Times:
    """How long callers waited, in seconds."""

    won: list[float] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def note(self, answers: list[Answer]) -> None:
        for answer in answers:
            (self.won if answer.status == 201 else self.lost).append(answer.seconds)
            self.codes[answer.code] += 1

    def __str__(self) -> str:
        return f"won {percentiles(self.won)}; lost {percentiles(self.lost)}; {dict(self.codes)}"


def percentiles(seconds: list[float]) -> str:
    """The half, 95 and 99 of a hundred, and the longest."""
    ranked = sorted(seconds)
    return " ".join(f"{name} {ranked[int((len(ranked) - 1) * share)]:.2f} s" for name, share in SHARES)


SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("longest", 1.0))


def the_last_unit(programs: list[Program], redis: RedisServer, rounds: int, flushes: int) -> Times:
    """So many rounds, and in so many of them the live view is emptied in the middle."""
    first, times = programs[0], Times()
    coordinator = Colleague(first, "coordinator")
    for unit_id in OTHERS:
        unit = coordinator.call("GET", f"/units/{unit_id}")
        said = {"status": "out_of_service", "version": unit["version"]}
        coordinator.call("PUT", f"/units/{unit_id}/status", said)
    tokens = [first.token(who) for who in ("calltaker", "calltaker_2", "coordinator")]
    chance = random.Random(rounds)  # noqa: S311  # when the view is emptied, no secret
    emptied = {rounds - 1, *chance.sample(range(rounds - 1), flushes - 1)}
    with Crowd([program.url for program in programs], tokens, CALLERS, ONE_ADULT) as crowd:
        for number in range(rounds):
            flush = (lambda: redis.ask("FLUSHALL")) if number in emptied else (lambda: b"")
            answers = crowd.all_want(LAST, after=chance.randrange(CALLERS // 2), happens=flush)
            one_has_the_bed(first, answers)
            times.note(answers)
            [winner] = [answer for answer in answers if answer.status == 201]
            coordinator.call("POST", f"/bookings/{winner.body['id']}/cancel", {})
            assert rows(first, "SELECT count(*) FROM unit_nights") == [(0,)]
            if (number + 1) % TELLS_EVERY == 0:
                print(f"\n{number + 1} of {rounds} rounds: {times}", flush=True)
    return times


def one_has_the_bed(program: Program, answers: list[Answer]) -> None:
    """One caller was given the bed and the record says so; all others heard that it is gone."""
    [winner] = [answer for answer in answers if answer.status == 201]
    lost = {(answer.status, answer.code) for answer in answers if answer is not winner}
    assert lost <= {(409, code) for code in LOST}, lost
    booking_id, nights = winner.body["id"], winner.body["nights"]
    assert winner.body["state"] == "booked"
    for table in ("unit_nights", "person_nights"):
        taken = rows(program, f"SELECT booking_id, night FROM {table} ORDER BY night")  # noqa: S608
        assert [(holder, str(night)) for holder, night in taken] == [(booking_id, night) for night in nights]


SIZES = pytest.mark.parametrize(
    ("rounds", "flushes"),
    [
        pytest.param(2, 1, id="small"),
        pytest.param(200, 20, id="full", marks=(pytest.mark.soak, pytest.mark.timeout(1500))),
    ],
)


@SIZES
@pytest.mark.postgres
def test_two_hundred_at_two_services_on_postgresql_get_one_bed_a_round(
    tmp_path: Path, warm: Warm, postgres: PostgresServer, redis: RedisServer, rounds: int, flushes: int
) -> None:
    first = Program(tmp_path / "data", warm=warm, settings=by_url(postgres_empty(postgres), redis.url))
    second = first.another(tmp_path / "other")
    try:
        first.start()
        second.start(load=False)
        print(the_last_unit([first, second], redis, rounds, flushes))
        all_is_well(first)
    finally:
        second.close()
        first.close()


@SIZES
def test_two_hundred_at_one_service_on_sqlite_get_one_bed_a_round(
    tmp_path: Path, warm: Warm, redis: RedisServer, rounds: int, flushes: int
) -> None:
    program = Program(tmp_path / "data", warm=warm, settings={"REDIS_URL": redis.url})
    try:
        program.start()
        print(the_last_unit([program], redis, rounds, flushes))
        all_is_well(program)
    finally:
        program.close()


def all_is_well(program: Program) -> None:
    """Every rule holds, and the live view that was lost has healed by itself."""
    end = time.monotonic() + HEALS_WITHIN_SECONDS
    while (verified := program.command("verify")).returncode != 0:
        assert time.monotonic() < end, verified.stdout
