"""Screens of the talks as people read them, and what they type back as the talks hear it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from crisispool.conversations.engine import WORDS
from crisispool.conversations.vocabulary import Choice, Chose, Heard, Said, Say, Screen
from crisispool.texts.render import has, render

SHORTEST = 3
"""Letters of a beginning that counts as the whole label."""

TICK = "✓ "
"""Stands before what is chosen already; nobody needs to type it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen in words. `choices` are ``{id, label}``, `links` are ``{label, url}``."""

    key: str
    text: str
    choices: tuple[dict[str, str], ...] = ()
    links: tuple[dict[str, str], ...] = ()


def shown(screen: Screen, language: str = "nl") -> Shown:
    """The screen: what comes first, its sentence, its lines, and how far the questions are."""
    parts = [*screen.notes, Say(screen.key, screen.facts), *screen.lines]
    if screen.total:
        parts.append(Say("talk.progress", {"done": screen.done, "total": screen.total}))
    text = "\n".join(sentence(part, language) for part in parts)
    links = tuple(
        {"label": render(link.label, link.facts, language), "url": link.url} for link in screen.links
    )
    words = zip(screen.choices, labels(screen, language), strict=True)
    choices = tuple({"id": choice.id, "label": label} for choice, label in words)
    return Shown(screen.key, text, choices, links)


def sentence(say: Say, language: str = "nl") -> str:
    """One sentence."""
    group, _, code = say.key.partition(".")
    if group == "refusal":
        return refusal_sentence(code, say.facts, language)
    if group == "help":
        own = render(say.key, say.facts, language) + "\n" if has(say.key, language) else ""
        return own + render("talk.help", say.facts, language)
    return render(say.key, say.facts, language)


def refusal_sentence(code: str, facts: Mapping[str, object], language: str = "nl") -> str:
    """Why the rules say no. A code without a text of its own, or with other facts, still gets a kind sentence."""
    key = f"refusal.{code}"
    try:
        return render(key if has(key, language) else "refusal.other", facts, language)
    except (KeyError, ValueError):
        return render("refusal.other", {}, language)


def labels(screen: Screen, language: str = "nl") -> list[str]:
    """The labels of the choices, in order; a second one with the same words gets a number."""
    seen: Counter[str] = Counter()
    unique = []
    for choice in screen.choices:
        label = render(choice.label, choice.facts, language)
        seen[label.casefold()] += 1
        times = seen[label.casefold()]
        unique.append(label if times == 1 else f"{label} ({times})")
    return unique


def heard(screen: Screen | None, text: str, taken: Choice | None = None, language: str = "nl") -> Heard:
    """What was typed: a choice when it is the words of one, in any case, or how only one begins.

    `taken`: the choice made last; its words once more are that same choice. Else it is what was said.
    """
    typed = _plain(text)
    if screen is None or not typed:
        return Said(text)
    spelled = [_plain(label) for label in labels(screen, language)]
    if typed in spelled:
        return Chose(screen.choices[spelled.index(typed)].id)
    if taken is not None and _plain(render(taken.label, taken.facts, language)) == typed:
        return Chose(taken.id)
    if len(typed) >= SHORTEST and not typed.isdigit() and typed not in WORDS:
        begun = [
            choice for choice, label in zip(screen.choices, spelled, strict=True) if label.startswith(typed)
        ]
        if len(begun) == 1:
            return Chose(begun[0].id)
    return Said(text)


def _plain(words: str) -> str:
    return " ".join(words.removeprefix(TICK).split()).casefold()
