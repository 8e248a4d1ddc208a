"""The letter of each message: what stands in the subject, and the one thing that its button does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crisispool.conversations.news import Way, way_of
from crisispool.domain.record import Message


@dataclass(frozen=True, slots=True)
class Letter:
    """`subject` is the end of a text key, its facts are those of the message. `way` is the code of the way of the
    message that its page does; without one the page only tells."""

    subject: str
    way: str = ""


TAKE_UP: Final = Letter("take_up", "accept")
AGAIN_FREE: Final = Letter("again_free")
LONGER: Final = Letter("extended")
BOOKED: Final = Letter("booked")

LETTERS: Final[Mapping[str, Letter]] = {
    # To outreach.
    "message.handover": TAKE_UP,
    "message.handover_stays": TAKE_UP,
    "message.handover_left": TAKE_UP,
    "message.handover_contact": TAKE_UP,
    "message.handover_backup": Letter("take_up_instead", "accept"),
    "message.accepted_by_other": Letter("taken_up"),
    "message.case_moved": Letter("moved"),
    "message.stays_as": Letter("stays"),
    "message.overstay": Letter("overstay"),
    "message.checkout_question": Letter("have_left"),
    "message.weekend_list": Letter("weekend_list"),
    # To the owner of units.
    "message.units_round": Letter("units_round", "all_right"),
    "message.checkout_question_owner": Letter("have_left", "left"),
    "message.unit_held": Letter("may_it_be_given", "owner_yes"),
    "message.booking_to_owner": BOOKED,
    "message.booking_moved": BOOKED,
    "message.extended": LONGER,
    "message.cancelled": AGAIN_FREE,
    "message.no_show": AGAIN_FREE,
    "message.left": Letter("make_ready"),
    "message.left_not_cleaned": Letter("make_ready"),
    "message.owner_morning": Letter("leaving"),
    "message.unit_out_of_service": Letter("look_at_unit"),
    "message.stays_as_owner": Letter("stays"),
    # To the service that asked for a bed.
    "message.accepted": Letter("bed"),
    "message.refused": Letter("no_bed"),
    "message.request_fallback": Letter("fallback"),
    "message.arrival_question": Letter("inside"),
    "message.care_unreached": Letter("how_are_they"),
}

OTHERS: Final[Mapping[str, Letter]] = {
    "reference": Letter("message_about"),
    "request": Letter("message_about_request"),
}
BARE: Final = Letter("message")
"""What a message says that has no letter of its own: by a fact that names what it is about, or without one."""


def letter_of(message: Message) -> Letter:
    """The letter of this message; every message has one."""
    known = LETTERS.get(message.key)
    if known is not None:
        return known
    return next((letter for fact, letter in OTHERS.items() if fact in message.facts), BARE)


def way_in(message: Message) -> Way | None:
    """What the button on the page of this message does, None when it has no button."""
    way = way_of(message.key, letter_of(message).way)
    return way if way is not None and way.does is not None else None
