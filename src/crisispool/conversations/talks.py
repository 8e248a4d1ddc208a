"""All talks together: where each role starts, every place, every continuation."""

from crisispool.conversations import (
    booking,
    care_calls,
    coordinating,
    daytime,
    desk_menu,
    duty_talk,
    filling,
    friday_list,
    language,
    morning,
    my_units,
    news,
    night_desk,
    onlookers,
    outreach,
    paper,
    referrer,
    shift,
)
from crisispool.conversations.engine import Leave, Place, Talks, Turn, go, to_start
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Screen, Session, Situation
from crisispool.domain.organisation import Role


def _at(key: str) -> Leave:
    return lambda session, situation: go(session, key)


STARTS: dict[str, Leave] = {
    Role.CALLTAKER: _at("desk.menu"),
    Role.COORDINATOR: _at("coordinator.menu"),
    Role.SUPPORT_WORKER: morning.look,
    Role.UNIT_MANAGER: my_units.look,
    Role.REFERRER: referrer.my_requests,
    Role.COUNCIL: _at("council.menu"),
    Role.ADMIN: _at("admin.menu"),
}
"""The first screen of each role."""


def start(session: Session, situation: Situation) -> Turn:
    """To the first screen of a colleague's role; who has several says which one now."""
    roles = [role for role in STARTS if role in situation.roles]
    chosen = session.memory.get("role")
    if len(roles) > 1 and chosen not in roles:
        return go(session, "start.role")
    if not roles:
        return go(session, "start.nobody")
    return STARTS[chosen if chosen in roles else roles[0]](session, situation)


def _show_roles(session: Session, situation: Situation) -> Screen:
    return Screen(
        "start.role", choices=options("role", *(role for role in STARTS if role in situation.roles))
    )


def _take_role(session: Session, code: str, situation: Situation) -> Turn:
    return to_start(session.knowing(role=code))


TALKS = Talks(
    places={
        "start.role": Place(_show_roles, _take_role),
        **desk_menu.PLACES,
        **night_desk.PLACES,
        **booking.PLACES,
        **morning.PLACES,
        **outreach.PLACES,
        **friday_list.PLACES,
        **care_calls.PLACES,
        **coordinating.PLACES,
        **daytime.PLACES,
        **my_units.PLACES,
        **onlookers.PLACES,
        **language.PLACES,
        **referrer.PLACES,
        **shift.PLACES,
        **duty_talk.PLACES,
        **filling.PLACES,
        **paper.PLACES,
    },
    after={
        **desk_menu.AFTER,
        **night_desk.AFTER,
        **booking.AFTER,
        **morning.AFTER,
        **outreach.AFTER,
        **friday_list.AFTER,
        **care_calls.AFTER,
        **coordinating.AFTER,
        **daytime.AFTER,
        **my_units.AFTER,
        **language.AFTER,
        **referrer.AFTER,
        **shift.AFTER,
        **duty_talk.AFTER,
        **filling.AFTER,
        **paper.AFTER,
        **news.AFTER,
    },
    start=start,
    opens=news.opens,
)

step = TALKS.step
"""One step of any talk: `step(session, heard, situation) -> Step`."""
