"""The settings of a network: how each stands and since when, who changed what, and changing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from crisispool.domain.errors import BadInput, NotThere, Refusal
from crisispool.domain.organisation import Actor, Colleague, Network, OrganisationKind, PolicyVersion, Role
from crisispool.domain.policy import Policy
from crisispool.domain.policy_settings import (
    BY_NAME,
    IN_ORDER,
    SETTINGS,
    Setting,
    SettingKind,
    with_value,
    written,
)
from crisispool.ports import OneOf, Transaction
from crisispool.services.parts import Parts, require
from crisispool.services.policy_versions import adopt, as_policy, latest_version, next_version, plain

LOOKERS: Final = (Role.COORDINATOR, Role.ADMIN)
LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided something and when; `on` None: provisional. `since` is the version, `at` when it was entered."""

    by: str
    on: date | None
    since: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SettingAnswer:
    """One setting as it holds now; `value` as people write it, one text a part."""

    setting: Setting
    value: tuple[str, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """What one version made of one setting. `who` entered it, by label; empty: it came with the region file.

    `before` is empty in the first version, and equal to `after` when a value was confirmed.
    """

    setting: Setting
    before: tuple[str, ...]
    after: tuple[str, ...]
    who: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class TownAnswer:
    """What was agreed with a municipality: who leads outreach there, and how many places it offers, None: open."""

    name: str
    lead: OrganisationKind
    agreed_places: int | None


@dataclass(frozen=True, slots=True)
class SettingsAnswer:
    """All settings, in the order of the policy; `version` is the one that holds. `towns` by name, from the region
    file alone."""

    version: int
    settings: tuple[SettingAnswer, ...]
    towns: tuple[TownAnswer, ...]


@dataclass(frozen=True, slots=True)
class OneSettingAnswer:
    """One setting, the others of the same day in their order, and its history, the newest first."""

    version: int
    now: SettingAnswer
    day: tuple[SettingAnswer, ...]
    history: tuple[ChangeAnswer, ...]


@dataclass(frozen=True, slots=True)
class SettingAsk:
    """A setting as somebody writes it. `decided_on` None: provisional. `version` is the one that was looked at."""

    value: tuple[str, ...]
    decided_by: str
    decided_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The version that holds now."""

    version: int


class Policies:
    """What steering decides. Policy: every default of sections 3 to 8."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def all(self, actor: Actor) -> SettingsAnswer:
        """Every setting as it holds now."""
        require(actor, *LOOKERS)
        async with self._parts.store.reading() as tx:
            versions = await _versions(tx, actor.network_id)
            facts = await self._parts.facts.network(tx, actor.network_id)
        names = {nis: each.name for nis, each in facts.municipalities.items()}
        towns = [
            TownAnswer(names[nis], each.lead, each.agreed_places) for nis, each in facts.memberships.items()
        ]
        by_name = sorted(towns, key=lambda each: each.name)
        return SettingsAnswer(versions[-1].version, _now(versions), tuple(by_name))

    async def one(self, actor: Actor, name: str) -> OneSettingAnswer:
        """One setting with its history. Raises NotThere."""
        require(actor, *LOOKERS)
        if name not in BY_NAME:
            raise NotThere("setting")
        async with self._parts.store.reading() as tx:
            versions = await _versions(tx, actor.network_id)
            history = await _history(tx, versions)
        now = {each.setting.name: each for each in _now(versions)}
        day = next((names for names in IN_ORDER if name in names), ())
        mine = tuple(each for each in history if each.setting.name == name)
        return OneSettingAnswer(versions[-1].version, now[name], tuple(now[each] for each in day), mine)

    async def history(self, actor: Actor) -> tuple[ChangeAnswer, ...]:
        """Every change since the first version, the newest first."""
        require(actor, *LOOKERS)
        async with self._parts.store.reading() as tx:
            found = await _history(tx, await _versions(tx, actor.network_id))
        return tuple(each for each in found if each.before)

    async def change(self, actor: Actor, operation_id: str, name: str, ask: SettingAsk) -> Changed:
        """A new version with this setting; what was decided under earlier ones stays as it was.

        The same value again, with who decided it, confirms it. Refusals: ``not_there``, ``bad_input``,
        ``version_passed``, ``nothing_changed``.
        """
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()
        setting = BY_NAME.get(name)
        if setting is None or setting.kind is SettingKind.SWITCH:
            raise NotThere("setting")
        by = await self._decided_by(actor, ask, now)

        async def work(tx: Transaction) -> Changed:
            [network] = await tx.lock(Network, [actor.network_id])
            latest = await latest_version(tx, network.id)
            if latest is None or latest.version != ask.version:
                raise Refusal("version_passed")
            before = as_policy(latest)
            after = with_value(before, setting, ask.value)
            standing = {each.setting.name: each for each in _now(await _versions(tx, network.id))}[name]
            if after == before and (by, ask.decided_on) == (standing.decision.by, standing.decision.on):
                raise Refusal("nothing_changed")
            version = next_version(
                network.id, latest, plain(after), now,
                decided_by=by, decided_on=ask.decided_on, entered_by=actor.colleague_id, settles=(name,),
            )  # fmt: skip
            await adopt(tx, network, version, now)
            details = {"setting": name, "version": version.version}
            await tx.audit(actor.colleague_id, "policy.changed", "network", network.id, now, details)
            return Changed(version.version)

        content = [name, list(ask.value), ask.decided_by, str(ask.decided_on), ask.version]
        return await parts.operations.once(operation_id, "policy.change", content, now, Changed, work)

    async def _decided_by(self, actor: Actor, ask: SettingAsk, now: datetime) -> str:
        """Who decided, as it is kept. Raises BadInput: a decision has a name and a day, and has been made."""
        by = " ".join(ask.decided_by.split())
        if ask.decided_on is None:
            return ""
        if not by:
            raise BadInput("decided_by", "missing")
        if len(by) > LONGEST_NAME or not by.isprintable():
            raise BadInput("decided_by", "too_long" if by.isprintable() else "control_character")
        async with self._parts.store.reading() as tx:
            calendar = await self._parts.facts.calendar(tx, actor.network_id)
        if ask.decided_on > calendar.local(now).date():
            raise BadInput("decided_on", "not_yet")
        return by


async def _versions(tx: Transaction, network_id: str) -> list[PolicyVersion]:
    found = await tx.find(PolicyVersion, network_id=network_id, order=("version",))
    if not found:
        raise NotThere("network")
    return found


def _now(versions: Sequence[PolicyVersion]) -> tuple[SettingAnswer, ...]:
    decisions: dict[str, Decision] = {}
    for version in versions:
        decisions |= dict.fromkeys(version.settles or BY_NAME, _decision(version))
    policy = as_policy(versions[-1])
    return tuple(
        SettingAnswer(setting, written(setting, policy), decisions[setting.name]) for setting in SETTINGS
    )


async def _history(tx: Transaction, versions: Sequence[PolicyVersion]) -> list[ChangeAnswer]:
    """The newest first. A version of a whole file tells only of what it made different."""
    people = OneOf(tuple({each.entered_by for each in versions if each.entered_by}))
    labels = {each.id: each.label for each in await tx.find(Colleague, id=people)}
    found: list[ChangeAnswer] = []
    before: Policy | None = None
    for version in versions:
        after = as_policy(version)
        for setting in SETTINGS:
            was = written(setting, before) if before else ()
            now = written(setting, after)
            if was != now or setting.name in version.settles:
                who = labels.get(version.entered_by, version.entered_by)
                found.append(ChangeAnswer(setting, was, now, who, _decision(version)))
        before = after
    return found[::-1]


def _decision(version: PolicyVersion) -> Decision:
    return Decision(version.decided_by, version.decided_on, version.version, version.loaded_at)
