"""The interface as described against the program as it is: whatever is sent, as whomever, the answer was announced.

Schemathesis makes calls from the description, good ones and bad ones, with ids of things that are there; the lines of
`tests/web/calls.py` are where it starts. The same calls at every run.
"""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from crisispool.web.call import Operation
from crisispool.web.fields import ID_PATTERN, read_moment
from crisispool.web.routes import OPERATIONS, PREFIX
from crisispool.web.server import make_server, runner_of
from tests.support.databases import keys_for_tests
from tests.web.calls import ROLES, filled, lines_of, name_of, roles_of
from tests.web.world import NOW, WHO, World, ids_of, make_template, opened

SIZES = [pytest.param((1, 1), id="small"), pytest.param((20, 10), id="full", marks=pytest.mark.soak)]
"""How many good and bad calls of each operation are made up for each role that may call, besides those that are
meant."""

OFTEN_ENOUGH = 0.8
"""The part of all operations that somebody must have done with success."""

PATIENCE_SECONDS = 60

Case = Any
Described = Any
"""What schemathesis makes of an operation; it brings no types that would help here."""

load_all_checks()
CHECKED = [
    CHECKS.get_one(name)
    for name in (
        "status_code_conformance", "content_type_conformance",
        "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
    )
]  # fmt: skip

quiet = partial(
    settings,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Fuzz:
    """The running program, and what came of the calls."""

    world: World
    url: str
    described: dict[str, Described]
    session: requests.Session
    good: int
    bad: int
    succeeded: set[str] = field(default_factory=set)
    failures: dict[str, list[str]] = field(default_factory=dict)
    made: int = 0

    def everything(self) -> None:
        """Every operation as every role."""
        for letter in ROLES:
            self.failures[letter] = []
            for operation in OPERATIONS:
                if operation.changes:
                    self.world.put_back()
                try:
                    self.meant(letter, operation)
                    if letter in roles_of(operation):
                        self.made_up(letter, operation, GenerationMode.POSITIVE, self.good)
                    # What is wrong in a call is wrong for whoever may call.
                    if letter in roles_of(operation)[: None if self.bad > 1 else 1]:
                        self.made_up(letter, operation, GenerationMode.NEGATIVE, self.bad)
                except (schemathesis.errors.SchemathesisError, AssertionError, BaseExceptionGroup) as error:
                    self.failures[letter].append(f"{name_of(operation)} as {ROLES[letter]}: {told(error)}")

    def meant(self, letter: str, operation: Operation) -> None:
        """The calls that somebody would make who means them."""
        described = self.described[name_of(operation)]
        for number, line in enumerate(lines_of(operation)):
            whose = letter if letter in line.roles and letter in "rcmsk" else "k"
            ids = ids_of(line, whose, self.world.things)
            _, body, query = filled(operation, line, ids, self.world.things.version)
            more: dict[str, Any] = (
                {"body": body, "media_type": "application/json"} if body is not None else {}
            )
            case = described.Case(
                path_parameters={name: ids[f"path.{n}"] for n, name in enumerate(operation.path_names)},
                query=dict(part.split("=") for part in query.removeprefix("?").split("&") if part),
                headers={"Idempotency-Key": f"meant-{number}"} if operation.changes else {},
                **more,
            )
            self.call(letter, operation, case)

    def made_up(self, letter: str, operation: Operation, mode: GenerationMode, how_many: int) -> None:
        """Calls that follow the description, or break it in one place; with ids that lead somewhere."""
        described = self.described[name_of(operation)]

        @quiet(max_examples=how_many)
        @given(data=st.data(), case=described.as_strategy(generation_mode=mode))
        def calls(data: st.DataObject, case: Case) -> None:
            self.lead_somewhere(data, letter, operation, case)
            self.call(letter, operation, case)

        calls()

    def lead_somewhere(self, data: st.DataObject, letter: str, operation: Operation, case: Case) -> None:
        """Put ids of things that are there where some id stands; and leave the clock where it is."""
        line, whose = lines_of(operation)[0], letter if letter in "rcmsk" else "k"
        wheres = st.sampled_from(["own", "own", "other", "far"])
        ids = {place: self.world.things.of(whose, data.draw(wheres), kind) for place, kind in line.kinds()}
        body = case.body if isinstance(case.body, dict) else {}
        for place, value in ids.items():
            where, _, name = place.partition(".")
            holder = case.path_parameters if where == "path" else body
            name = operation.path_names[int(name)] if where == "path" else name
            # What is wrong in a bad call stays wrong.
            if is_id(holder.get(name)):
                holder[name] = value
            elif isinstance(holder.get(name), list) and holder[name] and all(map(is_id, holder[name])):
                holder[name] = [value]
        if operation.path == "/training/clock" and is_moment(body.get("now")):
            body["now"] = NOW.isoformat()

    def call(self, letter: str, operation: Operation, case: Case) -> None:
        """Make one call and look whether its answer was announced."""
        self.made += 1
        headers = {"Authorization": f"Bearer {self.world.tokens[WHO[letter]]}"}
        response = case.call_and_validate(
            base_url=self.url, session=self.session, headers=headers, checks=CHECKED, timeout=PATIENCE_SECONDS
        )
        # A part that is down is announced (503), but every part is up here.
        assert response.status_code < 500, response.text
        if response.status_code < 300:
            self.succeeded.add(name_of(operation))


def told(error: BaseException) -> str:
    """What went wrong, with all that it consists of."""
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return "\n".join([str(error), *map(told, parts)])


def is_id(value: object) -> bool:
    """Whether this may be the id of something."""
    return isinstance(value, str) and re.fullmatch(ID_PATTERN, value) is not None


def is_moment(value: object) -> bool:
    """Whether the clock could be moved there."""
    try:
        read_moment(value)
    except PydanticCustomError:
        return False
    return True


@pytest.fixture(scope="module", params=SIZES)
def fuzz(
    request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuzz]:
    """All calls made: what the tests below look at."""
    path = tmp_path_factory.mktemp("fuzz") / "monday.db"
    things, tokens = make_template(migrated_sqlite, path, keys_for_tests())
    world = opened(path, path.with_name("fuzz.db"), things, tokens, keys_for_tests())
    with served(world) as url, requests.Session() as session:
        schema = schemathesis.openapi.from_url(f"{url}{PREFIX}/openapi.json")
        described = {
            name_of(operation): schema[PREFIX + operation.path][operation.method] for operation in OPERATIONS
        }
        made = Fuzz(world, url, described, session, *request.param)
        made.everything()
        yield made


@contextmanager
def served(world: World) -> Iterator[str]:
    """The server of the world on a port of its own, in a thread of its own; its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = runner_of(make_server(world.app))

    async def start() -> str:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop() -> None:
        await runner.cleanup()
        await world.store.close()

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("letter", ROLES, ids=ROLES.__getitem__)
def test_every_answer_to_a_role_is_one_that_was_announced(fuzz: Fuzz, letter: str) -> None:
    failures = fuzz.failures[letter]
    assert not failures, "\n\n".join(failures)


@pytest.mark.timeout(1200)
def test_nearly_every_operation_was_done_with_success_by_somebody(fuzz: Fuzz) -> None:
    names = {name_of(operation) for operation in OPERATIONS}
    never = sorted(names - fuzz.succeeded)
    assert len(names) - len(never) >= OFTEN_ENOUGH * len(names), f"nobody succeeded in: {never}"
