"""What the inside asks of the outside: clock, record, live view, bell, keys, messenger, mail."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar

R = TypeVar("R")


class Clock(Protocol):
    """The only source of the present moment."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...

    async def refresh(self) -> None:
        """Take over a moved training clock; does nothing in production."""
        ...


@dataclass(frozen=True, slots=True)
class AtMost:
    """In `Transaction.find`: the column is not null and at most this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class AtLeast:
    """In `Transaction.find`: the column is not null and at least this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """In `Transaction.find`: the column is one of these values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """In `Transaction.find`: none of these rows has the same value in its column of the same name.

    Each is a kind of record and the conditions, as `find` takes them, that a row of it must meet.
    """

    rows: tuple[tuple[type, Mapping[str, object]], ...]


class Transaction(Protocol):
    """One unit of work on the record. A record is a frozen dataclass of `domain`; its table has the same columns.

    Leaving the block commits; an exception rolls everything back. Errors: `Conflict` when a unique rule would be
    broken (the transaction is then over), `Outage("record")` when the database fails.
    """

    async def get(self, kind: type[R], *key: object) -> R | None:
        """The record with this primary key, or None."""
        ...

    async def find(
        self, kind: type[R], /, *, order: tuple[str, ...] = (), limit: int | None = None, **where: object
    ) -> list[R]:
        """All records whose columns equal the given values (None: is null; or `AtMost`, `AtLeast`, `OneOf`, `Without`).

        `order` names columns, a leading ``-`` means descending; the primary key comes last, so order is total.
        """
        ...

    async def pick(self, kind: type[Any], /, *columns: str) -> list[tuple[Any, ...]]:
        """Only these columns of all records of a kind, by primary key: for a look at very many."""
        ...

    async def add(self, *records: object) -> None:
        """Insert. Raises `Conflict(table)` at once when a unique rule would be broken."""
        ...

    async def save(self, record: object) -> None:
        """Write all columns of the record with this primary key; a record with `version` must hold the next one.

        Raises `Conflict(table)` when the row is not at `version - 1` (or is gone).
        """
        ...

    async def remove(self, *records: object) -> None:
        """Delete these rows by primary key."""
        ...

    async def lock(self, kind: type[R], keys: Sequence[str]) -> list[R]:
        """Row locks on these records, taken in sorted order, until the end; returns them fresh, sorted by key."""
        ...

    async def audit(
        self,
        actor: str,
        action: str,
        subject_kind: str,
        subject_id: str,
        at: datetime,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Append to the audit chain (codes, ids and numbers only)."""
        ...


class Store(Protocol):
    """The record: SQL is the truth."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A unit of work that may write."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent snapshot that must not write."""
        ...

    async def close(self) -> None:
        """Give all connections back."""
        ...


class Stamp(NamedTuple):
    """What tells whether news of a unit is old: its version in the record, the night its nights count from."""

    version: int
    tonight: date


@dataclass(frozen=True, slots=True)
class LiveUnit:
    """What the live view knows of a unit: its filterable facts and the nights on which it is free.

    `nights` are the free night labels within the view's horizon, which begins at `tonight`. `version` is the
    unit's version in the record: an older one never overwrites a newer one.
    """

    unit_id: str
    version: int
    network_ids: tuple[str, ...]
    nis: str
    places: int
    features: frozenset[str]
    nights: frozenset[date]
    tonight: date

    @property
    def stamp(self) -> Stamp:
        """How new this is."""
        return Stamp(self.version, self.tonight)


class LivePool(Protocol):
    """The live view: what is free, answered fast, and claims that keep callers from colliding.

    Holds no personal data. Every method raises `Outage("live view")` when the server is away; callers then go on
    from the record alone. After a failure `find`, `claim` and `put` raise it at once for some seconds.
    """

    async def find(
        self,
        network_id: str,
        nights: Sequence[date],
        places: int,
        features: frozenset[str],
        avoid: frozenset[str],
    ) -> list[str]:
        """Ids of units free on all these nights, with room, all features, and in none of the avoided NIS codes."""
        ...

    async def claim(
        self, operation_id: str, unit_ids: Sequence[str], nights: Sequence[date], seconds: int
    ) -> str | None:
        """Claim the first unit of this ranked list (at most 8) that is free on all nights; None when none is.

        One atomic script; repeating the operation id gives the same answer. The claim takes the nights out of the
        view until `put` of that unit, or until `expired` after `seconds`.
        """
        ...

    async def put(self, unit: LiveUnit, operation_id: str | None = None) -> None:
        """Write what the record says about a unit; ends the claim of this operation id.

        Nights claimed by other operations stay out of the view; an older version is ignored.
        """
        ...

    async def expired(self) -> list[str]:
        """Unit ids whose claim ran out: the caller reads the record and puts them again."""
        ...

    async def stamps(self) -> dict[str, Stamp]:
        """How new the view is, by unit id: cheap, so that it can be asked every few seconds."""
        ...

    async def rebuild(self, units: Sequence[LiveUnit], *, anew: bool = False) -> None:
        """Replace the whole view in one flip (new epoch). `anew`: what the view knows now is wrong, however new."""
        ...

    async def snapshot(self) -> dict[str, LiveUnit]:
        """The whole view, for comparing it with the record."""
        ...

    async def close(self) -> None:
        """Give all connections back."""
        ...


class Bell(Protocol):
    """Wakes those who watch the record, in any process. It may fail to: who watches looks every second as well."""

    def ring(self) -> None:
        """Something was committed; never waits, never fails."""
        ...

    async def listen(self, ear: Callable[[], None]) -> None:
        """Call `ear` whenever it rings, until cancelled."""
        ...


class Vault(Protocol):
    """Keyed hashes of identities. (Sealing of confidential columns happens inside the store.)"""

    def digest(self, purpose: str, text: str) -> str:
        """A keyed hash (hex) of a text for a purpose; equal texts under one purpose give equal digests."""
        ...


@dataclass(frozen=True, slots=True)
class Button:
    """One button of a bubble. Either `data` comes back when it is tapped, or `url` opens; `inside`: within the
    messenger itself."""

    label: str
    data: str = ""
    url: str = ""
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of a chat in words, and its buttons row by row."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()


class Messenger(Protocol):
    """The chats of linked accounts. A chat is named by its number there, a message by its number in the chat.

    Every method raises `Outage("messenger")`, with `retry_after` when it asks for a pause; what was asked may have
    been done all the same. A method for a chat raises `Blocked` when nothing can be brought there, and `NotTaken`
    when what is brought will never be taken.
    """

    async def name(self) -> str:
        """The name under which people find the bot."""
        ...

    async def send(self, chat: int, bubble: Bubble, *, loud: bool) -> int:
        """Write something new, with sound or without; its number. Nobody can pass it on."""
        ...

    async def edit(self, chat: int, message_id: int, bubble: Bubble) -> None:
        """Make a message this instead; it may be that already. Raises `Gone`."""
        ...

    async def strip(self, chat: int, message_id: int) -> None:
        """Take the buttons of a message away; it may have none. Raises `Gone`."""
        ...

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        """Say that a tap was noticed, with a short text or without; one that is too old is let be."""
        ...

    async def set_commands(self, chat: int, commands: Sequence[tuple[str, str]]) -> None:
        """What the menu of a chat offers: commands without their slash, each with what it does."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one mailbox, in words. `id` is that of its delivery: what is sent again has the same one.

    `sender` is the name that readers see, the network's. `at`: when there was something to tell.
    """

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    language: str
    at: datetime


class Mailer(Protocol):
    """Brings mail away. Every method raises `Outage("mail")` when the server is away or does not let us in."""

    async def send(self, mail: Mail) -> str:
        """Hand one mail to the server; the name that it goes by, the same each time.

        Raises Refusal ``mail_refused`` (facts: `code`) when this mailbox will never take it, `Outage("mailbox")`
        when it may later. After an outage nobody knows whether it was taken.
        """
        ...

    async def check(self) -> None:
        """Whether the server is there and lets us in; sends nothing."""
        ...


@dataclass(frozen=True, slots=True)
class SignInAsk:
    """What a browser is sent with to the sign-in page of an organisation, and what must come back from there.

    `state`, `nonce` and `verifier` are secrets of this one try. `anew`: who is signed in there already proves it once
    more all the same.
    """

    organisation_id: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class SignedInThere:
    """Whom the provider knows: `subject` is what it calls the account. `at`: when they proved it, where it says so."""

    subject: str = field(repr=False)
    at: datetime | None


class IdentityProviders(Protocol):
    """Where the colleagues of organisations sign in: OpenID Connect, one provider for each organisation.

    A method that asks a provider raises `Outage("provider")` when it does not answer as it should.
    """

    def issuers(self) -> Mapping[str, str]:
        """The issuer of each organisation that has a provider, by its id."""
        ...

    async def address(self, ask: SignInAsk) -> str:
        """The address of its sign-in page for this try."""
        ...

    async def signed_in(self, ask: SignInAsk, code: str, issuer: str, now: datetime) -> SignedInThere:
        """Who signed in, for the code that came back; `issuer` came back beside it, empty when none did.

        Refusal ``oidc_refused`` when it is not for us or not true.
        """
        ...

    async def check(self, organisation_id: str) -> None:
        """Whether it is there and knows what we need; asks nothing about anybody."""
        ...


class Ids(Protocol):
    """Random names."""

    def new(self) -> str:
        """A fresh id (URL-safe, unguessable)."""
        ...

    def token(self) -> str:
        """A fresh secret for a link or a bearer token (at least 128 bits, URL-safe)."""
        ...

    def reference(self, prefix: str) -> str:
        """A fresh reference such as ``IZ-7F3K``."""
        ...
