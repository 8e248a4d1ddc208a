"""Settings of a network in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.policy_settings import Setting, SettingKind
from crisispool.services.policies import ChangeAnswer, Decision, OneSettingAnswer, SettingAnswer
from crisispool.web.html import board_text

HOUR: Final = 60
"""Minutes."""


@dataclass(frozen=True)
class SettingRow:
    """One setting as it is read."""

    name: str
    title: str
    what: str
    value: str
    decision: str


@dataclass(frozen=True)
class Section:
    """The settings that come from one part of the policy."""

    heading: str
    rows: tuple[SettingRow, ...]


@dataclass(frozen=True)
class ChangeRow:
    """One change as it is read: of what, from what to what, decided and entered by whom."""

    name: str
    title: str
    change: str
    decision: str
    entered: str


def sections_of(found: Iterable[SettingAnswer], language: str) -> list[Section]:
    """All settings by the part of the policy that they come from."""
    parts: dict[int, list[SettingRow]] = {}
    for each in found:
        parts.setdefault(each.setting.section, []).append(row_of(each, language))
    return [Section(section_words(number, language), tuple(rows)) for number, rows in parts.items()]


def section_words(number: int, language: str) -> str:
    """The part of the policy."""
    what = board_text(f"settings.section_name.{number}", language)
    return board_text("settings.section", language, {"n": number, "what": what})


def row_of(each: SettingAnswer, language: str) -> SettingRow:
    """One setting."""
    name = each.setting.name
    return SettingRow(
        name,
        title_of(each.setting, language),
        board_text(f"settings.what.{name}", language),
        value_words(each.setting, each.value, language),
        _decision_words(each.setting, each.decision, language),
    )


def title_of(setting: Setting, language: str) -> str:
    """What it is called."""
    return board_text(f"settings.name.{setting.name}", language)


def day_words(found: OneSettingAnswer, language: str) -> str:
    """The hours of one day that follow each other; empty when this is none of them."""
    items = [
        board_text(
            "settings.in_order_item",
            language,
            {"what": title_of(each.setting, language), "at": each.value[0]},
        )
        for each in found.day
    ]
    return board_text("settings.in_order", language, {"items": items}) if items else ""


def change_of(each: ChangeAnswer, language: str) -> ChangeRow:
    """One change."""
    after = value_words(each.setting, each.after, language)
    if not each.before:
        change = board_text("settings.set_first", language, {"after": after})
    elif each.before == each.after:
        change = board_text("settings.confirmed", language, {"after": after})
    else:
        before = value_words(each.setting, each.before, language)
        change = board_text("settings.from_to", language, {"before": before, "after": after})
    facts = {"at": each.decision.at, "year": _year(each.decision), "version": each.decision.since}
    entered = board_text(
        "settings.entered" if each.who else "settings.entered_file", language, {**facts, "who": each.who}
    )
    decision = "" if each.setting.kind is SettingKind.SWITCH else _decided(each.decision, language)
    return ChangeRow(each.setting.name, title_of(each.setting, language), change, decision, entered)


def value_words(setting: Setting, value: tuple[str, ...], language: str) -> str:
    """A value as it is said."""
    first = value[0]
    match setting.kind:
        case SettingKind.CHOICE | SettingKind.SWITCH:
            return board_text(f"settings.choice.{setting.name}.{first}", language)
        case SettingKind.CLOCK:
            return board_text("settings.said.clock", language, {"at": first})
        case SettingKind.ORDER:
            items = [board_text(f"settings.choice.{setting.name}.{each}", language) for each in value]
            return board_text("settings.said.order", language, {"items": items})
        case SettingKind.STEPS:
            return board_text("settings.said.steps", language, {"items": list(value)})
        case SettingKind.MINUTES if int(first) > HOUR and not int(first) % HOUR:
            return board_text("settings.said.hours", language, {"n": int(first) // HOUR})
        case SettingKind.DISTANCE:
            return board_text("settings.said.distance", language, {"n": first})
    return board_text(f"settings.said.{setting.kind}", language, {"n": int(first)})


def choices_of(setting: Setting, language: str) -> list[tuple[str, str]]:
    """What can be chosen: each code with its words."""
    return [
        (each, board_text(f"settings.choice.{setting.name}.{each}", language)) for each in setting.options
    ]


def _decision_words(setting: Setting, decision: Decision, language: str) -> str:
    if setting.kind is not SettingKind.SWITCH:
        return _decided(decision, language)
    if decision.since == 1:
        return board_text("settings.never_switched", language)
    return board_text("settings.switched", language, {"at": decision.at, "year": _year(decision)})


def _decided(decision: Decision, language: str) -> str:
    if decision.on is None:
        return board_text("settings.provisional", language)
    facts = {"by": decision.by, "day": decision.on, "year": decision.on.year}
    return board_text("settings.decided", language, facts)


def _year(decision: Decision) -> int:
    return decision.at.astimezone(BRUSSELS).year
