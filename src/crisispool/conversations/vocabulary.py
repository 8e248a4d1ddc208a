"""The words of every talk: what is heard, what is shown, what is wanted, and where someone is."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Self

from crisispool.conversations.intents import INTENTS, Intent
from crisispool.domain.admission import Criterion
from crisispool.domain.calendar import DAY
from crisispool.domain.organisation import Municipality

Facts = Mapping[str, Any]
"""What a sentence is filled in with: JSON-able; days and moments as ISO text, never words of a language."""

Answer = str | tuple[str, ...]
"""A code, or the codes of a question that takes several. Never free text."""


class Expects(StrEnum):
    """What a screen waits for."""

    CHOICE = "choice"
    NUMBER = "number"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence: a text key and its facts. A fact may be a sentence itself, or several in a list."""

    key: str
    facts: Facts = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The sentence as JSON, in which it can be a fact of another one."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap. `code` is what it means, `label` a text key; `id` says nothing to who sees it."""

    code: str
    label: str
    facts: Facts = field(default_factory=dict)
    id: str = ""

    def called(self, choice_id: str) -> "Choice":
        """The same choice under another id."""
        # `replace` takes four times as long, and each choice of each screen comes by here.
        return Choice(self.code, self.label, self.facts, choice_id)


@dataclass(frozen=True, slots=True)
class Link:
    """A page of our own. `label` is a text key."""

    label: str
    url: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screen:
    """What someone sees. `notes` come before the sentence of `key`, `lines` after it.

    A number is at least `at_least` and at most `at_most`. `done` of `total` questions are answered.
    """

    key: str
    facts: Facts = field(default_factory=dict)
    lines: tuple[Say, ...] = ()
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    expects: Expects = Expects.CHOICE
    notes: tuple[Say, ...] = ()
    at_most: int = 0
    at_least: int = 1
    done: int = 0
    total: int = 0

    def looks_like(self, other: "Screen | None") -> bool:
        """Whether people are asked the same: all but the ids of the choices and what was said before."""
        return other is not None and self.bare() == other.bare()

    def bare(self) -> "Screen":
        """The question itself."""
        return replace(self, choices=tuple(choice.called("") for choice in self.choices), notes=())

    def plain(self) -> dict[str, Any]:
        """The screen as JSON; `read_screen` gives it back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Chose:
    """A button was tapped."""

    choice_id: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A way of a message was tapped: `way` of the message with this text key, which is about `about_id`."""

    way: str
    key: str
    about_id: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something was typed. Empty: the person only looks."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The intent was carried out; `answer` is what the service said, as plain JSON."""

    answer: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The rules said no: the code and facts of a `Refusal`."""

    code: str
    facts: Facts = field(default_factory=dict)


Outcome = Done | Refused
Heard = Chose | Tapped | Said | Done | Refused


@dataclass(frozen=True, slots=True)
class Referrer:
    """An organisation that calls. `recent`: among the last that asked for a bed."""

    id: str
    kind: str
    name: str
    nis: str | None = None
    recent: bool = False


@dataclass(frozen=True, slots=True)
class Fallback:
    """A place to turn to when no unit is free."""

    kind: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class StayFact:
    """Whether tonight's block may follow on a number of nights used: `by` as in a stay verdict, and what is said
    of it."""

    allowed: bool
    by: str | None
    sentence: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone of the same service: a label, never a name."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Home:
    """The service someone works for: the number on record at which the desk calls it back (empty: none), and
    whether it may ask for a bed at this moment."""

    id: str
    call_back: str = ""
    asks_now: bool = True


@dataclass(frozen=True, slots=True)
class Situation:
    """What a talk may know besides what was said: the moment, the calendar of tonight, the network around it.

    `nights` are tonight's block, `checkout` its last morning, `contact_day` the working day of first contact,
    `today` the day on the clock.
    `open_requests`: those that nobody took yet, and those that somebody works on.
    `stay_after` is indexed by the nights in a row used just before tonight (0 to 3).
    """

    now: datetime
    night: date
    nights: tuple[date, ...]
    checkout: date
    contact_day: date
    checkout_at: time = time(10)
    today: date | None = None
    office_opens: time = time(8, 30)
    roles: tuple[str, ...] = ()
    colleague_id: str = ""
    on_duty: bool = True
    office_hours: bool = False
    office_call: str = ""
    desk_phone: str = ""
    coordinator_phone: str = ""
    municipalities: tuple[Municipality, ...] = ()
    referrers: tuple[Referrer, ...] = ()
    fallback: tuple[Fallback, ...] = ()
    checklist: tuple[Criterion, ...] = ()
    stay_after: tuple[StayFact, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    home: Home | None = None
    open_requests: tuple[int, int] = (0, 0)

    @property
    def before(self) -> date:
        """The night before tonight."""
        return self.night - DAY


@dataclass(frozen=True, slots=True)
class Session:
    """Where a colleague is. A plain row: a restart loses nothing, a double tap is recognised.

    `answers` are codes by question, `history` the questions in the order they were answered, `memory` ids and
    numbers of what the talk is about. `turn` rises with every step; `last` is the choice taken last, `taken`
    with its words, so that the same words typed twice are one answer too.
    `pending` is wanted and not yet known to be done, `then` names what happens with its outcome.
    """

    opened: str = ""
    at: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    turn: int = 0
    last: str = ""
    taken: Choice | None = None
    shown: Screen | None = None
    pending: Intent | None = None
    then: str = ""

    def knowing(self, **memory: Any) -> Self:
        """The same, with more in memory; None forgets."""
        if all(self.memory.get(key) == value for key, value in memory.items()):
            return self
        kept = {**self.memory, **memory}
        return replace(self, memory={key: value for key, value in kept.items() if value is not None})

    def to_json(self) -> str:
        """The whole session as text."""
        content = asdict(replace(self, pending=None))
        if self.pending is not None:
            content["pending"] = {"intent": type(self.pending).__name__, **asdict(self.pending)}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Session":
        """The session that was written; fields that no longer exist are left out."""
        content = _known(cls, json.loads(text))
        content["answers"] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in content.get("answers", {}).items()
        }
        content["history"] = tuple(content.get("history", ()))
        if content.get("shown"):
            content["shown"] = read_screen(content["shown"])
        if content.get("taken"):
            content["taken"] = Choice(**_known(Choice, content["taken"]))
        if content.get("pending"):
            content["pending"] = _intent(content["pending"])
        return cls(**content)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step gives: where someone is now, what they see, and at most one thing that is wanted."""

    session: Session
    screens: tuple[Screen, ...] = ()
    intent: Intent | None = None


def _known(kind: type, content: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in content.items() if name in names}


def read_screen(plain: Mapping[str, Any]) -> Screen:
    """The screen that was written; fields that no longer exist are left out."""
    content = _known(Screen, plain)
    content["choices"] = tuple(Choice(**_known(Choice, each)) for each in content["choices"])
    content["links"] = tuple(Link(**_known(Link, each)) for each in content["links"])
    for name in ("notes", "lines"):
        content[name] = tuple(Say(**_known(Say, each)) for each in content[name])
    content["expects"] = Expects(content["expects"])
    return Screen(**content)


def _intent(content: dict[str, Any]) -> Intent:
    kind = INTENTS[content.pop("intent")]
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    )
