"""Who comes in: invitations that wait for a decision, and new ones, also for who lost what they sign in with."""

from aiohttp import web

from crisispool.domain.organisation import Role
from crisispool.services.messenger.invitations import InvitationLink, InvitationState, InviteAsk
from crisispool.web.board.page import Visit
from crisispool.web.schemas import InviteBody

HERE = "/access"


async def shown(visit: Visit) -> web.StreamResponse:
    """Everything that waits, everybody who works here, and a form for somebody new."""
    app, actor = visit.app, visit.actor
    found = await app.invitations.list(actor)
    workplaces = await app.colleagues.workplaces(actor)
    return visit.show(
        "board/access.html",
        waiting=[each for each in found if each.state is InvitationState.WAITING],
        open=[each for each in found if each.state is InvitationState.OPEN],
        colleagues=await app.colleagues.everybody(actor),
        workplaces=workplaces,
        names={each.id: each.name for each in workplaces},
        every_role=tuple(Role),
    )


async def colleague(visit: Visit) -> web.StreamResponse:
    """One colleague, and what can be given to them."""
    who = await visit.app.colleagues.one(visit.actor, visit.path["id"])
    more = [role for role in Role if role not in who.roles]
    return visit.show("board/access_colleague.html", who=who, more=more)


async def invited(visit: Visit) -> web.StreamResponse:
    """A link for somebody new; it is shown this once."""
    return await _invite(visit, visit.given(InviteBody).ask())


async def invited_colleague(visit: Visit) -> web.StreamResponse:
    """A link for a colleague: one more way in, one more role, or everything anew."""
    role, who = visit.form.get("role", ""), visit.path["id"]
    ask = InviteAsk(Role(role) if role in set(Role) else None, None, who, visit.form.get("anew") == "yes")
    return await _invite(visit, ask)


async def approved(visit: Visit) -> web.StreamResponse:
    """The code was read out: let them in."""
    await visit.app.invitations.approve(visit.actor, visit.operation_id, visit.path["id"])
    return visit.go(HERE, done="let_in")


async def refused(visit: Visit) -> web.StreamResponse:
    """It is off."""
    await visit.app.invitations.refuse(visit.actor, visit.operation_id, visit.path["id"])
    return visit.go(HERE, done="invitation_off")


async def _invite(visit: Visit, ask: InviteAsk) -> web.StreamResponse:
    made: InvitationLink = await visit.app.invitations.invite(visit.actor, visit.operation_id, ask)
    return visit.show("board/access_link.html", made=made)
