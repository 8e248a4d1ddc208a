"""Who gets into the messenger: invitations and linked accounts."""

from crisispool.services.messenger.invitations import InvitationAnswer, InvitationLink
from crisispool.services.messenger.links import MessengerLinkAnswer
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import InviteBody, Nothing


async def invitations(call: Call[NoQuery]) -> list[InvitationAnswer]:
    """What is open, waits for a decision, or was decided in the last day."""
    return await call.app.invitations.list(call.actor)


async def invited(call: Call[InviteBody]) -> InvitationLink:
    """A link for one person, for a day."""
    return await call.app.invitations.invite(call.actor, call.operation_id, call.given.ask())


async def approved(call: Call[Nothing]) -> InvitationAnswer:
    """The code was read out: let them in."""
    return await call.app.invitations.approve(call.actor, call.operation_id, call.path["id"])


async def refused(call: Call[Nothing]) -> InvitationAnswer:
    """It is off."""
    return await call.app.invitations.refuse(call.actor, call.operation_id, call.path["id"])


async def links(call: Call[NoQuery]) -> list[MessengerLinkAnswer]:
    """Linked accounts."""
    return await call.app.messenger_links.list(call.actor)


async def ended(call: Call[Nothing]) -> MessengerLinkAnswer:
    """This account is nobody's any more."""
    return await call.app.messenger_links.end(call.actor, call.operation_id, call.path["id"])
