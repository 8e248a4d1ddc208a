"""Tokens: which programs and people call the interface with one, a new one for a program, and the end of one."""

from datetime import timedelta

from aiohttp import web

from crisispool.services.service_accounts import LONGEST, LONGEST_NAME
from crisispool.web.board.page import Visit
from crisispool.web.schemas import ServiceAccountBody

HERE = "/tokens"


async def shown(visit: Visit) -> web.StreamResponse:
    """Every token that was not ended, and a form for a new program."""
    app, actor = visit.app, visit.actor
    return visit.show(
        "board/tokens.html",
        tokens=await app.service_accounts.list(actor),
        workplaces=await app.colleagues.workplaces(actor),
        roles_to_give=app.service_accounts.roles_for(actor),
        # A year is 365 days here: one typed by hand may be a day more.
        until=app.service_accounts.today() + LONGEST - timedelta(days=1),
        longest_name=LONGEST_NAME,
    )


async def made(visit: Visit) -> web.StreamResponse:
    """A token for a new program; it is shown this once."""
    ask = visit.given(ServiceAccountBody).ask()
    token = await visit.app.service_accounts.make(visit.actor, visit.operation_id, ask)
    return visit.show("board/tokens_made.html", made=token)


async def ended(visit: Visit) -> web.StreamResponse:
    """One token opens nothing any more."""
    await visit.app.service_accounts.end(visit.actor, visit.operation_id, visit.path["id"])
    return visit.go(HERE, done="token_ended")
