"""One call as its handler sees it: who asks, about what, with what; and the rows that describe the calls."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel

from crisispool.domain.organisation import Actor, Role

if TYPE_CHECKING:
    from crisispool.app import App

Given = TypeVar("Given", bound=BaseModel)

APP: web.AppKey["App"] = web.AppKey("crisispool", object)  # type: ignore[arg-type]  # the name is for messages


class Who(Enum):
    """Callers that are no particular role."""

    SIGNED_IN = "signed_in"
    EVERYONE = "everyone"


@dataclass(frozen=True)
class Call(Generic[Given]):
    """A call that passed the edge. `given` is the body of a change, the query of a question.

    `operation_id` names a change once and for all: the same key of the same colleague gives the same id.
    """

    app: "App"
    actor: Actor
    operation_id: str
    path: Mapping[str, str]
    given: Given


@dataclass(frozen=True)
class Operation:
    """One row of the interface: everything that routing, the role check and the description need to know.

    `takes` is the body of POST, PUT and PATCH and the query of GET; `answer` the shape of the answer.
    """

    method: str
    path: str
    summary: str
    allowed: frozenset[Role] | Who
    handler: Callable[[Call[Any]], Awaitable[Any]]
    takes: type[BaseModel]
    answer: Any
    status: int = 200
    training_only: bool = False

    @property
    def name(self) -> str:
        """The operation's name in the description: ``post_bookings_id_check_in``."""
        words = self.path.translate(str.maketrans("/-", "__", "{}")).strip("_")
        return f"{self.method.lower()}_{words}"

    @property
    def changes(self) -> bool:
        """Whether the call can change something."""
        return self.method != "GET"

    @property
    def has_body(self) -> bool:
        """Whether `takes` is read from a body; else from the query."""
        return self.method in {"POST", "PUT", "PATCH"}

    @property
    def path_names(self) -> tuple[str, ...]:
        """The names between braces in the path, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def needs_key(self) -> bool:
        """Whether an Idempotency-Key must be sent; whoever is not signed in has none to keep it under."""
        return self.method == "POST" and self.allowed is not Who.EVERYONE
