"""French and English say what Dutch says: the same keys and facts, labels that fit, and not a word of Dutch left."""

import re
from string import Formatter

import pytest

from crisispool.conversations.engine import WORDS
from crisispool.conversations.vocabulary import Say
from crisispool.domain.language import FIRST, LANGUAGES, read_by
from crisispool.texts.render import OF_OPERATORS, _template, fact_names, keys, render, told
from tests.texts.test_talks_in_dutch import MOMENT, example

pytestmark = pytest.mark.timeout(180)

OTHERS = [language for language in LANGUAGES if language != FIRST]
LONGEST_LABEL = 40

DUTCH = re.compile(
    r"\b(het|een|wij|niet|voor|naar|nog|zijn|wordt|vannacht|nacht|nachten|woning|vrij|geboekt|kies|bel|geen|wie|waar)\b",
    re.IGNORECASE,
)
"""Words that no French or English sentence has."""

MORE_EXAMPLES = {
    "items": ["a", "b"], "parts": ["a", "b"], "roles": ["a", "b"], "split": ["a", "b"],
    "first": "2026-11-28", "last": "2026-11-29", "used": ["2026-11-27"], "overlap": ["2026-11-27"],
    "working_day": "2026-11-30", "now": "2026-11-28T01:14:00+00:00", "hard_checkout": "2026-11-30",
}  # fmt: skip


def for_people(language: str) -> dict[str, str]:
    """What everybody may read, by key."""
    every = [key for key in keys(language) if key.partition(".")[0] not in OF_OPERATORS]
    return {key: _template(key, language) for key in every}


def forms(template: str) -> set[tuple[str, str]]:
    """The facts of a sentence, each with the form in which it is said; a counted word is of its language."""
    return {
        (name, (form or "").partition(" ")[0])
        for _, name, form, _ in Formatter().parse(template)
        if name is not None
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert sorted(for_people(language)) == sorted(for_people(FIRST))


SAME_FORM = {"day", "days", "weekday", "short", "second", "time", "moment", "list"}
"""How a day or a time is said is a fact too; whether a number has its word beside it differs by language."""


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_says_the_same_facts(language: str) -> None:
    for key, dutch in for_people(FIRST).items():
        other = forms(_template(key, language))
        assert {name for name, _ in other} == {name for name, _ in forms(dutch)}, key
        assert {each for each in other if each[1] in SAME_FORM} == {
            each for each in forms(dutch) if each[1] in SAME_FORM
        }, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_in_every_language(language: str) -> None:
    for key in for_people(language):
        more = MORE_EXAMPLES | (
            {"at": MOMENT} if key.startswith(("unit.freshness", "mail.done", "board.")) else {}
        )
        facts = {**example(key), **{name: more[name] for name in fact_names(key) & more.keys()}}
        said = render(key, facts, language)
        assert said.strip() and "{" not in said and "  " not in said, key
        assert len(said) <= 400 and said.count("\n") < 4, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_that_is_always_the_same_fits_on_a_button(language: str) -> None:
    labels_of = {key: text for key, text in for_people(language).items() if key.startswith("choice.")}
    long = {key: text for key, text in labels_of.items() if "{" not in text and len(text) > LONGEST_LABEL}
    assert long == {}


SAID_IN_ALL = {"language.ask", "choice.language.nl"}
"""What is there for who reads another language."""


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_of_dutch_is_left_in_another_language(language: str) -> None:
    left = {
        key: text
        for key, text in for_people(language).items()
        if DUTCH.search(text) and key not in SAID_IN_ALL
    }
    assert left == {}


def test_the_list_of_dutch_words_finds_dutch() -> None:
    found = [key for key, text in for_people(FIRST).items() if DUTCH.search(text)]
    assert len(found) > 250


NAMES = ("Woning", "Nachtopvang De Proef", "begeleider", "permanentie")
"""Names that were given to things and people, the same in every language."""


def own_words(text: str) -> str:
    for name in NAMES:
        text = re.sub(name, "", text, flags=re.IGNORECASE)
    return text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_that_help_names_is_heard(language: str) -> None:
    typed = re.search(r": ([^.]+)\. ", render("talk.help", example("talk.help"), language))
    assert typed is not None
    named = [word.strip() for word in typed[1].split(",")]
    assert len(named) == 5 and all(word in WORDS for word in named)
    navigation = (
        render(f"choice.nav.{code}", {}, language) for code in ("back", "over", "help", "stop", "language")
    )
    assert [word.casefold() for word in navigation] == named


def test_a_sentence_inside_a_sentence_is_said_in_the_language_of_the_outer_one() -> None:
    inner = Say(
        "people.together", {"parts": [Say("people.adults", {"n": 1}), Say("people.children", {"n": 2})]}
    )
    for kept in (inner, inner.plain()):
        facts = {"reference": "IZ-7F3K", "people": kept, "count": 3, "nights": 1}
        assert "1 volwassene en 2 kinderen kregen" in render("message.handover", facts)
        assert "1 adulte et 2 enfants ont reçu" in render("message.handover", facts, "fr")
        assert "1 adult and 2 children got" in render("message.handover", facts, "en")
    several = [Say("stay.why_fourth"), Say("stay.instead")]
    assert told(several, "en").endswith(
        "a holiday. Call the coordinator on call, or offer the night shelter."
    )


@pytest.mark.parametrize(
    ("language", "day", "moment", "none", "one"),
    [
        ("nl", "dinsdag 1 december", "maandag 30 november, 10 uur", "0 kinderen", "één nacht"),
        ("fr", "mardi 1er décembre", "lundi 30 novembre, 10 h", "0 enfant", "une nuit"),
        ("en", "Tuesday 1 December", "Monday 30 November, 10:00", "0 children", "one night"),
    ],
)
def test_days_times_and_numbers_are_said_as_people_say_them(
    language: str, day: str, moment: str, none: str, one: str
) -> None:
    assert render("page.day", {"day": "2026-12-01"}, language) == day
    assert moment in render("page.until", {"until": "2026-11-30T09:00:00+00:00"}, language)
    assert render("people.children", {"n": 0}, language) == none
    facts = {"hard_nights": 1, "hard_checkout": "2026-12-01"}
    assert one in render("stay.still_possible", facts, language)


def test_texts_of_operators_are_dutch_where_a_language_does_not_have_them() -> None:
    assert render("command.stay.policy", {"given": "x", "known": "y"}, "fr").startswith("--policy: x is niet")
    with pytest.raises(KeyError, match="nowhere"):
        render("stay.nowhere", {}, "fr")


def test_somebody_is_answered_in_the_first_language_that_we_have() -> None:
    assert read_by(["fr-BE", "nl"]) == "fr"
    assert read_by(["de", " EN-gb "]) == "en"
    assert read_by(["de"]) == read_by([]) == "nl"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["stay.allowed", "night_desk.book"])
def test_the_weekday_comes_with_every_date(key: str, language: str) -> None:
    assert re.search("maandag 30|lundi 30|Monday 30", render(key, example(key), language))
