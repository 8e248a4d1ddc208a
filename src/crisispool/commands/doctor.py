"""What is wrong with this set-up and how to mend it: settings, folder, record, live view, tonight."""

import argparse
import asyncio
import stat
import sys

from bot.telegram_api import REVOKED, TelegramApi
from crisispool.app import App
from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, REFUSED, sentence_of, tell
from crisispool.domain.errors import Outage
from crisispool.domain.organisation import Network, Organisation
from crisispool.opening import open_app
from crisispool.services.mail.mailboxes import without_mailbox
from crisispool.settings import Settings, SettingsError, environment, unknown_variables
from crisispool.texts.render import render

MOST_SHOWN = 30


def run(args: argparse.Namespace) -> int:
    """0 when nothing stands in the way of tonight, 1 otherwise. Makes nothing and changes nothing."""
    settings = settings_here()
    tell("doctor.settings")
    for name, value, meaning in settings.masked():
        print(f"  {name}={value}   # {meaning}")
    mistakes = [render("command.doctor.unknown", {"name": name}) for name in unknown_variables(environment())]
    mistakes += asyncio.run(_look(settings))
    if not mistakes:
        tell("doctor.well")
        return OK
    tell("doctor.mend", count=len(mistakes))
    for mistake in mistakes[:MOST_SHOWN]:
        print(f"  - {mistake}")
    if len(mistakes) > MOST_SHOWN:
        tell("doctor.more", count=len(mistakes) - MOST_SHOWN)
    sys.stdout.flush()
    return REFUSED


async def _look(settings: Settings) -> list[str]:
    """What is wrong, the worst first."""
    try:
        async with open_app(settings, jobs=False) as app:
            tell("doctor.mode_training" if app.training else "doctor.mode_production", now=app.clock.now())
            away = [*await _live_view(app), *await _bot(app), *await _mail(app)]
            away += await accounts(app)
            return [*away, *_board(app), *await _tonight(app)]
    except SettingsError as error:
        return [str(error)]
    except Outage as outage:
        return [sentence_of(outage)]


async def _live_view(app: App) -> list[str]:
    try:
        different = await app.view.differences(app.clock.now())
        if different:
            # Somebody may have been between record and view: only what stays different is wrong.
            different = [unit for unit in await app.view.differences(app.clock.now()) if unit in different]
    except Outage as outage:
        key = "doctor.live_view_empty" if outage.hint == "empty" else "doctor.live_view"
        return [render(f"command.{key}", {"hint": outage.hint})]
    return [render("command.doctor.live_view_differs", {"count": len(different)})] if different else []


async def _bot(app: App) -> list[str]:
    """Whether Telegram knows the bot, and whether updates come in as they are set to."""
    token = app.settings.telegram_token
    if token is None:
        return [] if app.training else [render("command.doctor.bot_none", {})]
    try:
        async with TelegramApi(token, app.settings.telegram_api_url) as api:
            name = await api.name()
            brought_to = await api.brought_to()
    except Outage as outage:
        key = "doctor.bot_revoked" if outage.hint == REVOKED else "doctor.bot_away"
        return [render(f"command.{key}", {"hint": outage.hint})]
    tell("doctor.bot", name=name)
    if app.settings.telegram_webhook is not bool(brought_to):
        return [render("command.doctor.bot_not_started", {})]
    return []


async def _mail(app: App) -> list[str]:
    """Whether services can be reached by mail. A training sends none unless it is given a server."""
    if app.mailer is None:
        return [] if app.training else [render("command.doctor.mail_none", {})]
    mistakes = []
    try:
        await app.mailer.check()
    except Outage as outage:
        mistakes.append(render("command.doctor.mail_away", {"hint": outage.hint}))
    async with app.store.reading() as tx:
        without = await without_mailbox(tx)
    return mistakes + [render("command.doctor.no_mailbox", {"name": name}) for name in without]


async def accounts(app: App) -> list[str]:
    """Whether the sign-in pages of organisations are there and fit, and at which address they send people back."""
    providers, mistakes = app.oidc.providers, []
    async with app.store.reading() as tx:
        names = {each.id: each.name for each in await tx.find(Organisation)}
    for organisation, issuer in providers.issuers().items():
        facts = {"organisation": names.get(organisation, organisation), "issuer": issuer}
        if organisation not in names:
            mistakes.append(render("command.doctor.oidc_no_organisation", facts))
        try:
            await providers.check(organisation)
            tell("doctor.oidc", **facts, address=app.oidc.comes_back_to(organisation))
        except Outage as outage:
            mistakes.append(render("command.doctor.oidc_away", {**facts, "hint": outage.hint}))
    path = app.settings.oidc_file
    if path is not None and path.stat().st_mode & stat.S_IROTH:
        mistakes.append(render("command.doctor.oidc_open", {"path": path}))
    return mistakes


def _board(app: App) -> list[str]:
    """Whether browsers make passkeys for our address. In a training nobody needs one."""
    site = app.passkeys.site
    wrong = not app.training and not site.can_have_passkeys
    return [render("command.doctor.no_passkeys", {"origin": site.origin})] if wrong else []


async def _tonight(app: App) -> list[str]:
    async with app.store.reading() as tx:
        networks = await tx.find(Network, order=("id",))
    if not networks:
        return [render("set_up.region_missing", {})]
    tell("doctor.networks", names=[network.name for network in networks])
    missing = await app.tonight.missing(app.clock.now())
    return [f"{each.key}: {each.what}, {each.how}" for each in missing]
