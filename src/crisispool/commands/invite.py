"""Makes a one-time invitation, into the bot or onto the board: for somebody new, or for a colleague who is there."""

import argparse
import asyncio

from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, bad, remark
from crisispool.domain.organisation import Role
from crisispool.opening import open_app
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.settings import Settings


def run(args: argparse.Namespace) -> int:
    """The link is the last line on standard output, or its token as long as the bot's name is unknown."""
    if args.role is None and args.person is None:
        bad("invite.who")
    if args.anew and args.person is None:
        bad("invite.anew")
    known = [role.value for role in Role]
    if args.role is not None and args.role not in known:
        bad("token.role", known=", ".join(known), given=repr(args.role[:40]))
    role = Role(args.role) if args.role else None
    return asyncio.run(_invite(settings_here(), InviteAsk(role, args.organisation, args.person, args.anew)))


async def _invite(settings: Settings, ask: InviteAsk) -> int:
    async with open_app(settings, jobs=False) as app:
        made = await app.invitations.invite_by_command(ask)
    remark("invite.made", until=made.expires_at)
    if made.url is None:
        remark("invite.no_bot_yet")
    if made.page is not None:
        remark("invite.page", url=made.page)
    remark("invite.then")
    print(made.url or made.token, flush=True)
    return OK
