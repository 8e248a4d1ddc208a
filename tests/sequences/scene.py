"""One sequence on the stage: the real services, the model beside them, and how a step is tried on both."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case, Handover
from tests.sequences.world import World
from tests.support.night import Night

T = TypeVar("T")


class Wrong(AssertionError):
    """The product and the model do not agree."""


@dataclass(frozen=True)
class Step:
    """One thing somebody does; `label` names what it makes. Prints as the line that does it again."""

    label: str
    verb: str
    args: dict[str, Any]

    def __str__(self) -> str:
        told = "".join(f", {name}={value!r}" for name, value in self.args.items())
        return f"Step({self.label!r}, {self.verb!r}, dict({told.removeprefix(', ')})),"


@dataclass
class Scene:
    """`made` holds the product's answer for each label: requests, holds, bookings, merges, closing days."""

    night: Night
    world: World
    made: dict[str, Any] = field(default_factory=dict)
    person_ids: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    swept: bool = True

    async def handover_of(self, request: str) -> Any:
        """The handover of a request, as the coordinator sees it."""
        [case] = await self.night.rows(Case, request_id=self.made[request].id)
        [handover] = await self.night.rows(Handover, case_id=case.id)
        return handover

    async def attempt(
        self, doing: Awaitable[T], why_not: Collection[str] = (), unsure: Collection[str] = ()
    ) -> T | None:
        """What the product answers; None when it refuses, as the model says it must and for one of its reasons.

        `unsure`: codes that the model cannot foresee.
        """
        try:
            done = await doing
        except Refusal as no:
            self.answer = no.code
            if no.code not in {*why_not, *unsure}:
                raise Wrong(
                    f"refused with {no.code} {no.facts}; the model says {sorted(why_not) or 'yes'}"
                ) from no
            return None
        self.answer = "yes"
        if why_not:
            raise Wrong(f"accepted; the model refuses for {sorted(why_not)}")
        return done


Choose = Callable[[World, Random], dict[str, Any] | None]
Do = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Verb:
    """A kind of step: what somebody could do now, how it is done, how often it is chosen."""

    choose: Choose
    do: Do
    weight: int


VERBS: dict[str, Verb] = {}


def verb(name: str, choose: Choose, weight: int) -> Callable[[Do], Do]:
    """Put a kind of step among the verbs."""

    def keep(do: Do) -> Do:
        VERBS[name] = Verb(choose, do, weight)
        return do

    return keep


def role_of(who: str) -> str:
    """The role of a colleague of the small region."""
    return who.split("_", maxsplit=1)[0]


def chance(random: Random, of: float) -> bool:
    """True in this share of the cases."""
    return random.random() < of
