"""Makes an API token, for a colleague who is there or for a new person of a role."""

import argparse
import asyncio

from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, bad, remark
from crisispool.domain.organisation import Role
from crisispool.opening import open_app
from crisispool.settings import Settings


def run(args: argparse.Namespace) -> int:
    """The token is the last line on standard output; all else goes to standard error."""
    role = _role(args.role) if args.role else None
    if role is None and args.organisation:
        bad("token.organisation_without_role")
    return asyncio.run(_create(settings_here(), args.person, role, args.organisation))


async def _create(settings: Settings, person: str | None, role: Role | None, organisation: str | None) -> int:
    async with open_app(settings, jobs=False) as app:
        if role is not None:
            made = await app.accounts.token_for_role(role, organisation)
            remark("token.person_made", who=made.colleague_id, role=role.value)
        else:
            made = await app.accounts.token_for(person or "")
    remark("token.keep")
    print(made.token, flush=True)
    return OK


def _role(text: str) -> Role:
    known = [role.value for role in Role]
    if text not in known:
        bad("token.role", known=", ".join(known), given=repr(text[:40]))
    return Role(text)
