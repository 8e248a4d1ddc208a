"""What can be tapped on a message: one thing done at once, or the talk opened at what the message is about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from crisispool.conversations import duty_talk, friday_list, morning, my_units, shift
from crisispool.conversations.booking import open_booking
from crisispool.conversations.bringing import look_at
from crisispool.conversations.desk_menu import taken as go_on_with
from crisispool.conversations.duty_intents import AcceptShift
from crisispool.conversations.engine import After, Opens, Turn, to_start, want
from crisispool.conversations.intents import (
    Acknowledge,
    Admit,
    CheckIn,
    CheckOut,
    Intent,
    ListBookings,
    ListHandovers,
    StillOnTheWay,
    TakeRequest,
    TurnAway,
)
from crisispool.conversations.intents_by_day import (
    AnswerHold,
    ConfirmUnits,
    NoteConsultation,
    NotYetLeft,
    RecordCare,
)
from crisispool.conversations.outreach import MESSAGE, to_extension
from crisispool.conversations.paper import open_list
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Session, Situation
from crisispool.domain.care import CareResult
from crisispool.domain.organisation import Role


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a message. Either `does` makes what is wanted of the id that the message is about, and the talk
    stays where it is; or it `opens` the talk there."""

    code: str
    does: Callable[[str], Intent] | None = None
    opens: Opens | None = field(default=None, compare=False)


def _listed(intent: Intent, then: str) -> Opens:
    """Look in a list for what the message is about."""
    return lambda session, about_id, situation: want(session.knowing(sought=about_id), intent, then)


def _take(session: Session, about_id: str, situation: Situation) -> Turn:
    return want(session, TakeRequest(about_id), "news.taken")


def _units(session: Session, about_id: str, situation: Situation) -> Turn:
    return my_units.look(session, situation)


def _own(session: Session, about_id: str, situation: Situation) -> Turn:
    return look_at(session, about_id)


def _booking(session: Session, about_id: str, situation: Situation) -> Turn:
    if DESK.isdisjoint(situation.roles):
        return _own(session, about_id, situation)
    return want(session.knowing(sought=about_id), ListBookings(), "news.booking")


DESK = frozenset({Role.CALLTAKER, Role.COORDINATOR})
BOOKING = Way("open", opens=_booking)
OWN = Way("open", opens=_own)
ROSTER = Way("roster", opens=lambda session, about_id, situation: duty_talk.look(session, situation))
PAPER = Way("paper", opens=lambda session, about_id, situation: open_list(session, about_id))
SHIFT = Way("shift", opens=lambda session, about_id, situation: shift.look(session, situation))


def _friday(session: Session, about_id: str, situation: Situation) -> Turn:
    return friday_list.look(session, situation)


def _extension(session: Session, about_id: str, situation: Situation) -> Turn:
    return to_extension(session, about_id, MESSAGE)


def _care(result: str) -> Callable[[str], Intent]:
    return lambda booking_id: RecordCare(booking_id, result)


def _consulted(what: str) -> Callable[[str], Intent]:
    return lambda booking_id: NoteConsultation(booking_id, what)


CASE = Way("open", opens=_listed(ListHandovers(), "news.handover"))
CASE_OF_BED = Way("case", opens=_listed(ListHandovers(), "news.case_of_bed"))
FRIDAY = Way("friday", opens=_friday)
EXTEND = Way("extend", opens=_extension)
CARE = tuple(Way(f"care_{result}", does=_care(result)) for result in CareResult)
CONSULTED = tuple(Way(f"consultation_{what}", does=_consulted(what)) for what in ("seen", "planned"))
TAKE = Way("take", opens=_take)
ACCEPT = Way("accept", does=Acknowledge)
UNITS = Way("units", opens=_units)
LEFT = Way("left", does=CheckOut)
NOT_LEFT = Way("not_left", does=NotYetLeft)
ALL_RIGHT = Way("all_right", does=ConfirmUnits)
CHANGED = Way("changed", opens=_units)
YES = Way("owner_yes", does=lambda hold_id: AnswerHold(hold_id, "yes"))
NO = Way("owner_no", does=lambda hold_id: AnswerHold(hold_id, "no"))
ADMIT = Way("admit", does=Admit)
TURN_AWAY = Way("turn_away", does=TurnAway)

WAYS: dict[str, tuple[Way, ...]] = {
    "message.arrival_question": (
        Way("inside", does=CheckIn),
        Way("on_the_way", does=StillOnTheWay),
        BOOKING,
    ),
    **dict.fromkeys(
        (
            "message.request_desk",
            "message.request_backup",
            "message.request_coordinator",
            "message.request_bed",
            "message.request_call_back",
            "message.request_undecided",
            "message.request_overdue",
            "message.decide_stay",
            "message.request_alike",
        ),
        (TAKE,),
    ),
    **dict.fromkeys(
        (
            "message.request_taken",
            "message.request_taken_unreached",
            "message.request_withdrawn",
            "message.request_told_backup",
            "message.request_told_coordinator",
            "message.request_fallback",
            "message.accepted",
            "message.refused",
        ),
        (OWN,),
    ),
    "message.shift_offered": (Way("take_shift", does=AcceptShift), ROSTER),
    "message.shift_passed": (ROSTER,),
    "message.shift_given": (SHIFT,),
    "message.gap_filled": (ROSTER,),
    "message.shift_taken_off": (ROSTER,),
    "message.shift_taken_off_open": (ROSTER,),
    "message.no_backup": (ROSTER,),
    "message.roster_gap": (ROSTER,),
    **dict.fromkeys(("message.door_trouble", "message.door_trouble_unreached"), (BOOKING,)),
    **dict.fromkeys(
        (
            "message.handover",
            "message.handover_stays",
            "message.handover_left",
            "message.handover_contact",
            "message.handover_backup",
        ),
        (ACCEPT, CASE),
    ),
    **dict.fromkeys(
        (
            "message.handover_coordinator",
            "message.contact_overdue",
            "message.case_given",
            "message.worker_left",
        ),
        (CASE,),
    ),
    **dict.fromkeys(("message.case_moved", "message.stays_as"), (CASE_OF_BED,)),
    **dict.fromkeys(
        ("message.weekend_list", "message.weekend_list_open", "message.weekend_line_coordinator"), (FRIDAY,)
    ),
    **dict.fromkeys(("message.checkout_question", "message.checkout_unanswered"), (LEFT, NOT_LEFT)),
    "message.overstay": (LEFT, EXTEND),
    **dict.fromkeys(
        (
            "message.extension_asked",
            "message.given_in_silence",
            "message.long_closure",
            "message.landing_closed",
        ),
        (EXTEND,),
    ),
    **dict.fromkeys(("message.stay_alert", "message.bed_closed"), (BOOKING,)),
    **dict.fromkeys(("message.care_ask", "message.care_again", "message.care_overdue"), CARE),
    "message.care_unreached_desk": (BOOKING,),
    "message.care_help": (BOOKING,),
    "message.consultation_proposed": (*CONSULTED, BOOKING),
    "message.checkout_question_owner": (LEFT, NOT_LEFT),
    "message.units_round": (ALL_RIGHT, CHANGED),
    "message.night_list": (PAPER,),
    "message.unit_held": (YES, NO),
    **dict.fromkeys(("message.unit_out_of_service", "message.left", "message.owner_morning"), (UNITS,)),
    **dict.fromkeys(
        (f"newcomer.{known}{role}" for role in Role for known in ("", "known_")), (ADMIT, TURN_AWAY)
    ),
}
"""The ways of each message, by its text key; a message that is not here only tells."""


def way_of(key: str, code: str) -> Way | None:
    """The way of a message with this text key, None when it has no such way."""
    return next((way for way in WAYS.get(key, ()) if way.code == code), None)


def opens(key: str, code: str) -> Opens | None:
    """Where a way of a message leads, None when it leads nowhere."""
    way = way_of(key, code)
    return way.opens if way else None


def choices_of(key: str, message_id: str) -> tuple[Choice, ...]:
    """What can be tapped on a message; the ids say which message and which way."""
    return tuple(
        Choice(way.code, f"choice.news.{way.code}", id=f"m.{message_id}.{way.code}")
        for way in WAYS.get(key, ())
    )


def done(way: Way, answer: Any) -> Say:
    """What is said when a way did its one thing."""
    reference = answer.get("reference", "") if isinstance(answer, dict) else ""
    return Say(f"news.{way.code}", {"reference": reference})


def _found(rows: Iterable[dict[str, Any]], session: Session) -> dict[str, Any] | None:
    return next((row for row in rows if row["id"] == session.memory.get("sought")), None)


def _gone(session: Session) -> Turn:
    return to_start(session.knowing(sought=None), Say("news.gone"))


def booking(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The booking that a message is about, when the asker may still act on it."""
    rows = [] if isinstance(outcome, Refused) else outcome.answer
    found = _found(rows, session)
    return open_booking(session.knowing(sought=None), found, rows) if found else _gone(session)


def handover(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The handover that a message is about."""
    found = _found([] if isinstance(outcome, Refused) else outcome.answer, session)
    return morning.to_case(session.knowing(sought=None), found) if found else _gone(session)


def case_of_bed(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The case of the booking that a message is about."""
    rows = [] if isinstance(outcome, Refused) else outcome.answer
    sought = session.memory.get("sought")
    found = next((row for row in rows if sought in (bed["id"] for bed in row["beds"])), None)
    return morning.to_case(session.knowing(sought=None), found) if found else _gone(session)


def taken(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request that a message is about, taken by this one tap; or who was first."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go_on_with(session, outcome, situation)


AFTER: dict[str, After] = {
    "news.booking": booking,
    "news.handover": handover,
    "news.case_of_bed": case_of_bed,
    "news.taken": taken,
}
