"""The night list in words."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from crisispool.domain.availability import Freshness
from crisispool.domain.night_list import (
    ListedCriterion,
    ListedNight,
    ListedStay,
    ListedUnit,
    NightListContent,
)
from crisispool.domain.on_paper import REFERENCES
from crisispool.domain.stay import Granter
from crisispool.services.night_lists import NightListAnswer
from crisispool.texts.render import has, render, told
from crisispool.web.board.tonight_words import within
from crisispool.web.paper.sheet import Part, Sheet, Table

IN_OFFICE_HOURS: Final = "office"
"""The question of the checklist that nobody asks at night."""


def night_list_sheet(answer: NightListAnswer, now: datetime, language: str) -> Sheet:
    """The list as it is printed; it always says when it was made and how long ago that is."""
    return _Words(answer.content, language).sheet(answer, now)


def made_words(answer: NightListAnswer, now: datetime, language: str) -> tuple[str, ...]:
    """When it was made, how old it is, and what is wrong with that."""
    minutes = max(0, int((now - answer.made_at).total_seconds()) // 60)
    hours, minutes = divmod(minutes, 60)
    facts = {"at": answer.made_at, "hours": hours, "minutes": minutes}
    said = [render(f"board.night_list.{'made_long_ago' if hours else 'made'}", facts, language)]
    if answer.missing:
        said.append(render("board.night_list.missing", {"at": answer.next_at}, language))
    elif answer.over:
        said.append(render("board.night_list.over", {"at": answer.next_at}, language))
    return tuple(said)


class _Words:
    """One list in one language."""

    def __init__(self, content: NightListContent, language: str) -> None:
        self._content = content
        self._language = language

    def sheet(self, answer: NightListAnswer, now: datetime) -> Sheet:
        content, say = self._content, self._say
        nights = [each.night for each in content.nights]
        lead = (
            *made_words(answer, now, self._language),
            say("desk", desk=content.desk_phone, back=content.contact_day),
            *((say("cold"),) if content.cold_weather else ()),
        )
        return Sheet(
            language=self._language,
            title=say("title", nights=nights, count=len(nights)),
            lead=lead,
            parts=(
                self._duty(),
                self._free(),
                *self._ready_soon(),
                self._not_free(),
                self._rule(),
                self._checklist(),
                self._places(),
                self._form(),
            ),
            foot=say("foot", network=content.network, at=answer.made_at),
        )

    def _say(self, key: str, /, **facts: object) -> str:
        return render(f"board.night_list.{key}", facts, self._language)

    def _duty(self) -> Part:
        say = self._say
        rows = tuple(
            (
                render(f"duty.name.{each.duty}", {}, self._language),
                each.label,
                each.phone or say("no_phone"),
                say("span", since=each.starts_at, until=each.ends_at),
            )
            for each in self._content.shifts
        )
        head = tuple(say(f"duty.{name}") for name in ("what", "who", "phone", "when"))
        words = () if rows else (say("duty.nobody"),)
        return Part(say("duty.heading"), words, Table("duty", head, rows, (22, 26, 20, 32)) if rows else None)

    def _free(self) -> Part:
        content, say = self._content, self._say
        if not content.units:
            return Part(say("free.heading"), (say("free.none"),))
        nights = tuple(say("night", night=each.night) for each in content.nights)
        head = (say("free.unit"), *nights, say("free.door"), say("free.know"))
        rows = tuple(self._unit(each) for each in content.units)
        narrow = tuple(max(6, 24 // len(nights)) for _ in nights) if len(nights) > 1 else (8,)
        rest = 100 - sum(narrow)
        widths = (rest * 32 // 100, *narrow, rest * 38 // 100, rest * 30 // 100)
        return Part(say("free.heading"), (say("free.how"),), Table("free", head, rows, widths))

    def _unit(self, unit: ListedUnit) -> tuple[str, ...]:
        say = self._say
        offers = [render("board.tonight.places", {"n": unit.places}, self._language)]
        if unit.cots:
            offers.append(render("board.tonight.cots", {"n": unit.cots}, self._language))
        offers += [say(f"feature.{name}") for name in unit.features]
        known = unit.freshness if unit.confirmed_at is not None else Freshness.STALE
        fresh = render(f"board.tonight.freshness.{known}", {"at": unit.confirmed_at}, self._language)
        told_so = {"not_cleaned": not unit.cleaned, "no_mandate": not unit.mandate, "shared": unit.shared}
        return (
            f"{unit.town}, {within(unit.town, unit.label)}\n{', '.join(offers)}",
            *(say("free.yes" if free else "free.no") for free in unit.free),
            "\n".join((unit.address or say("free.no_address"),
                       say("free.key", phone=unit.key_phone or say("no_phone")))),
            "\n".join((say("free.owner", phone=unit.night_contact or say("no_phone")), fresh,
                       *(say(f"free.{name}") for name, is_so in told_so.items() if is_so))),
        )  # fmt: skip

    def _ready_soon(self) -> tuple[Part, ...]:
        say = self._say
        if not self._content.turnovers:
            return ()
        words = tuple(
            say(
                "turnover.one",
                unit=f"{each.town}, {within(each.town, each.label)}",
                phone=each.night_contact or say("no_phone"),
            )
            for each in self._content.turnovers
        )
        return (Part(say("turnover.heading"), words),)

    def _not_free(self) -> Part:
        say = self._say
        words = tuple(
            say("not_free.town", town=each.town, units=", ".join(within(each.town, label) for label in each.labels))
            for each in self._content.not_free
        )  # fmt: skip
        return Part(say("not_free.heading"), (say("not_free.how"), *words))

    def _rule(self) -> Part:
        content, say = self._content, self._say
        head = (
            say("rule.comes"),
            say("rule.stays"),
            *(say("rule.used", n=stay.used) for stay in content.nights[0].after),
        )
        rows = tuple(
            (
                say("rule.night", night=each.night),
                say("rule.block", n=len(each.nights), checkout=each.checkout, at=content.checkout_at),
                *(self._after(stay) for stay in each.after),
            )
            for each in content.nights
        )
        first = content.nights[0]
        words = (
            render("board.tonight.rule", {"nights": first.nights, "count": len(first.nights),
                                          "checkout": first.checkout, "at": content.checkout_at}, self._language),
            *self._slept_here(first),
            say("rule.five"),
        )  # fmt: skip
        return Part(say("rule.heading"), words, Table("rule", head, rows, (19, 25, 14, 14, 14, 14)))

    def _slept_here(self, night: ListedNight) -> Sequence[str]:
        """What earlier nights change, those that change the same in one sentence."""
        said = [(each.used, told(list(each.said), self._language)) for each in night.after]
        return [
            self._say(
                f"rule.slept_{'one' if first == last else 'some'}",
                n=first,
                least=first,
                most=last,
                said=words,
            )
            for words, first, last in _together(said)
        ]

    def _after(self, stay: ListedStay) -> str:
        if not stay.allowed:
            return self._say("rule.no")
        return self._say("rule.coordinator" if stay.by is Granter.COORDINATOR else "rule.yes")

    def _checklist(self) -> Part:
        say = self._say
        asked = [each for each in self._content.criteria if each.question != IN_OFFICE_HOURS]
        rows = tuple(
            row
            for question, found in groupby(asked, key=lambda each: each.question)
            for row in self._question(question, tuple(found))
        )
        head = (say("checklist.question"), say("checklist.answer"), say("checklist.then"))
        table = Table("checklist", head, rows, (28, 20, 52)) if rows else None
        return Part(say("checklist.heading"), (say("checklist.how"),), table)

    def _question(self, question: str, found: tuple[ListedCriterion, ...]) -> list[tuple[str, ...]]:
        facts: dict[str, object] = {"day": self._content.contact_day}
        asked = self._known(f"night_desk.{question}", question, facts)
        return [
            (
                "" if number else asked,
                ", ".join(self._answer(question, code) for code in each.fails_on),
                " ".join((self._say(f"action.{each.action}"), self._known(f"because.{each.refusal}", ""))),
            )
            for number, each in enumerate(found)
        ]  # fmt: skip

    def _answer(self, question: str, code: str) -> str:
        own = self._known(f"board.night_list.answer.{code}", code)
        return self._known(f"choice.{question}.{code}", own)

    def _known(self, key: str, otherwise: str, facts: dict[str, object] | None = None) -> str:
        return render(key, facts or {}, self._language) if has(key, self._language) else otherwise

    def _places(self) -> Part:
        say = self._say
        rows = tuple((each.name, each.phone or say("no_phone")) for each in self._content.places)
        head = (say("places.name"), say("places.phone"))
        return Part(say("places.heading"), (say("places.how"),), Table("places", head, rows, (70, 30)))

    def _form(self) -> Part:
        names = ("time", "reference", "unit", "adults", "children", "nights", "by", "phone")
        head = tuple(self._say(f"form.{name}") for name in names)
        rows = tuple(tuple(each if name == "reference" else "" for name in names) for each in REFERENCES)
        table = Table("form", head, rows, (8, 7, 25, 8, 8, 10, 18, 16), to_write_in=True)
        return Part(self._say("form.heading"), (self._say("form.how"),), table)


def _together(said: Sequence[tuple[int, str]]) -> list[tuple[str, int, int]]:
    """Numbers that follow each other with the same words: the words, the first and the last of them."""
    found = []
    for words, same in groupby(said, key=lambda each: each[1]):
        numbers = [number for number, _ in same]
        found.append((words, numbers[0], numbers[-1]))
    return found
