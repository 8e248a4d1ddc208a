"""Checking a region file: every mistake at once with its line and key, and nothing that can hang or leak."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.duty import Duty
from crisispool.domain.unit import UnitSource
from crisispool.services.region_file import LARGEST, Mistake, RegionFile, check_region
from crisispool.services.region_parts.mistakes import MOST_TOLD
from crisispool.services.region_ready import ready_for_tonight
from crisispool.texts.render import keys

HERE = Path(__file__).parent / "region_files"
PILOT = (Path(__file__).parents[2] / "deploy" / "regions" / "pilot.toml").read_text("utf-8")
SMALL = (HERE / "small.toml").read_text("utf-8")
START = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)


def good(content: bytes | str) -> RegionFile:
    found = check_region(content, "regio.toml")
    assert isinstance(found, RegionFile), [str(mistake) for mistake in found]
    return found


def mistakes(content: bytes | str) -> list[Mistake]:
    found = check_region(content, "regio.toml")
    assert isinstance(found, list)
    return found


def places(content: bytes | str) -> list[tuple[int, str, str]]:
    return [(mistake.line, mistake.key, mistake.code) for mistake in mistakes(content)]


def small(old: str, new: str) -> str:
    """The small file with one place changed, the first where `old` stands."""
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


# What is right


def test_the_pilot_region_has_no_mistake_and_no_warning() -> None:
    region = good(PILOT.encode())
    assert region.warnings == ()
    assert ready_for_tonight(region, START, LegalHolidays()) == []


def test_the_pilot_region_is_the_one_of_the_agreement() -> None:
    region = good(PILOT)
    count = {
        place.name: (place.inhabitants, sum(unit.nis == place.nis for unit in pool))
        for pool in [[unit for unit in region.units if unit.source is UnitSource.POOL]]
        for place in region.municipalities
    }
    assert count == {
        "Izegem": (28322, 17),
        "Ingelmunster": (11131, 11),
        "Wielsbeke": (9833, 6),
        "Ledegem": (9687, 2),
        "Oostrozebeke": (7956, 2),
        "Tielt": (31436, 0),
    }
    assert [unit.id for unit in region.units if unit.source is UnitSource.ROTA] == [
        "izegem-studio",
        "caw-01",
        "tielt-01",
    ]


def test_the_training_of_the_pilot_starts_with_four_free_units_and_no_turn() -> None:
    region = good(PILOT)
    training = region.training
    assert training is not None and training.start == START
    taken = {placement.unit_id for placement in training.placements}
    taken |= {turnover.unit_id for turnover in training.turnovers}
    taken |= {out.unit_id for out in training.out_of_service}
    free = {unit.id for unit in training.units if unit.source is UnitSource.POOL} - taken
    assert free == {"ingelmunster-03", "izegem-05", "wielsbeke-02", "izegem-11"}
    assert (len(training.placements), len(training.turnovers), len(training.out_of_service)) == (32, 1, 1)
    this_week = datetime(2026, 11, 23, tzinfo=UTC).date()
    assert not any(this_week in unit.rota_weeks for unit in training.units)


def test_every_phone_number_and_mailbox_of_the_pilot_is_invented() -> None:
    assert all(number.startswith("000 00 ") for number in re.findall(r'"(\+?\d[\d ]{6,})"', PILOT))
    assert all(host == "example.org" for host in re.findall(r'"[^"\s]+@([^"\s]+)"', PILOT))


def test_windows_line_ends_are_fine() -> None:
    assert good(SMALL.replace("\n", "\r\n").encode()).network.id == "klein"


# Every mistake at once


def test_twelve_planted_mistakes_give_twelve_lines() -> None:
    text = (HERE / "twelve_mistakes.toml").read_bytes()
    assert places(text) == [
        (4, "network.reference_prefix", "bad_prefix"),
        (11, "policy.chekout_at", "unknown_key_like"),
        (14, "municipalities[1].nis", "bad_nis"),
        (27, "organisations[ocmw].mailbox", "bad_mail"),
        (38, "closing_days[1].day", "no_such_date"),
        (45, "criteria[wants_the_bed].action", "not_one_of_like"),
        (52, "fallback[hotel].phone", "bad_phone"),
        (63, "roster[2].calltaker", "unknown_reference_like"),
        (71, "units[een].places", "out_of_range"),
        (75, "units[een].id", "duplicate"),
        (96, "training.people[2].label", "syntax"),
        (110, "training.units[een].from", "placements_overlap"),
    ]


def test_a_mistake_is_one_line_with_file_line_key_what_and_how() -> None:
    [mistake] = mistakes(small("places = 4", "places = 0"))
    assert str(mistake) == (
        "regio.toml:71: units[een].places: dit getal kan niet, kies een getal van 1 tot en met 20"
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ('name = "Klein netwerk"', "", "network.name", "missing"),
        ('name = "Klein netwerk"', 'nmae = "Klein netwerk"', "network.nmae", "unknown_key_like"),
        ('name = "Klein netwerk"', 'name = ""', "network.name", "empty"),
        ('name = "Klein netwerk"', 'name = "Klein\\u202e"', "network.name", "hidden_signs"),
        ('name = "Klein netwerk"', "name = 3", "network.name", "wrong_type"),
        ('name = "Klein netwerk"', 'name = "Klein netwerk', "network.name", "syntax"),
        ('name = "Klein netwerk"', 'name "Klein netwerk"', "network.name", "syntax"),
        ('reference_prefix = "KL"', 'reference_prefix = "R"', "network.reference_prefix", "bad_prefix"),
        ('caw = "caw"', 'caw = "ocmw"', "network.caw", "reference_of_other_kind"),
        ('caw = "caw"', 'caw = "cwa"', "network.caw", "unknown_reference_like"),
        ("decided_on = 2026-10-15", "", "policy.decided_on", "not_decided"),
        ("decided_on = 2026-10-15", "decided_on = 2026-10-32", "policy.decided_on", "no_such_date"),
        ("decided_on = 2026-10-15", "decided_on = 1026-10-15", "policy.decided_on", "far_away"),
        ("decided_on = 2026-10-15", 'decided_on = "2026-10-32"', "policy.decided_on", "wrong_type"),
        ('checkout_at = "10:00"', "hold_minutes = -1", "policy.hold_minutes", "out_of_range"),
        ('checkout_at = "10:00"', "near_km = nan", "policy.near_km", "out_of_range"),
        ('checkout_at = "10:00"', "near_km = inf", "policy.near_km", "out_of_range"),
        ('checkout_at = "10:00"', f"near_km = {'9' * 5000}", "policy.near_km", "number_too_long"),
        ('checkout_at = "10:00"', 'stay_policy = "leter"', "policy.stay_policy", "not_one_of_like"),
        ('checkout_at = "10:00"', 'stay_policy = "soepel"', "policy.stay_policy", "not_one_of"),
        ('checkout_at = "10:00"', 'handover_at = "02:30"', "policy.handover_at", "hour_of_clock_change"),
        ('checkout_at = "10:00"', 'handover_at = "25:00"', "policy.handover_at", "wrong_type"),
        ('checkout_at = "10:00"', 'handover_at = "11:00"', "policy.handover_at", "morning_out_of_order"),
        ('checkout_at = "10:00"', 'care_at = "18:30"', "policy.care_at", "morning_out_of_order"),
        (
            'checkout_at = "10:00"',
            'weekend_list_at = "17:00"',
            "policy.weekend_list_at",
            "morning_out_of_order",
        ),
        ('checkout_at = "10:00"', 'proposal_order = ["near"]', "policy.proposal_order", "proposal_order"),
        (
            'checkout_at = "10:00"',
            "untaken_steps_minutes = [5, 5, 9]",
            "policy.untaken_steps_minutes",
            "not_rising",
        ),
        ('nis = "36008"', "nis = 36008", "municipalities[1].nis", "wrong_type"),
        ('nis = "36008"', 'nis = "96008"', "municipalities[1].nis", "bad_nis"),
        ("latitude = 50.91", "latitude = 3.21", "municipalities[36008].latitude", "out_of_range"),
        ("inhabitants = 28322", "inhabitants = true", "municipalities[36008].inhabitants", "wrong_type"),
        ('id = "caw"', 'id = "Het CAW"', "organisations[2].id", "bad_id"),
        ('id = "caw"', 'id = "ocmw"', "organisations[ocmw].id", "duplicate"),
        ('backup = "caw"', 'backup = "ocmw"', "organisations[ocmw].backup", "own_backup"),
        ('"13:00-17:00"', '"11:00-17:00"', "organisations[ocmw].opens.mon", "bad_hours"),
        ('"13:00-17:00"', '"13u-17u"', "organisations[ocmw].opens.mon", "bad_hours"),
        ("opens.mon", "opens.maandag", "organisations[ocmw].opens.maandag", "unknown_key"),
        (
            'code = "wants_the_bed"',
            'code = "outside_region"',
            "criteria[outside_region].decided_by",
            "criterion_not_decided",
        ),
        ("until = 2026-11-30T08:30:00", "until = 2026-11-30T09:30:00", "roster[2].from", "shifts_overlap"),
        (
            "until = 2026-11-30T08:30:00",
            "until = 2026-11-20T08:30:00",
            "roster[1].until",
            "until_before_from",
        ),
        ("from = 2026-11-23T08:30:00", "from = 2026-03-29T02:30:00", "roster[1].from", "time_skipped"),
        ("from = 2026-11-23T08:30:00", "from = 2026-10-25T02:30:00", "roster[1].from", "time_twice"),
        ("from = 2026-11-23T08:30:00", "from = 2026-11-23", "roster[1].from", "wrong_type"),
        ('calltaker = "wacht"', "", "roster[1]", "nobody_on_duty"),
        ('owner = "ocmw"', 'owner = "omcw"', "units[een].owner", "unknown_reference_like"),
        (
            'municipality = "36008"\nlabel',
            'municipality = "9"\nlabel',
            "units[een].municipality",
            "unknown_reference",
        ),
        ("places = 4", "places = 0", "units[een].places", "out_of_range"),
        ("places = 4", "places = 99999999999999999999", "units[een].places", "out_of_range"),
        ("places = 4", "places = 4\nplaces = 5", "units[1].places", "duplicate_key"),
        ("places = 4", 'places = 4\nalso_in = ["buur"]', "units[een].also_in", "unknown_network"),
        ("places = 4", "places = 4\nrota_weeks = [2026-12-07]", "units[een].rota_weeks", "turns_in_pool"),
        ("[2026-11-30]", "[2026-12-01]", "units[twee].rota_weeks", "not_a_monday"),
        ("[2026-11-30]", "[2026-11-30, 2026-11-30]", "units[twee].rota_weeks", "named_twice"),
        ("[2026-11-30]", "[2026-11-30", "units[2].rota_weeks", "syntax"),
        ('roles = ["referrer"', 'roles = ["reffer"', "training.people[dienst].roles", "not_one_of_like"),
        (
            'organisation = "ocmw"\nroles',
            "roles",
            "training.people[dienst].organisation",
            "role_without_organisation",
        ),
        ("start = 2026-11-28T02:04:00", "", "training.start", "missing"),
        ("until = 2026-12-05", "", "training.units[een].from", "placements_overlap"),
        ("until = 2026-12-05", "until = 2026-08-05", "training.units[een].until", "until_before_from"),
        ('status = "occupied"', 'status = "occupid"', "training.units[een].status", "not_one_of_like"),
        ("[policy]", "[polcy]", "polcy", "unknown_key_like"),
        ("[policy]", "[policy", "policy", "syntax"),
        ("[policy]", "[network]", "network", "duplicate_table"),
        ("[[units]]", "[[unit]]", "unit", "unknown_key_like"),
    ],
)
def test_one_slip_gives_one_line(old: str, new: str, key: str, code: str) -> None:
    found = mistakes(small(old, new))
    if new == "[network]":
        found = [mistake for mistake in found if mistake.code not in ("missing", "unknown_key")]
    assert [(mistake.key, mistake.code) for mistake in found] == [(key, code)]


def test_two_units_in_one_turn_are_told_apart_by_line() -> None:
    third = SMALL[SMALL.index('[[units]]\nid = "twee"') : SMALL.index("[training]")].replace("twee", "drie")
    text = SMALL.replace("[training]", third + "[training]")
    assert places(text) == [(line_of(text, 'id = "drie"') + 6, "units[drie].rota_weeks", "turns_overlap")]


def test_two_states_of_a_unit_are_refused() -> None:
    text = SMALL + '\n[[training.units]]\nunit = "een"\nstatus = "free"\n'
    assert places(text) == [(line_of(text, 'status = "free"'), "training.units[een].status", "two_states")]


def test_a_time_that_comes_twice_can_be_said_with_its_offset() -> None:
    region = good(small("from = 2026-11-23T08:30:00", "from = 2026-10-25T02:30:00+01:00"))
    assert region.shifts[0].starts_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_no_mistake_shows_a_confidential_value() -> None:
    secret = "Geheimlaan 7"
    for key in ("address", "key", "night_contact", "cleaning_contact", "backup_key_phone", "label", "owner"):
        text = small('address = "Proefstraat 1"', f'address = "x"\n{key} = "{secret}\\u202e"').replace(
            'address = "x"\naddress', "address"
        )
        told = "\n".join(str(mistake) for mistake in mistakes(text))
        assert told and "Geheim" not in told


def test_a_value_cannot_forge_a_line() -> None:
    [mistake] = mistakes(small('caw = "caw"', 'caw = "x\\nregio.toml:1: alles: in orde"'))
    assert "\n" not in str(mistake)


# Files that are no files


def test_a_wrong_encoding_is_said_at_its_line_and_the_rest_is_still_checked() -> None:
    text = small('name = "Hotel"', 'name = "Hôtel"').replace("places = 4", "places = 0")
    assert places(text.encode("latin-1")) == [
        (line_of(text, "Hôtel"), "file", "not_utf_8"),
        (line_of(text, "places = 0"), "units[een].places", "out_of_range"),
    ]


def test_a_byte_order_mark_is_said() -> None:
    assert places(SMALL.encode("utf-8-sig")) == [(1, "file", "byte_order_mark")]


def test_utf_16_is_said() -> None:
    assert places(SMALL.encode("utf-16")) == [(1, "file", "utf_16")]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert places(b"#" * (LARGEST + 1)) == [(1, "file", "file_too_large")]


def test_an_empty_file_is_told_what_belongs_in_it() -> None:
    assert {key for _, key, code in places("") if code == "missing"} == {
        "network",
        "policy",
        "municipalities",
        "organisations",
        "criteria",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a = " + "[" * 1_000,
        "a = {" * 1_000,
        'a = "' + "x" * 100_000 + '"',
        "a" + ".a" * 50_000 + " = 1",
        "[" + "a." * 50_000 + "a]",
        '"""' * 50_000,
        "'''\n" * 50_001,
        "\0" * 1_000,
        "= 1\n]\n[]\n[[]]\n",
    ],
    ids=[
        "deep",
        "nested",
        "inline",
        "long",
        "dotted",
        "heading",
        "quotes",
        "apostrophes",
        "zeros",
        "nonsense",
    ],
)
def test_nonsense_is_refused_and_does_not_hang(text: str) -> None:
    assert {code for _, _, code in places(text + "\n")} & {"missing", "many_more"}


def _large(units: int) -> str:
    start, end = PILOT.index("[[units]]"), PILOT.index("[[units]]", PILOT.index("[[units]]") + 1)
    unit = PILOT[start:end]
    return (
        PILOT[:start] + "".join(unit.replace('"izegem-01"', f'"x-{n}"') for n in range(units)) + PILOT[start:]
    )


def test_a_file_of_100_000_lines_is_checked_in_seconds() -> None:
    text = _large(5_900)
    assert text.count("\n") > 100_000
    begin = time.monotonic()
    assert len(good(text.encode()).units) == 5_941
    assert time.monotonic() - begin < 30


def test_of_100_000_wrong_lines_the_first_are_told_and_the_rest_is_counted() -> None:
    begin = time.monotonic()
    found = mistakes("onzin\n" * 100_000)
    assert time.monotonic() - begin < 30
    assert len(found) == MOST_TOLD + 1
    assert found[0].line == 1 and found[-1].code == "many_more"
    assert "99005" in found[-1].what


# Warnings


def test_a_gap_in_a_roster_is_a_warning_with_its_line() -> None:
    text = small("until = 2026-11-30T08:30:00", "until = 2026-11-29T08:30:00")
    [gap] = good(text).warnings
    assert (gap.line, gap.key, gap.code) == (
        line_of(text, "[[roster]]") + 8,
        "roster[2].calltaker",
        "roster_gap",
    )
    assert "zondag 29 november, 8.30 uur" in gap.what


def test_a_stand_in_for_oneself_a_missing_role_and_a_unit_without_turns_are_warnings() -> None:
    text = small('calltaker = "wacht"', 'calltaker = "wacht"\nbackup = "wacht"')
    text = (
        text.replace('"council", ', "").replace("rota_weeks = [2026-11-30]", "").replace('ocmw = "ocmw"', "")
    )
    assert [warning.code for warning in good(text).warnings] == [
        "no_ocmw",
        "own_stand_in",
        "no_turns",
        "role_missing",
    ]


def test_what_is_not_ready_for_tonight_is_a_warning() -> None:
    found = ready_for_tonight(good(SMALL), START, LegalHolidays())
    assert {(each.line, each.key, each.code) for each in found} >= {
        (65, "units[een].key", "no_key"),
        (65, "units[een].night_contact", "no_night_contact"),
        (65, "units[een].house_agreement", "no_house_agreement"),
        (74, "units[twee].inspection_until", "no_inspection"),
        (1, "roster.backup", "roster_empty"),
        (1, "roster.calltaker", "roster_ends"),
    }


@pytest.mark.parametrize(
    ("now", "key", "code"),
    [
        (datetime(2026, 12, 20, tzinfo=UTC), "fallback[reserve].checked_on", "fallback_not_checked"),
        (datetime(2027, 4, 1, tzinfo=UTC), "units[izegem-04].inspection_until", "inspection_over"),
        (datetime(2027, 12, 28, tzinfo=UTC), f"roster.{Duty.BACKUP}", "roster_ends"),
        (datetime(2026, 11, 1, tzinfo=UTC), f"roster.{Duty.COORDINATOR}", "roster_not_begun"),
    ],
)
def test_time_makes_a_ready_region_unready(now: datetime, key: str, code: str) -> None:
    assert (key, code) in {
        (each.key, each.code) for each in ready_for_tonight(good(PILOT), now, LegalHolidays())
    }


def test_a_closing_day_that_keeps_people_longer_than_the_limit_is_a_warning() -> None:
    days = "".join(f'[[closing_days]]\nday = 2026-12-{day}\nname = "dicht"\n\n' for day in (28, 29))
    found = ready_for_tonight(good(small("[[criteria]]", days + "[[criteria]]")), START, LegalHolidays())
    [long] = [each for each in found if each.code == "long_closure"]
    assert "donderdag 24 december 6 nachten" in long.what


def test_every_code_says_what_and_how() -> None:
    codes = {tuple(key.split(".")[1:]) for key in keys() if key.startswith("region.")}
    pairs = {code for code in codes if code[0] not in ("wanted", "thing")}
    assert {(code, part) for code, _ in pairs for part in ("what", "how")} == pairs
