"""People and services: who takes part, how they are reached, who works there, and who leaves."""

from collections.abc import Iterable
from itertools import groupby

from aiohttp import web

from crisispool.domain.messenger import LinkState
from crisispool.domain.organisation import Organisation, Role
from crisispool.services.duty import WEEKDAYS
from crisispool.services.people_answers import OrganisationLine, PersonAnswer
from crisispool.web.board.page import Visit
from crisispool.web.html import board_text
from crisispool.web.schemas.people import EndBody, OrganisationBody, PhoneBody

HERE = "/people"
ASK = frozenset({"police", "hospital", "gp", "care_home"})
"""Kinds of services that ask for beds."""


async def shown(visit: Visit) -> web.StreamResponse:
    """Everybody."""
    found, language = await visit.app.office.people.all(visit.actor), visit.language
    return visit.show(
        "board/people.html",
        kinds=[
            (
                board_text(f"people.kind.{kind}", language),
                [(each, parts_of(each, language), there) for each, there in rows],
            )
            for kind, rows in groupby(found.organisations, key=lambda pair: pair[0].kind)
        ],
        of_network=found.of_network,
        former=found.former,
    )


async def service(visit: Visit) -> web.StreamResponse:
    """One service: how it is reached, who works there, a form to change it."""
    found, language = (
        await visit.app.office.people.organisation(visit.actor, visit.path["id"]),
        visit.language,
    )
    return visit.show(
        "board/people_service.html",
        at=f"{HERE}/services/{found.line.id}",
        line=found.line,
        it=found.record,
        backup=found.backup,
        parts=parts_of(found.line, language),
        hours=hours_of(found.record, language),
        people=found.people,
        seen=visit.form.get("seen", found.seen) if "body" not in visit.wrong else found.seen,
        may_change=visit.actor.is_(Role.COORDINATOR),
    )


async def service_changed(visit: Visit) -> web.StreamResponse:
    """It is reached otherwise from now on."""
    organisation_id = visit.path["id"]
    ask = visit.given(OrganisationBody).ask()
    await visit.app.office.people.change_organisation(visit.actor, visit.operation_id, organisation_id, ask)
    return visit.go(f"{HERE}/services/{organisation_id}", done="service_kept")


async def colleague(visit: Visit) -> web.StreamResponse:
    """One colleague."""
    found = await visit.app.office.people.person(visit.actor, visit.path["id"])
    mine = visit.actor.colleague_id == found.line.id
    return visit.show(
        "board/people_colleague.html",
        at=f"{HERE}/{found.line.id}",
        who=found.line,
        it=found,
        channels=channels_of(found, visit.language),
        coordinator=visit.actor.is_(Role.COORDINATOR),
        may_end=found.line.active and not mine,
    )


async def phone_changed(visit: Visit) -> web.StreamResponse:
    """Their number is another one from now on."""
    who, phone = visit.path["id"], visit.given(PhoneBody).phone
    await visit.app.office.people.change_phone(visit.actor, visit.operation_id, who, phone)
    return visit.go(f"{HERE}/{who}", done="phone_kept")


async def leaving(visit: Visit) -> web.StreamResponse:
    """What would be left without anybody, before anything ends."""
    asked = (visit.form if visit.page and visit.page.changes else visit.request.query).get("role", "")
    role = Role(asked) if asked in set(Role) else None
    left = await visit.app.office.leaving.look(visit.actor, visit.path["id"], role)
    return visit.show("board/people_end.html", at=f"{HERE}/{left.id}/end", left=left)


async def ended(visit: Visit) -> web.StreamResponse:
    """They do not work here any more, or not in that role."""
    body = visit.given(EndBody)
    who = visit.path["id"]
    await visit.app.office.leaving.end(visit.actor, visit.operation_id, who, body.seen, body.role)
    return visit.go(f"{HERE}/{who}", done="role_taken" if body.role else "colleague_ended")


def parts_of(each: OrganisationLine, language: str) -> list[str]:
    """What a service takes part as."""
    found = []
    if each.towns:
        found.append(board_text("people.part.ocmw", language, {"items": list(each.towns)}))
    if each.caw:
        found.append(board_text("people.part.caw", language))
    if each.units:
        found.append(board_text("people.part.units", language, {"n": each.units}))
    if each.kind in ASK:
        found.append(board_text("people.part.referrer", language))
    return found or [board_text("people.part.contact", language)]


def hours_of(record: Organisation, language: str) -> list[str]:
    """When it is open, one line a day; empty when nobody said."""
    opens = record.opens or {}
    return [
        board_text(
            "people.opens_day",
            language,
            {"day": board_text(f"people.day.{day}", language), "spans": ", ".join(opens[day])},
        )
        for day in WEEKDAYS
        if opens.get(day)
    ]


def channels_of(found: PersonAnswer, language: str) -> list[str]:
    """What a colleague comes in with."""

    def said() -> Iterable[str]:
        if found.line.passkeys:
            yield board_text("people.passkeys", language, {"n": found.line.passkeys})
        if found.line.accounts:
            yield board_text("people.accounts", language, {"n": found.line.accounts})
        if found.line.messenger is LinkState.BLOCKED:
            yield board_text("people.messenger_blocked", language)
        elif found.line.messenger is LinkState.ACTIVE:
            yield board_text("people.messenger", language)
        if found.mailbox:
            yield board_text("people.mail", language)
        if found.tokens:
            yield board_text("people.tokens", language, {"n": found.tokens})
        if found.feeds:
            yield board_text("people.feeds", language)

    return list(said()) or [board_text("people.nothing", language)]
