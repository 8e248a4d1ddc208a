"""Asking the questions one by one, one step back, all over; what a request and a hold do meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from crisispool.conversations.checkup import fail_of, request_from, still_asked
from crisispool.conversations.engine import Leave, Place, Turn, go, to_start, want
from crisispool.conversations.intents import FindProposals, ReleaseHold
from crisispool.conversations.questions import DONE, KNOWN, NONE, QUESTIONS, RESUMED, Answers, Question
from crisispool.conversations.vocabulary import Outcome, Say, Screen, Session, Situation


def nothing_along(session: Session, situation: Situation) -> tuple[Say, ...]:
    """Questions that say nothing along."""
    return ()


@dataclass(frozen=True, slots=True)
class Form:
    """Questions that are asked one after the other. The keys of their screens begin with `name`.

    `asked` are the questions of this talk as far as can be known now, `end` follows the last answer, `along` is
    said on every screen.
    """

    name: str
    asked: Callable[[Session, Situation], list[Question]]
    end: Leave
    over: Leave
    stop: Leave
    along: Callable[[Session, Situation], tuple[Say, ...]] = nothing_along

    def advance(self, session: Session, situation: Situation) -> Turn:
        """To the first question without an answer; when there is none, to what the answers lead to."""
        for question in self.asked(session, situation):
            if question.key not in session.answers:
                picked = list(question.picked(session.answers))
                return go(session, f"{self.name}.{question.key}", picked=picked)
        return self.end(session, situation)

    def back(self, session: Session, situation: Situation) -> Turn:
        """The last question again."""
        if not session.history:
            return self.stop(session, situation)
        *history, last = session.history
        answers = {key: answer for key, answer in session.answers.items() if key != last}
        kept = session.knowing(picked=None, screened=None, stay_nights=None, reason=None, stay_sentence=None)
        forgotten = replace(kept, answers=answers, history=tuple(history))
        return self.advance(forgotten, situation)

    def progress(self, session: Session, situation: Situation) -> tuple[int, int]:
        """How many of how many questions are answered."""
        questions = self.asked(session, situation)
        return sum(each.key in session.answers for each in questions), len(questions)

    def place_of(self, question: Question) -> Place:
        """The screen of one question."""

        def show(session: Session, situation: Situation) -> Screen:
            facts = question.facts(session.answers, situation)
            picked = session.memory.get("picked", ())
            if question.several:
                facts["count"] = len(picked)
            choices = question.choices(session.answers, situation)
            done, total = self.progress(session, situation)
            return Screen(
                f"{self.name}.{question.key}",
                facts,
                lines=(*question.lines(session.answers, picked), *self.along(session, situation)),
                choices=tuple(question.ticked(each) if each.code in picked else each for each in choices),
                expects=question.expects,
                at_most=question.at_most,
                at_least=question.at_least,
                done=done,
                total=total,
            )

        def take(session: Session, code: str, situation: Situation) -> Turn:
            if not question.several:
                return self.answered(session, {question.key: code}, situation)
            picked = list(session.memory.get("picked", ()))
            if code in (DONE, NONE):
                answer = tuple(picked) if code == DONE else ()
                return self.answered(session, {question.key: answer}, situation)
            kept = [each for each in picked if each != code]
            return go(session, session.at, picked=kept if code in picked else [*picked, code])

        def read(session: Session, text: str, situation: Situation) -> Turn | None:
            said = question.read(text)
            return self.answered(session, said, situation) if said else None

        return Place(show, take, back=self.back, over=self.over, stop=self.stop, read=read)

    def answered(self, session: Session, said: Answers, situation: Situation) -> Turn:
        """On with these answers."""
        answers = {**session.answers, **said}
        history = (*(key for key in session.history if key not in said), *said)
        return self.advance(
            replace(session.knowing(picked=None), answers=answers, history=history), situation
        )


def begin(session: Session, situation: Situation) -> Turn:
    """A new request, from the first question."""
    return advance(replace(session, answers={}, history=()), situation)


def resume(session: Session, situation: Situation, known: str = KNOWN) -> Turn:
    """A request that came in by another door: what is not known yet is asked. `known`: how much that is."""
    return advance(replace(session, answers={RESUMED: known}, history=()), situation)


def asked(session: Session, situation: Situation) -> list[Question]:
    """The questions of this talk, as far as can be known now."""
    fail = fail_of(session.answers, situation)
    return [
        question
        for question in QUESTIONS
        if question.asked_if(session.answers, situation)
        and (question.key in session.answers or still_asked(question.key, fail))
    ]


def store(session: Session, situation: Situation) -> Turn:
    """Everything is answered: now the request becomes a row that nobody can lose."""
    intent = request_from(session.answers, situation, session.memory.get("request_id"))
    return want(session.knowing(picked=None), intent, "night_desk.opened")


def advance(session: Session, situation: Situation) -> Turn:
    """To the first question of the desk without an answer; when there is none, to what the answers lead to."""
    return NIGHT_DESK.advance(session, situation)


def back(session: Session, situation: Situation) -> Turn:
    """The last question again."""
    return NIGHT_DESK.back(session, situation)


def place_of(question: Question) -> Place:
    """The screen of one question of the desk."""
    return NIGHT_DESK.place_of(question)


def over(session: Session, situation: Situation) -> Turn:
    """All questions again; a request that is stored already stays the same request."""
    return let_go(session, situation, "over")


def stop(session: Session, situation: Situation) -> Turn:
    """Away from here. What is stored is never dropped in silence."""
    return let_go(session, situation, "stop")


def let_go(session: Session, situation: Situation, following: str) -> Turn:
    """Release what is held, one unit at a time, and then do what follows."""
    holds = session.memory.get("holds", [])
    if holds:
        releasing = session.knowing(holds=holds[1:], following=following)
        return want(releasing, ReleaseHold(holds[0]["id"]), "night_desk.released")
    return FOLLOWING[following](session.knowing(holds=None, following=None), situation)


def _over(session: Session, situation: Situation) -> Turn:
    clean = session.knowing(screened=None, stay_nights=None, reason=None, stay_sentence=None)
    if RESUMED in session.answers:
        return resume(clean, situation, str(session.answers[RESUMED]))
    return begin(clean, situation)


def _stopped(session: Session, situation: Situation) -> Turn:
    if "request_id" in session.memory:
        return go(session, "night_desk.stopped")
    return to_start(session, Say("night_desk.dropped"))


def find(session: Session, situation: Situation) -> Turn:
    """What is free for this request now."""
    found = FindProposals(session.memory["request_id"], session.memory.get("stay_nights"))
    return want(session, found, "night_desk.found")


def _stay_limit(session: Session, situation: Situation) -> Turn:
    return refuse_as(session, "stay_limit")


def refuse_as(session: Session, code: str, *notes: Say) -> Turn:
    """No bed by this rule. Every refusal ends with the contact question; the stay rule has ways out."""
    at = "night_desk.stay_limit" if code == "stay_limit" else "night_desk.contact"
    return go(session, at, *notes, refusal=code)


FOLLOWING: dict[str, Leave] = {
    "over": _over,
    "stop": _stopped,
    "find": find,
    "back": back,
    "stay_limit": _stay_limit,
}


def released(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """A hold is gone, by us or by itself."""
    return let_go(session, situation, session.memory.get("following", "find"))


def who_asked(session: Session, situation: Situation) -> tuple[Say, ...]:
    """Of a request that came in by another door: which service to call back, and at which number."""
    asked_by = session.memory.get("asked_by")
    return (Say("night_desk.asked_by", asked_by),) if asked_by else ()


NIGHT_DESK = Form("night_desk", asked, store, over, stop, who_asked)
"""What the desk asks who calls."""
