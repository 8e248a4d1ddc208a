"""How every talk goes on: the step from what was heard to what is shown or wanted."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crisispool.conversations.intents import Intent
from crisispool.conversations.vocabulary import (
    Choice,
    Chose,
    Done,
    Expects,
    Heard,
    Outcome,
    Refused,
    Said,
    Say,
    Screen,
    Session,
    Situation,
    Step,
    Tapped,
)

BACK, OVER, HELP, STOP, LANGUAGE, ROLE = "back", "over", "help", "stop", "language", "role"
WORDS = {
    word: code
    for code, words in {
        BACK: ("terug", "vorige", "retour", "précédent", "precedent", "back", "previous"),
        OVER: ("opnieuw", "herbegin", "recommencer", "start over", "over", "restart"),
        HELP: ("help", "hulp", "?", "aide"),
        STOP: ("stop", "menu"),
        LANGUAGE: ("taal", "langue", "language"),
        ROLE: ("rol", "rôle", "role"),
    }.items()
    for word in words
}
"""What may be typed at any screen: the words of every language, whichever one is read."""

EVERYWHERE = (BACK, OVER, HELP, STOP, LANGUAGE, ROLE)
LANGUAGE_ASKED = "language.ask"
"""The place where the language is chosen."""
START = "start"
ROLE_ASKED = "start.role"
"""The place where somebody of several roles says which one now."""
KEPT = ("role", "notes", "parked")
"""What is remembered when a talk is over."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where to go: the session, what to say first, or what is wanted and what happens with its outcome."""

    session: Session
    notes: tuple[Say, ...] = ()
    intent: Intent | None = None
    then: str = ""


Show = Callable[[Session, Situation], Screen]
Read = Callable[[Session, str, Situation], Turn | None]
Take = Callable[[Session, str, Situation], Turn]
Leave = Callable[[Session, Situation], Turn]
Opens = Callable[[Session, str, Situation], Turn]
"""From the session and the id of what a message is about to where the talk goes."""
After = Callable[[Session, Outcome, Situation], Turn]


def go(session: Session, at: str, *notes: Say, **memory: Any) -> Turn:
    """To a place, remembering some things."""
    return Turn(replace(session.knowing(**memory), at=at), notes)


def want(session: Session, intent: Intent, then: str) -> Turn:
    """Ask the world for something."""
    return Turn(session, (), intent, then)


def to_start(session: Session, *notes: Say) -> Turn:
    """To the first screen of the role, with nothing remembered of what was talked about."""
    kept = {key: session.memory[key] for key in KEPT if key in session.memory}
    return Turn(replace(session, at=START, answers={}, history=(), memory=kept), notes)


def is_asked(session: Session) -> bool:
    """Whether someone is in the middle of questions."""
    return bool(session.history or "request_id" in session.memory)


def park(session: Session) -> Session:
    """At the start, with all that was asked so far waiting."""
    waiting = replace(session, shown=None, taken=None, last="")
    return to_start(session).session.knowing(parked=json.loads(waiting.to_json()))


def unpark(session: Session, parked: Mapping[str, Any]) -> Turn:
    """Back to the questions that waited while something else was opened."""
    waited = Session.from_json(json.dumps(parked))
    again = replace(
        session, at=waited.at, answers=waited.answers, history=waited.history, memory=waited.memory
    )
    return Turn(again, (Say("talk.back_to"),) if is_asked(waited) else ())


@dataclass(frozen=True, slots=True)
class Place:
    """A screen and what its choices do. `back`, `over` and `stop` are only where that means something.

    `look` fetches anew what the screen shows, when someone comes to look. `read` makes something of what was
    typed when it is no choice; None: nothing.
    """

    show: Show
    take: Take
    back: Leave | None = None
    over: Leave | None = None
    stop: Leave | None = None
    look: Leave | None = None
    read: Read | None = None


def no_way(key: str, way: str) -> Opens | None:
    """No message opens anything."""
    return None


@dataclass(frozen=True, slots=True)
class Talks:
    """All places by key, all continuations by name, where a role starts, and where ways of messages lead."""

    places: Mapping[str, Place]
    after: Mapping[str, After]
    start: Leave
    opens: Callable[[str, str], Opens | None] = no_way

    def step(self, session: Session, heard: Heard, situation: Situation) -> Step:
        """One step of a talk. Whatever is heard, something sensible is shown and nothing is ever raised."""
        if isinstance(heard, Done | Refused):
            if session.pending is None or session.then not in self.after:
                return self._show_again(session, situation)
            settled = replace(session, pending=None, then="")
            return self._finish(self.after[session.then](settled, heard, situation), situation)
        opens = self.opens(heard.key, heard.way) if isinstance(heard, Tapped) else None
        if isinstance(heard, Tapped) and opens is not None:
            # Somebody may never have done anything before.
            return self._tapped(session, heard, opens, situation)
        if session.shown is None or session.at not in self.places:
            return self._finish(to_start(replace(session, pending=None, then="")), situation)
        if isinstance(heard, Tapped):
            return self._again_with(session, Say("talk.stale"))
        if isinstance(heard, Said):
            return self._said(session, session.shown, heard.text, situation)
        return self._chose(session, session.shown, heard, situation)

    def _said(self, session: Session, screen: Screen, text: str, situation: Situation) -> Step:
        text = " ".join(text.split())
        look = self.places[session.at].look
        if not text:
            return self._finish(look(session, situation), situation) if look else Step(session, (screen,))
        if screen.expects is Expects.NUMBER and text.isascii() and text.isdigit():
            number = int(text) if len(text) < 4 else 1000
            if screen.at_least <= number <= screen.at_most:
                return self._take(session, str(number), situation)
            facts = {"least": screen.at_least, "most": screen.at_most}
            return self._again_with(session, Say("talk.number_range", facts))
        code = WORDS.get(text.casefold())
        if code == LANGUAGE:
            return self._take(session, LANGUAGE, situation)
        choice = (
            next((c for c in screen.choices if c.code == code), None) if code else _by_number(screen, text)
        )
        if choice is not None:
            return self._take(session, choice.code, situation, choice)
        if code == STOP and self.places[session.at].back is not None:
            # Where nothing is being asked there is nothing to stop, and still a menu to go to.
            return self._finish(to_start(session), situation)
        if code:
            return Step(session, (screen,))
        read = self.places[session.at].read
        if read is not None and (turn := read(session, text, situation)) is not None:
            return self._finish(turn, situation)
        problem = "number_expected" if screen.expects is Expects.NUMBER else "not_understood"
        return self._again_with(session, Say(f"talk.{problem}"))

    def _chose(self, session: Session, screen: Screen, chose: Chose, situation: Situation) -> Step:
        choice = next((each for each in screen.choices if each.id == chose.choice_id), None)
        if choice is not None:
            return self._take(session, choice.code, situation, choice)
        if chose.choice_id == session.last:
            return Step(session, (screen,))
        return self._again_with(session, Say("talk.stale"))

    def _tapped(self, session: Session, tapped: Tapped, opens: Opens, situation: Situation) -> Step:
        """To what a message is about. Questions that were being answered wait until that is over."""
        aside = park(session) if is_asked(session) else to_start(session).session
        return self._finish(opens(aside, tapped.about_id, situation), situation)

    def _take(self, session: Session, code: str, situation: Situation, choice: Choice | None = None) -> Step:
        place = self.places[session.at]
        if code == HELP:
            facts = {
                "desk": situation.desk_phone,
                "coordinator": situation.coordinator_phone or situation.desk_phone,
            }
            asked = session.shown.key if session.shown else session.at
            return self._again_with(session, Say(f"help.{asked}", facts))
        if code == LANGUAGE:
            return self._ask_language(session, situation)
        if code == ROLE:
            return self._finish(to_start(session.knowing(role=None)), situation)
        leave = {BACK: place.back, OVER: place.over, STOP: place.stop}.get(code)
        session = replace(session, last=choice.id if choice else "", taken=choice)
        turn = leave(session, situation) if leave else place.take(session, code, situation)
        return self._finish(turn, situation)

    def _ask_language(self, session: Session, situation: Situation) -> Step:
        """Whatever is being asked waits, wherever it is."""
        if session.at == LANGUAGE_ASKED or LANGUAGE_ASKED not in self.places:
            return self._show_again(session, situation)
        return self._finish(go(park(session), LANGUAGE_ASKED), situation)

    def _finish(self, turn: Turn, situation: Situation) -> Step:
        session = replace(turn.session, turn=turn.session.turn + 1)
        if turn.intent is not None:
            if turn.notes:
                session = session.knowing(notes=[[note.key, dict(note.facts)] for note in turn.notes])
            return Step(replace(session, pending=turn.intent, then=turn.then), (), turn.intent)
        if session.at == START:
            parked = session.memory.get("parked")
            if parked is not None and parked["at"] in self.places:
                started = unpark(turn.session, parked)
            else:
                started = self.start(turn.session, situation)
            return self._finish(replace(started, notes=(*turn.notes, *started.notes)), situation)
        place = self.places[session.at]
        carried = tuple(Say(key, facts) for key, facts in session.memory.get("notes", ()))
        session = session.knowing(notes=None)
        other_role = len(situation.roles) > 1 and session.at != ROLE_ASKED and not is_asked(session)
        screen = _numbered(place.show(session, situation), place, session.turn, other_role=other_role)
        if carried or turn.notes:
            screen = replace(screen, notes=(*carried, *turn.notes, *screen.notes))
        return Step(replace(session, shown=screen), (screen,))

    def _show_again(self, session: Session, situation: Situation) -> Step:
        if session.shown is None:
            return self._finish(to_start(session), situation)
        return Step(session, (session.shown,))

    def _again_with(self, session: Session, note: Say) -> Step:
        screen = session.shown or Screen(session.at)
        return Step(session, (replace(screen, notes=(note, *screen.notes)),))


def _numbered(screen: Screen, place: Place, turn: int, *, other_role: bool) -> Screen:
    """The screen with ids that only this turn knows, and with what may be done at every screen."""
    own = tuple(choice.called(f"{turn}.{number}") for number, choice in enumerate(screen.choices, 1))
    # The word for the language counts everywhere; who is not in the middle of something also sees it.
    menu = place.back is None and place.stop is None
    ways = {BACK: place.back, OVER: place.over, HELP: True, STOP: place.stop, LANGUAGE: menu}
    ways[ROLE] = other_role
    nav = tuple(Choice(code, f"choice.nav.{code}", {}, f"{turn}.{code}") for code in EVERYWHERE if ways[code])
    return replace(screen, choices=own + nav)


def _by_number(screen: Screen, text: str) -> Choice | None:
    digits = text.rstrip(").")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 3:
        return None
    # What may be done everywhere is a word, so that a slip of the finger never leaves the talk.
    own = [choice for choice in screen.choices if choice.code not in EVERYWHERE]
    number = int(digits)
    return own[number - 1] if 1 <= number <= len(own) else None
