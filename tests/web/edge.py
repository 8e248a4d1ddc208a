"""A server whose services only write down what reaches them: for tests of the edge, where nothing may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import ClientResponse
from aiohttp.abc import AbstractCookieJar
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.errors import Outage
from crisispool.domain.organisation import Actor, OrganisationKind, Role
from crisispool.services.answers import RequestAnswer, ScreenAnswer
from crisispool.services.messenger.counted import Counted
from crisispool.services.web_sessions import Entered
from crisispool.web.server import make_server
from tests.support.clock import SteppingClock

Client = TestClient[Request, Application]

NOW = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
FIRE = {
    "kind": "fire_water_closed",
    "adults": 1,
    "children": 2,
    "ages": [6, 9],
    "origin": "36007",
    "whereabouts": "36007",
    "referrer": "police",
    "persons": [{"adult": True, "claimed_nights": []}],
}
REQUEST = RequestAnswer("r-1", "R-4KTM", "open", date(2026, 11, 27), ("p-1", "p-2", "p-3"))
SCREENS = [ScreenAnswer("menu", "Wat wil je doen?", ({"id": "1", "label": "nieuwe aanvraag"},))]


@dataclass
class Desk:
    """Every service of the house in one; `calls` are the names and arguments of what was called."""

    answer: Any = None
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def called(*args: Any, **more: Any) -> Any:
            self.calls.append((name, (*args, *more.values())))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return called

    @property
    def only(self) -> tuple[Any, ...]:
        """The arguments of the one call there was."""
        [(_, args)] = self.calls
        return args


class Doors:
    """The tokens: the name of a role opens as that role, ``name@2`` as a second person of it."""

    async def actor_of_token(self, token: str) -> Actor | None:
        """Who holds the token."""
        name = token.partition("@")[0]
        if name not in set(Role):
            return None
        return Actor(token, "net", "org", OrganisationKind.POLICE, frozenset({Role(name)}))

    async def token_for(self, colleague_id: str) -> Any:
        """A token of the training."""
        return SimpleNamespace(token=colleague_id)


class Browsers:
    """The sessions of browsers: the name of a role as the cookie is one of that role."""

    async def find(self, secret: str, *, by_itself: bool = False) -> Entered | None:
        """Who holds the cookie."""
        actor = await Doors().actor_of_token(secret)
        return Entered(secret, actor, secret, "", f"csrf-{secret}", fresh=False) if actor else None


@dataclass
class Edge:
    """The running server and its desk."""

    client: Client
    desk: Desk
    app: SimpleNamespace

    async def send(
        self,
        method: str,
        path: str,
        *,
        role: str | None = "calltaker",
        key: str | None = "k-1",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> ClientResponse:
        """One call as a role, with a key when it changes something."""
        sent = dict(headers or {})
        if role:
            sent.setdefault("Authorization", f"Bearer {role}")
        if key and method != "GET":
            sent.setdefault("Idempotency-Key", key)
        return await self.client.request(method, f"/api/v1{path}", headers=sent, **more)


class WithoutRecord:
    """Figures that need a record, where there is none."""

    async def text(self) -> bytes:
        """Never an answer."""
        raise Outage("record")


def desk_app(desk: Desk, *, training: bool = False) -> SimpleNamespace:
    """What the server is given."""
    names = (
        "intake availability holds bookings stays identities units handovers duty pages messages chat regions"
    )
    return SimpleNamespace(
        **dict.fromkeys(names.split(), desk),
        accounts=Doors(),
        web_sessions=Browsers(),
        counted=Counted(),
        delivery_figures=WithoutRecord(),
        training=desk if training else None,
        clock=SteppingClock(NOW),
        settings=SimpleNamespace(public_url="http://localhost:8080"),
        legal_holidays=LegalHolidays(),
    )


async def started(app: SimpleNamespace, cookies: AbstractCookieJar | None = None) -> Client:
    """A client of a running server."""
    client = TestClient(TestServer(make_server(cast("Any", app))), cookie_jar=cookies)
    await client.start_server()
    return client
