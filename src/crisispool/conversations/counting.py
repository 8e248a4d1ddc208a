"""How many people, as someone types it: words or digits, adults and children in one line, in any language of ours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "nul geen zéro zero aucun no none", "een één eén un une one a", "twee deux two", "drie trois three",
            "vier quatre four", "vijf cinq five", "zes six", "zeven sept seven", "acht huit eight", "negen neuf nine",
            "tien dix ten", "elf onze eleven", "twaalf douze twelve", "dertien treize thirteen",
            "veertien quatorze fourteen", "vijftien quinze fifteen", "zestien seize sixteen",
            "zeventien seventeen", "achttien eighteen", "negentien nineteen", "twintig vingt twenty",
        )
    )
    for word in words.split()
}  # fmt: skip
ADULTS = frozenset({
    "volwassene", "volwassenen", "vrouw", "vrouwen", "man", "mannen", "ouder", "ouders",
    "adulte", "adultes", "femme", "femmes", "homme", "hommes", "parent", "parents",
    "adult", "adults", "woman", "women", "men",
})  # fmt: skip
CHILDREN = frozenset({
    "kind", "kinderen", "kindje", "kindjes", "baby", "baby's", "baby’s",
    "enfant", "enfants", "bébé", "bébés", "bebe", "bebes",
    "child", "children", "babies", "kid", "kids",
})  # fmt: skip
ONE = frozenset({"vrouw", "man", "ouder", "femme", "homme", "parent", "woman"})
TWO = frozenset({"koppel", "couple"})
BETWEEN = frozenset({"+", ",", "&", "en", "met", "plus", "et", "avec", "and", "with"})
MOST_PERSONS = 20
PIECE = re.compile(r"\d+|[^\W\d_]+(?:['’]s)?|[+,&]|\S")


@dataclass(frozen=True, slots=True)
class People:
    """How many were named; None: not named."""

    adults: int | None = None
    children: int | None = None


def number_in(text: str) -> int | None:
    """A number alone, in digits or as a word up to twenty; None when it is no number."""
    text = text.casefold()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) < 4 else 1000
    return NUMBER_WORDS.get(text)


def people_in(text: str) -> People | None:
    """Such as ``1+2``, ``3 en 5``, ``3 volwassenen, 5 kinderen``, ``koppel met 2 kinderen``.

    Two bare numbers are adults and then children. None when there is anything else in it.
    """
    said: list[tuple[int, str]] = []
    number: int | None = None
    for piece in PIECE.findall(text.casefold()):
        if piece in BETWEEN:
            continue
        found = number_in(piece)
        if found is not None:
            if number is not None:
                said.append((number, ""))
            number = found
        elif piece in ADULTS | CHILDREN and (number is not None or piece in ONE):
            said.append((1 if number is None else number, "children" if piece in CHILDREN else "adults"))
            number = None
        elif piece in TWO and number in (None, 1):
            said.append((2, "adults"))
            number = None
        else:
            return None
    if number is not None:
        said.append((number, ""))
    return _people(said)


def _people(said: list[tuple[int, str]]) -> People | None:
    if [kind for _, kind in said] in (["", ""], ["adults", ""]):
        said = [(said[0][0], "adults"), (said[1][0], "children")]
    kinds = [kind for _, kind in said]
    if not said or "" in kinds or len(set(kinds)) != len(kinds):
        return None
    counted = {kind: number for number, kind in said}
    return People(counted.get("adults"), counted.get("children"))


def household_in(text: str) -> Mapping[str, str] | None:
    """A whole household in one line: the answers to the questions about it, in their order."""
    people = people_in(text)
    if people is None or people.adults is None or not 1 <= people.adults <= MOST_PERSONS:
        return None
    if not 0 <= (people.children or 0) <= MOST_PERSONS:
        return None
    return {"household": "other", **_people_answers(people.adults, people.children)}


def _people_answers(adults: int, children: int | None) -> dict[str, str]:
    answers = {"adults": str(adults)}
    if children is not None:
        answers["with_children"] = "yes" if children else "no"
        if children:
            answers["children"] = str(children)
    return answers


def adults_in(text: str) -> Mapping[str, str] | None:
    """How many adults, or the whole household after all."""
    number = number_in(text)
    if number is not None:
        return {"adults": str(number)} if 1 <= number <= MOST_PERSONS else None
    household = household_in(text)
    return household and {key: answer for key, answer in household.items() if key != "household"}


def one_number(key: str, at_least: int) -> Callable[[str], Mapping[str, str] | None]:
    """How many of one sort."""

    def read(text: str) -> Mapping[str, str] | None:
        people = people_in(text)
        number = number_in(text)
        if number is None and people is not None and people.adults is None:
            number = people.children
        return {key: str(number)} if number is not None and at_least <= number <= MOST_PERSONS else None

    return read
