"""The answer to the stay question: the two examples of the contract, and the sentences for"
" every kind of verdict."""

import json
from collections.abc import Iterator
from datetime import date, time
from itertools import combinations

import pytest

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.granting import landing_options
from crisispool.domain.signals import SignalCode, signals
from crisispool.domain.stay import StayPolicy, StayVerdict, judge_household, judge_stay
from crisispool.texts.render import fact_names, keys, told
from crisispool.texts.stay import (
    option_sentence,
    said_of_household,
    signal_sentence,
    stay_answer,
    stay_facts,
    stay_sentence,
)

CALENDAR = NetworkCalendar(LegalHolidays())


def nov(*days: int) -> list[date]:
    return [date(2026, 11, 1) + DAY * (day - 1) for day in days]


def stay(
    night: int, nights: int | None = None, used: tuple[int, ...] = (), closed: tuple[int, ...] = ()
) -> StayVerdict:
    calendar = NetworkCalendar(LegalHolidays(), frozenset(nov(*closed)))
    return judge_stay(nov(night)[0], nights, nov(*used), calendar, StayPolicy.LETTER)


def test_the_first_example_of_the_contract() -> None:
    assert json.loads(json.dumps(stay_answer(stay(27)))) == {
        "allowed": True,
        "code": "ok",
        "night": "2026-11-27",
        "nights": 3,
        "block": 3,
        "checkout": "2026-11-30",
        "longest_checkout": "2026-12-02",
        "hard_checkout": "2026-12-02",
        "by": "calltaker",
        "policy": "letter",
        "sentence": (
            "Dit kan: de nachten van vrijdag 27, zaterdag 28 en zondag 29 november. Het verblijf loopt "
            "tot maandag 30 november, 10 uur; die ochtend neemt een hulpverlener contact op."
        ),
    }


def test_the_second_example_of_the_contract() -> None:
    assert json.loads(json.dumps(stay_answer(stay(27, used=(24, 25, 26))))) == {
        "allowed": False,
        "code": "stay_limit",
        "night": "2026-11-27",
        "nights": 3,
        "block": 3,
        "checkout": "2026-11-30",
        "longest_checkout": None,
        "hard_checkout": "2026-11-29",
        "by": None,
        "policy": "letter",
        "sentence": (
            "Dit kan niet: samen met dinsdag 24, woensdag 25 en donderdag 26 november worden het zes "
            "nachten op rij. Meer dan vijf nachten op rij kan niet, ook niet om over een weekend of "
            "feestdag te raken. Dit kan wel nog: twee nachten, tot zondag 29 november. Bel de "
            "coördinator van wacht, of bied de nachtopvang aan."
        ),
    }


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            stay(24, 3),
            (
                "Dit kan nog tot vrijdag 27 november. Dan zijn het drie nachten op rij en het weekend kan "
                "er niet meer bij: zoek voor vrijdagmiddag een andere oplossing. Alleen de coördinator van "
                "wacht kan dit geven."
            ),
        ),
        (
            stay(26, used=(23, 24, 25)),
            (
                "Dit kan niet: maandag 23, dinsdag 24 en woensdag 25 november waren al drie nachten op rij."
                " Een vierde nacht is er alleen om over een weekend of feestdag te raken. Bel de "
                "coördinator van wacht, of bied de nachtopvang aan."
            ),
        ),
        (
            stay(28, used=(28, 29)),
            (
                "Dit kan niet: de nachten van zaterdag 28 en zondag 29 november staan al op naam van "
                "dezelfde persoon."
            ),
        ),
        (
            stay(30, used=(27, 28, 29)),
            (
                "Dit kan: de nacht van maandag 30 november. Het verblijf loopt tot dinsdag 1 december, 10 "
                "uur; die ochtend neemt een hulpverlener contact op. Dit verlengt een verblijf: overdag "
                "beslist de begeleider, ’s nachts mag je het ook zelf geven."
            ),
        ),
    ],
)
def test_what_it_says_most_often(verdict: StayVerdict, sentence: str) -> None:
    assert stay_sentence(verdict) == sentence


@pytest.mark.parametrize(
    ("verdict", "part"),
    [
        (
            stay(24),
            "Verlengen kan nog tot vrijdag 27 november. Dan zijn het drie nachten op rij en het weekend",
        ),
        (
            stay(27, 2),
            "dat is geen werkdag. Alleen de coördinator van wacht kan dit geven, met een reden en met",
        ),
        (stay(30, 2, used=(27, 28, 29)), "Dit verlengt een verblijf: de begeleider beslist."),
        (
            stay(24, closed=(25, 26, 27, 30)),
            "De eerste werkdag is pas dinsdag 1 december: de coördinator krijgt",
        ),
        (stay(23, 4), "Dit kan niet: dat zijn vier nachten op rij. Een vierde nacht is er alleen om"),
        (stay(23, 6), "Dit kan niet: dat zijn zes nachten op rij. Een vierde nacht is er alleen om"),
        (stay(27, 6), "Meer dan vijf nachten op rij kan niet"),
        (stay(25, 2, used=(23, 24)), "Dit kan wel nog: één nacht, tot donderdag 26 november."),
        (
            stay(27, used=(26, 30, 31)),
            "maandag 30 november en dinsdag 1 december worden het zes nachten op rij. Meer dan vijf",
        ),
        (
            stay(32, used=(27, 28, 29, 30, 31)),
            "waren al vijf nachten op rij. Meer dan vijf nachten op rij kan niet",
        ),
        (stay(28, used=(29,)), "de nacht van zondag 29 november staat al op naam van dezelfde persoon"),
        (stay(9, used=(6, 7, 8)), "de feestdag kan er niet meer bij: zoek voor dinsdagmiddag"),
    ],
)
def test_what_it_says_in_other_cases(verdict: StayVerdict, part: str) -> None:
    assert part in stay_sentence(verdict)


def test_the_planned_end_is_a_setting() -> None:
    assert "maandag 30 november, 11.30 uur" in stay_sentence(stay(27), planned_end=time(11, 30))
    assert "11.30 uur" in str(stay_answer(stay(27), planned_end=time(11, 30))["sentence"])


def test_a_household_hears_the_strictest_adult_and_the_split() -> None:
    def say(used: dict[str, list[date]]) -> str:
        return told(said_of_household(judge_household(nov(26)[0], None, used, CALENDAR, StayPolicy.LETTER)))

    assert say({"first": nov(23, 24, 25), "second": []}).endswith(
        "of bied de nachtopvang aan. Per volwassene: volwassene 1 geen nacht meer en volwassene 2 "
        "tot dinsdag 1 december."
    )
    assert "Per volwassene" not in say({"first": [], "second": []})


def test_the_coordinator_reads_the_options_in_their_order() -> None:
    shown = landing_options(nov(24)[0], [], CALENDAR, StayPolicy.LETTER)
    assert [option_sentence(option) for option in shown] == [
        "Los het op tegen vrijdag 27 november: dan zijn het drie nachten op rij.",
        "Ga boven de grens, met een reden: tot maandag 30 november, zes nachten op rij.",
        ("Blijf binnen de grens, met een reden en met de naam van wie hen opvangt: tot zondag 29 november."),
    ]


def test_every_signal_has_a_sentence() -> None:
    raised = signals(nov(1, 3, *range(8, 15)), nov(17))
    assert [signal.code for signal in raised] == list(SignalCode)
    said = [signal_sentence(signal) for signal in raised]
    assert said[1].startswith("Dit is het 4e verblijf in dertig dagen.")
    assert said[2].startswith("Dit zijn al 10 nachten in dertig dagen.")


def every_verdict() -> Iterator[StayVerdict]:
    others = (-3, -2, -1, 1, 2, 3)
    for night in range(8, 15):
        for used in (set_of for size in (0, 1, 3) for set_of in combinations(others, size)):
            for policy in (StayPolicy.LETTER, StayPolicy.THREE_PLUS_TWO):
                for nights in (None, 2, 6):
                    yield judge_stay(
                        nov(night)[0], nights, [nov(night)[0] + DAY * n for n in used], CALENDAR, policy
                    )


def test_every_verdict_has_a_sentence_that_starts_with_yes_or_no() -> None:
    for verdict in every_verdict():
        sentence = stay_sentence(verdict)
        assert sentence.startswith("Dit kan niet: ") is not verdict.allowed
        assert sentence.endswith(".")
        json.dumps(stay_facts(verdict))


def test_the_facts_hold_all_that_the_sentences_of_the_catalogue_need() -> None:
    known = set(stay_facts(stay(27))) | {"at"}
    for key in keys():
        if key.startswith("stay.") and not key.startswith(("stay.split", "stay.option_", "stay.signal_")):
            assert fact_names(key) <= known, key
