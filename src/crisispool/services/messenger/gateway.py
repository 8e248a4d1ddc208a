"""The one gate through which everything passes that the messenger or the mail carries: keys and facts, never words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crisispool.conversations.vocabulary import Say, Screen
from crisispool.domain.duty import FallbackPlace
from crisispool.domain.organisation import Colleague, Municipality, Network, Organisation
from crisispool.domain.unit import Unit
from crisispool.ports import Clock, Transaction
from crisispool.services.messenger.allowed import Kind, fits, items, kinds_of
from crisispool.texts.render import fact_names, has

LABELS: Final[tuple[tuple[type[Any], str], ...]] = (
    (Municipality, "name"),
    (Organisation, "name"),
    (Network, "name"),
    (Unit, "label"),
    (Colleague, "label"),
    (FallbackPlace, "name"),
)
"""Where the names are that may be named."""

MOST_REMEMBERED: Final = 20_000

PAGE: Final = "/p/"
"""Where pages of our own begin; what follows is a secret of a link and nothing else."""


class Leak(Exception):
    """Something was about to be carried that may not be. Names the text key and the fact, never its value."""

    def __init__(self, key: str, fact: str) -> None:
        super().__init__(f"{key}: {fact}")
        self.key = key
        self.fact = fact


@dataclass(frozen=True, slots=True)
class Passed:
    """Screens that may be carried. Only the gateway makes one, and only one of these is ever put into words."""

    screens: tuple[Screen, ...]


class Gateway:
    """Refuses by construction what may never travel: whatever is not in the table of facts, or not what it says.

    A name has to be one that the record knows of a municipality, a service, a unit or a colleague's label, so that
    the name of a person, an address or the code of a door is none, whatever fact it hides in.
    """

    def __init__(self, clock: Clock, public_url: str) -> None:
        self._clock = clock
        self._pages = public_url + PAGE
        self._known: set[str] = {""}

    async def screens(self, tx: Transaction, screens: Sequence[Screen]) -> Passed:
        """These screens, as something that may be put into words. Raises Leak."""
        for screen in screens:
            for say in _sentences(screen):
                await self.sentence(tx, say.key, say.facts)
            for link in screen.links:
                self._page(link.label, link.url)
        return Passed(tuple(screens))

    async def sentence(self, tx: Transaction, key: str, facts: Mapping[str, object]) -> Say:
        """This sentence, when it may be carried. Facts that it does not say travel nowhere. Raises Leak."""
        for name in _said(key):
            if name in facts:
                await self._fact(tx, key, name, facts[name])
        return Say(key, facts)

    async def _fact(self, tx: Transaction, key: str, name: str, value: object) -> None:
        for item in items(value):
            if isinstance(item, Mapping):
                await self._nested(tx, key, name, item)
                continue
            fitting = [kind for kind in kinds_of(name) if fits(kind, item, self._clock.now())]
            if not fitting or (fitting == [Kind.LABEL] and not await self._is_label(tx, str(item))):
                raise Leak(key, name)

    async def _nested(self, tx: Transaction, key: str, name: str, said: Mapping[str, object]) -> None:
        """A fact that is a sentence itself: its key and its facts."""
        own, facts = said.get("key"), said.get("facts", {})
        if set(said) - {"key", "facts"} or not isinstance(own, str) or not has(own):
            raise Leak(key, name)
        if not isinstance(facts, Mapping):
            raise Leak(key, name)
        await self.sentence(tx, own, facts)

    async def _is_label(self, tx: Transaction, text: str) -> bool:
        """Whether the record has something of this name; a unit may be named with its municipality."""
        if text in self._known:
            return True
        for kind, column in LABELS:
            where: dict[str, Any] = {column: text}
            if await tx.find(kind, limit=1, **where):
                break
        else:
            unit, comma, town = text.rpartition(", ")
            if not comma or not (await self._is_label(tx, unit) and await self._is_label(tx, town)):
                return False
        if len(self._known) >= MOST_REMEMBERED:
            self._known = {""}
        self._known.add(text)
        return True

    def _page(self, label: str, url: str) -> None:
        secret = url.removeprefix(self._pages)
        if secret == url or not (secret.isascii() and secret.isalnum()):
            raise Leak(label, "url")


def _sentences(screen: Screen) -> Iterable[Say]:
    yield Say(screen.key, screen.facts)
    yield from screen.notes
    yield from screen.lines
    for choice in screen.choices:
        yield Say(choice.label, choice.facts)
    for link in screen.links:
        yield Say(link.label, link.facts)


def _said(key: str) -> frozenset[str]:
    """The facts that people read in this sentence."""
    own = fact_names(key) if has(key) else frozenset()
    return own | fact_names("talk.help") if key.startswith("help.") else own
