"""Questions by day: noted, taken back, counted. A series of their own, which no figure of the nights contains."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.daytime import (
    TAKEN_BACK_WITHIN,
    AskerKind,
    DaytimeQuestion,
    QuestionKind,
    QuestionOutcome,
    may_take_back,
    month_of,
    week_of,
)
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.ports import AtLeast, Transaction
from crisispool.services.parts import Parts, require

NOTERS = (Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER)
"""Who answers questions by day. Nobody need be on duty: a question holds nobody, and nothing follows from it."""


@dataclass(frozen=True, slots=True)
class QuestionAsk:
    """What was asked, by which kind of asker, and how it ended."""

    kind: QuestionKind
    outcome: QuestionOutcome
    asker: AskerKind = AskerKind.PERSON


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A question as it was noted; `until`: how long it can be taken back."""

    id: str
    day: date
    kind: str
    asker: str
    outcome: str
    until: datetime


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """How many questions there were from `first` to `last` day, in all and by code; codes without any are 0."""

    first: date
    last: date
    total: int
    kinds: dict[str, int]
    askers: dict[str, int]
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class DaytimeAnswer:
    """The counts of this week and this month, and the asker's last question as long as it can be taken back."""

    week: PeriodCounts
    month: PeriodCounts
    last: QuestionAnswer | None


class Daytime:
    """Questions by day. Policy: key figures, section 9."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def note(self, actor: Actor, operation_id: str, ask: QuestionAsk) -> QuestionAnswer:
        """Note one question of today."""
        require(actor, *NOTERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> QuestionAnswer:
            network = await parts.facts.network(tx, actor.network_id)
            today = network.calendar.local(now).date()
            question = DaytimeQuestion(
                parts.ids.new(),
                actor.network_id,
                today,
                ask.kind,
                ask.asker,
                ask.outcome,
                actor.colleague_id,
                now,
            )
            await tx.add(question)
            details = {"kind": ask.kind, "asker": ask.asker, "outcome": ask.outcome}
            await tx.audit(actor.colleague_id, "daytime.noted", "question", question.id, now, details)
            return _answer(question)

        content = asdict(ask)
        return await parts.operations.once(operation_id, "daytime", content, now, QuestionAnswer, work)

    async def take_back(self, actor: Actor, operation_id: str, question_id: str) -> QuestionAnswer:
        """It was not so: the question is gone. Raises NotThere; refusals: ``question_counts`` (it is too late)."""
        require(actor, *NOTERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> QuestionAnswer:
            [*found] = await tx.lock(DaytimeQuestion, [question_id])
            if not found or found[0].by != actor.colleague_id or found[0].network_id != actor.network_id:
                raise NotThere("question")
            if not may_take_back(found[0], actor.colleague_id, now):
                raise Refusal("question_counts")
            await tx.remove(found[0])
            await tx.audit(actor.colleague_id, "daytime.taken_back", "question", question_id, now)
            return _answer(found[0])

        return await parts.operations.once(
            operation_id, "daytime_taken_back", question_id, now, QuestionAnswer, work
        )

    async def counts(self, actor: Actor) -> DaytimeAnswer:
        """How many there were this week and this month, in the whole network."""
        require(actor, *NOTERS)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            today = network.calendar.local(now).date()
            week, month = week_of(today), month_of(today)
            since = AtLeast(min(week[0], month[0]))
            rows = await tx.find(DaytimeQuestion, network_id=actor.network_id, day=since, order=("-at",))
        last = next((row for row in rows if may_take_back(row, actor.colleague_id, now)), None)
        return DaytimeAnswer(_counted(rows, *week), _counted(rows, *month), _answer(last) if last else None)


def _counted(rows: Sequence[DaytimeQuestion], first: date, last: date) -> PeriodCounts:
    found = [row for row in rows if first <= row.day <= last]

    def by(codes: type[StrEnum], name: str) -> dict[str, int]:
        seen = Counter(getattr(row, name) for row in found)
        return {code.value: seen[code] for code in codes}

    return PeriodCounts(
        first,
        last,
        len(found),
        by(QuestionKind, "kind"),
        by(AskerKind, "asker"),
        by(QuestionOutcome, "outcome"),
    )


def _answer(question: DaytimeQuestion) -> QuestionAnswer:
    return QuestionAnswer(
        question.id,
        question.day,
        question.kind,
        question.asker,
        question.outcome,
        question.at + TAKEN_BACK_WITHIN,
    )
