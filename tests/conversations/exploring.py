"""Every way through the talks, found by trying: at each screen every choice, of each service every answer.

A screen is looked at again whenever somebody comes to it with something new: an answer to a question, a thing
remembered, an answer of a service that nobody had there before. That is finite, needs no chance, and finds every
way that depends on one thing said earlier.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from crisispool.conversations.engine import EVERYWHERE
from crisispool.conversations.intents import Intent
from crisispool.conversations.talks import step
from crisispool.conversations.vocabulary import (
    Choice,
    Chose,
    Done,
    Expects,
    Heard,
    Outcome,
    Refused,
    Said,
    Screen,
    Session,
    Situation,
    Step,
    Tapped,
)

Feature = tuple[str, ...]

NUMBERED: Final = ":"
"""Parts the kind of a choice from its number in a list: all of a list lead to the same place."""

LONGEST: Final = 12
"""Answers of services in a row until something is shown."""


@dataclass(frozen=True, slots=True)
class World:
    """What one colleague may meet: a situation, and what each service may answer, the plain answer first.

    `first`: choices taken before the trying begins. `taps`: messages that may be tapped at the first screen.
    """

    situation: Situation
    outcomes: Mapping[str, Sequence[Outcome]]
    taps: Sequence[Tapped] = ()
    first: Sequence[str] = ()


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """From one place to another, by one choice."""

    start: str
    choice: str
    end: str


@dataclass(slots=True)
class Found:
    """All that was found: places with the texts they show, where talks begin, ways between them; `looks` is every
    screen as it was shown, without the ids of its choices."""

    ways: set[Way] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    screens: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    looks: dict[str, Screen] = field(default_factory=dict)


def explore(worlds: Sequence[World]) -> Found:
    """Everything that can be reached in these worlds."""
    found = Found()
    for world in worlds:
        _Exploring(world, found).run()
    return found


class _Exploring:
    """One world, tried out."""

    def __init__(self, world: World, found: Found) -> None:
        self._world = world
        self._found = found
        self._seen: dict[str, set[Feature]] = {}
        self._answered: set[Feature] = set()
        self._tried: set[Feature] = set()

    def run(self) -> None:
        """Try everything that is new, until nothing is."""
        [begun, *_] = self._after(Session(), "", Said(""))
        self._found.starts.add(begun.at)
        waiting = deque([_walked(self._world, begun)])
        for tapped in self._world.taps:
            way = f"{tapped.key} {tapped.way}"
            waiting.extend(self._after(begun, way, tapped))
        while waiting:
            session = waiting.popleft()
            if self._is_new(session):
                for choice, heard in self._heard(session):
                    waiting.extend(self._after(session, choice, heard))

    def _heard(self, session: Session) -> Iterator[tuple[str, Heard]]:
        """What has not been tried at this screen; what is everywhere is tried there once."""
        for choice, heard in _heard(session):
            if choice not in EVERYWHERE or (session.at, choice) not in self._tried:
                self._tried.add((session.at, choice))
                yield choice, heard

    def _is_new(self, session: Session) -> bool:
        features, known = {*_features(session)}, self._seen.setdefault(session.at, set())
        new = not features <= known
        known |= features
        return new

    def _after(self, session: Session, choice: str, heard: Heard) -> Iterator[Session]:
        """Where this leads: all that the services may answer the first time, their plain answer after that."""
        for reached in self._finished(step(session, heard, self._world.situation), (session.at, choice)):
            self._found.places.add(reached.at)
            if reached.shown is not None:
                self._found.screens.add(reached.shown.key)
                look = replace(reached.shown.bare(), notes=reached.shown.notes)
                self._found.looks.setdefault(repr(look), look)
            if choice not in EVERYWHERE and session.at:
                self._found.ways.add(Way(session.at, choice, reached.at))
            yield reached

    def _finished(self, taken: Step, told: Feature) -> Iterator[Session]:
        if taken.intent is None:
            yield taken.session
            return
        assert len(told) < LONGEST, f"nothing is shown, again and again: {taken.intent}"
        asked = (*told, type(taken.intent).__name__)
        possible = outcomes_of(self._world, taken.intent)
        if asked in self._answered:
            possible = possible[:1]
        self._answered.add(asked)
        for outcome in possible:
            yield from self._finished(step(taken.session, outcome, self._world.situation), asked)


def _walked(world: World, session: Session) -> Session:
    """The session after the first choices, every service giving its plain answer."""
    for code in world.first:
        shown = session.shown
        assert shown is not None
        [chosen] = [each for each in shown.choices if each.code == code]
        taken = step(session, Chose(chosen.id), world.situation)
        while taken.intent is not None:
            taken = step(taken.session, outcomes_of(world, taken.intent)[0], world.situation)
        session = taken.session
    return session


def _heard(session: Session) -> Iterator[tuple[str, Heard]]:
    """What can be done at a screen: one choice of each list, each other choice, the least and the most of a number."""
    screen = session.shown
    if screen is None:
        return
    kinds = {_kind(choice): choice for choice in screen.choices}
    for kind, choice in kinds.items():
        yield kind, Chose(choice.id)
    if screen.expects is Expects.NUMBER:
        yield "number", Said(str(screen.at_least))
        yield "number", Said(str(screen.at_most))


def _kind(choice: Choice) -> str:
    """What a choice is one of: a list of the same things, or only itself."""
    if choice.label == "choice.name":
        return "name"
    if choice.code.isdigit() and choice.label.endswith(("adults", "children", "cots")):
        return "number"
    return choice.code.split(NUMBERED)[0]


def outcomes_of(world: World, intent: Intent) -> Sequence[Outcome]:
    """What a service may answer."""
    name = type(intent).__name__
    assert name in world.outcomes, f"say in tests/conversations/worlds.py what {name} may answer"
    return world.outcomes[name]


def _features(session: Session) -> Iterator[Feature]:
    for question, answer in session.answers.items():
        yield question, answer if isinstance(answer, str) else "+".join(answer[:1])
    for key, value in session.memory.items():
        yield from ((key, each) for each in _words(value))
    if session.shown is not None:
        yield ("shown", session.shown.key, *sorted({_kind(choice) for choice in session.shown.choices}))


def _words(value: Any) -> Iterator[str]:
    """What tells one thing remembered from another: its words, or those of the first of a list."""
    match value:
        case str():
            yield value
        case dict():
            yield from (f"{name}={each}" for name, each in value.items() if isinstance(each, str | bool))
        case [dict() as first, *_]:
            yield from _words(first)
        case _:
            yield type(value).__name__


def done(*answers: Any) -> tuple[Outcome, ...]:
    """The service does it and answers one of these."""
    return tuple(Done(answer) for answer in answers)


def refused(*codes: str) -> tuple[Outcome, ...]:
    """The rules say no."""
    return tuple(Refused(code) for code in codes)
