"""Sentences: how dates, times, numbers and lists are said, and what happens when something is missing."""

from datetime import UTC, date, datetime, time

import pytest

from crisispool.texts.render import _Sentence, fact_names, has, keys, render

MONDAY = date(2026, 11, 30)
MORNING = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def say(sentence: str, **facts: object) -> str:
    return _Sentence("test.sentence", "nl").vformat(sentence, (), facts)


@pytest.mark.parametrize("day", [MONDAY, "2026-11-30", MORNING, MORNING.isoformat()])
def test_a_day_is_said_with_its_weekday(day: object) -> None:
    assert say("{x:day}", x=day) == "maandag 30 november"
    assert say("voor {x:weekday}middag", x=day) == "voor maandagmiddag"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["2026-11-27"], "vrijdag 27 november"),
        (["2026-11-27", "2026-11-28"], "vrijdag 27 en zaterdag 28 november"),
        (["2026-11-27", "2026-11-28", "2026-11-29"], "vrijdag 27, zaterdag 28 en zondag 29 november"),
        (["2026-11-30", "2026-12-01", "2026-12-02"], "maandag 30 november, dinsdag 1 en woensdag 2 december"),
        (
            ["2026-12-30", "2026-12-31", "2027-01-01"],
            "woensdag 30, donderdag 31 december 2026 en vrijdag 1 januari 2027",
        ),
        (["2026-11-30", "2027-11-30"], "maandag 30 november 2026 en dinsdag 30 november 2027"),
        ([], ""),
    ],
)
def test_a_month_is_said_once_and_a_year_only_when_it_changes(days: list[str], said: str) -> None:
    assert say("{x:days}", x=days) == said
    assert say("{x:days}", x=tuple(date.fromisoformat(day) for day in days)) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(10), "10 uur"),
        ("10:00", "10 uur"),
        (time(16, 10), "16.10 uur"),
        ("08:05:00", "8.05 uur"),
        (MORNING, "10 uur"),
        ("2026-11-30T09:00:00+00:00", "10 uur"),
        ("2026-07-01T09:30:00Z", "11.30 uur"),
    ],
)
def test_a_time_is_said_on_the_local_clock(at: object, said: str) -> None:
    assert say("{x:time}", x=at) == said


def test_a_moment_is_said_with_its_day_and_time() -> None:
    assert say("{x:moment}", x=MORNING) == "maandag 30 november, 10 uur"
    assert say("{x:moment}", x="2026-11-28T23:30:00+00:00") == "zondag 29 november, 0.30 uur"


def test_a_number_agrees_with_its_word() -> None:
    assert say("{n:count nacht|nachten}", n=1) == "1 nacht"
    assert say("{n:count nacht|nachten}", n=3) == "3 nachten"
    assert say("{n:count vrij bed|vrije bedden}", n=0) == "0 vrije bedden"
    assert say("{n:number nacht kan|nachten kunnen}", n=1) == "één nacht kan"
    assert say("{n:number nacht kan|nachten kunnen}", n=3) == "drie nachten kunnen"
    assert say("{n:number nacht|nachten}", n=13) == "13 nachten"
    assert say("de {n:word nacht|nachten}", n=1) == "de nacht"


def test_a_list_ends_with_and() -> None:
    assert say("{x:list}", x=["a", "b", "c"]) == "a, b en c"
    assert say("{x:list}", x=["a", "b"]) == "a en b"
    assert say("{x:list}", x=["a"]) == "a"


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("day", None),
        ("day", "geheim"),
        ("day", 3),
        ("days", 3),
        ("days", ["geheim"]),
        ("time", datetime(2026, 11, 30, 9)),  # noqa: DTZ001
        ("moment", "2026-11-30T09:00:00"),
        ("moment", MONDAY),
        ("count nacht|nachten", "geheim"),
        ("count nacht", 3),
        ("count", 3),
        ("unknown", "geheim"),
    ],
)
def test_a_fact_that_cannot_be_said_is_named_without_its_value(form: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"test\.sentence.*'x'") as error:
        say("{x:" + form + "}", x=value)
    assert "geheim" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_a_missing_fact_is_named_with_its_key() -> None:
    with pytest.raises(KeyError, match=r"test\.sentence.*checkout"):
        say("{checkout:day}", nights=[])


def test_a_field_never_reaches_into_a_fact() -> None:
    with pytest.raises(KeyError, match=r"x\.year"):
        say("{x.year}", x=MONDAY)
    with pytest.raises(KeyError):
        say("{x[0]}", x=["a"])


def test_an_unknown_key_or_language_is_named() -> None:
    assert not has("stay.nowhere")
    with pytest.raises(KeyError, match=r"stay\.nowhere"):
        render("stay.nowhere", {})
    with pytest.raises(KeyError, match="xx"):
        has("stay.allowed", "xx")


def test_keys_come_from_the_file_name_and_its_tables() -> None:
    assert has("stay.allowed")
    assert "stay.allowed" in keys()
    assert "nights" in fact_names("stay.allowed")


def test_every_sentence_of_the_catalogue_can_be_parsed() -> None:
    for key in keys():
        fact_names(key)
