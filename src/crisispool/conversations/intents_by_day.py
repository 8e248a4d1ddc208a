"""What the talks of owners, outreach and the coordinator may want from the world: codes, days and ids."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SayStatus:
    """What an owner says of a unit: `until` and `since` are days as ISO text."""

    unit_id: str
    status: str
    until: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmUnits:
    """All of the owner's units are as they stand; `asked_on`: the day of the question, which is over the day after."""

    asked_on: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawUnit:
    """A unit is not lent from this day on (ISO text); whoever is there stays."""

    unit_id: str
    from_day: str


@dataclass(frozen=True, slots=True)
class LendAgain:
    """A unit that was withdrawn takes part again."""

    unit_id: str


@dataclass(frozen=True, slots=True)
class AnswerHold:
    """The owner's word on a held unit: ``yes`` or ``no``."""

    hold_id: str
    said: str


@dataclass(frozen=True, slots=True)
class NotYetLeft:
    """The stay is over and they are still there."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class StaysAs:
    """The people stay, as the owner's own."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class AskExtension:
    """Tell the coordinator on call that only they can give more nights."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What is decided for a household of the list before closed days: ``leaves``, ``elsewhere``, ``coordinator``."""

    line_id: str
    answer: str


@dataclass(frozen=True, slots=True)
class ListUnits:
    """The owner's own units."""


@dataclass(frozen=True, slots=True)
class LookExtension:
    """Whether the next block can follow, where, and who may give it."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class ListWeekend:
    """The list before closed days, as far as the asker decides on it."""


@dataclass(frozen=True, slots=True)
class RecordCare:
    """What the desk found when it called a household: ``well``, ``help``, ``left`` or ``no_answer``."""

    booking_id: str
    result: str


@dataclass(frozen=True, slots=True)
class NoteConsultation:
    """A proposed crisis consultation was ``seen``, or is ``planned``."""

    booking_id: str
    what: str


@dataclass(frozen=True, slots=True)
class TurnColdWeather:
    """Turn the cold-weather switch."""

    on: bool


@dataclass(frozen=True, slots=True)
class ListCare:
    """The households that the desk calls today."""


@dataclass(frozen=True, slots=True)
class ListStuck:
    """What is stuck in the network."""


@dataclass(frozen=True, slots=True)
class LookColdWeather:
    """Whether the cold-weather switch is on."""


@dataclass(frozen=True, slots=True)
class NoteQuestion:
    """A question by day, as codes: what was asked, how it ended, who asked."""

    kind: str
    outcome: str
    asker: str


@dataclass(frozen=True, slots=True)
class TakeBackQuestion:
    """The last question was not so."""

    question_id: str


ChangeByDay = (
    SayStatus
    | ConfirmUnits
    | WithdrawUnit
    | LendAgain
    | AnswerHold
    | NotYetLeft
    | StaysAs
    | AskExtension
    | AnswerLine
    | RecordCare
    | NoteConsultation
    | TurnColdWeather
    | NoteQuestion
    | TakeBackQuestion
)
LookByDay = ListUnits | LookExtension | ListWeekend | ListCare | ListStuck | LookColdWeather
