"""The settings of the network: what each is, who decided it, changing one, and what changed."""

from aiohttp import web

from crisispool.domain.organisation import Role
from crisispool.domain.policy_settings import SettingKind
from crisispool.web.board.page import Visit
from crisispool.web.board.setting_words import (
    change_of,
    choices_of,
    day_words,
    row_of,
    section_words,
    sections_of,
)
from crisispool.web.schemas.policy import SettingBody

HERE = "/settings"


async def shown(visit: Visit) -> web.StreamResponse:
    """All of them."""
    found = await visit.app.office.policies.all(visit.actor)
    return visit.show(
        "board/settings.html",
        version=found.version,
        sections=sections_of(found.settings, visit.language),
        towns=found.towns,
        may_change=visit.actor.is_(Role.COORDINATOR),
    )


async def history(visit: Visit) -> web.StreamResponse:
    """Everything that changed."""
    found = await visit.app.office.policies.history(visit.actor)
    return visit.show(
        "board/settings_history.html", changes=[change_of(each, visit.language) for each in found]
    )


async def one(visit: Visit) -> web.StreamResponse:
    """One of them: what it is, a form to change it, its history."""
    found = await visit.app.office.policies.one(visit.actor, visit.path["name"])
    setting, language = found.now.setting, visit.language
    typed = visit.form.getall("value", []) if visit.wrong else list(found.now.value)
    return visit.show(
        "board/setting.html",
        at=f"{HERE}/{setting.name}",
        setting=setting,
        row=row_of(found.now, language),
        section=section_words(setting.section, language),
        day=day_words(found, language),
        # What was typed, as many parts as there are.
        values=[*typed, *found.now.value[len(typed) :]],
        choices=choices_of(setting, language),
        version=found.version,
        decision=found.now.decision,
        history=[change_of(each, language) for each in found.history],
        may_change=visit.actor.is_(Role.COORDINATOR) and setting.kind is not SettingKind.SWITCH,
        switch=setting.kind is SettingKind.SWITCH,
    )


async def changed(visit: Visit) -> web.StreamResponse:
    """One of them is something else from now on."""
    name = visit.path["name"]
    ask = visit.given(SettingBody).ask()
    await visit.app.office.policies.change(visit.actor, visit.operation_id, name, ask)
    return visit.go(f"{HERE}/{name}", done="setting_kept")
