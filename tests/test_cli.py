"""The command as it is typed: what it answers, where, and with which exit code."""

import json
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import structlog

from crisispool.cli import main
from crisispool.commands.telling import sentence_of
from crisispool.domain.errors import NotThere, Outage, Refusal
from crisispool.settings import environment
from tests.support.program import clean, command

FRIDAY = "2026-11-27"
SECRET = "111111:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command sets up the logging of its process, which here is that of all tests."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Typed:
    """Types commands in a folder without a set-up."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self._capsys = capsys
        self._set = monkeypatch.setenv
        for name in environment().keys() - clean(folder).keys():
            monkeypatch.delenv(name)
        self.setting("DATA_DIR", str(folder))

    def setting(self, name: str, value: str) -> None:
        """As if exported before."""
        self._set(f"CRISISPOOL_{name}", value)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        code = main(words)
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    return Typed(tmp_path / "data", capsys, monkeypatch)


def stay(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["stay", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_friday_after_nothing_is_three_nights_by_the_calltaker(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = stay(capsys, "--night", FRIDAY, "--json")
    answer = json.loads(out)
    sentence = answer.pop("sentence")
    assert (code, err) == (0, "")
    assert answer == {
        "allowed": True,
        "code": "ok",
        "night": FRIDAY,
        "nights": 3,
        "block": 3,
        "checkout": "2026-11-30",
        "longest_checkout": "2026-12-02",
        "hard_checkout": "2026-12-02",
        "by": "calltaker",
        "policy": "letter",
    }
    assert sentence.startswith("Dit kan: de nachten van vrijdag 27, zaterdag 28 en zondag 29 november.")


def test_friday_after_three_nights_is_refused_but_two_more_would_fit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    used = "2026-11-24,2026-11-25,2026-11-26"
    code, out, err = stay(capsys, "--night", FRIDAY, "--used", used, "--json")
    answer = json.loads(out)
    sentence = answer.pop("sentence")
    assert (code, err) == (1, "")
    assert answer == {
        "allowed": False,
        "code": "stay_limit",
        "night": FRIDAY,
        "nights": 3,
        "block": 3,
        "checkout": "2026-11-30",
        "longest_checkout": None,
        "hard_checkout": "2026-11-29",
        "by": None,
        "policy": "letter",
    }
    assert sentence.startswith("Dit kan niet")


def test_without_json_the_answer_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = stay(capsys, "--night", FRIDAY)
    assert code == 0
    assert out.startswith("Dit kan: ") and out.count("\n") == 1


def test_used_nights_may_be_given_in_one_list_or_in_several(capsys: pytest.CaptureFixture[str]) -> None:
    several = ["--used", "2026-11-24,2026-11-25", "--used", "2026-11-26", "--json"]
    one = ["--used", "2026-11-24,2026-11-25,2026-11-26", "--json"]
    assert stay(capsys, "--night", FRIDAY, *several) == stay(capsys, "--night", FRIDAY, *one)


def test_a_closed_bridge_day_makes_the_block_of_ascension_longer(capsys: pytest.CaptureFixture[str]) -> None:
    open_friday = json.loads(stay(capsys, "--night", "2027-05-05", "--json")[1])
    closed = json.loads(stay(capsys, "--night", "2027-05-05", "--closed", "2027-05-07", "--json")[1])
    assert (open_friday["checkout"], closed["checkout"]) == ("2027-05-07", "2027-05-10")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--night", FRIDAY, "--nights", "0"], "--nights"),
        (["--night", FRIDAY, "--nights", "8"], "--nights"),
        (["--night", FRIDAY, "--nights=-1"], "--nights"),
        (["--night", FRIDAY, "--nights", "drie"], "--nights"),
        (["--night", FRIDAY, "--nights", "1.5"], "--nights"),
        (["--night", FRIDAY, "--nights", "²"], "--nights"),
        (["--night", "2026-11-31"], "--night"),
        (["--night", "27-11-2026"], "--night"),
        (["--night", "20261127"], "--night"),
        (["--night", "2026-W48-5"], "--night"),
        (["--night", "٢٠٢٦-11-27"], "--night"),
        (["--night", ""], "--night"),
        (["--night", "1026-11-27"], "--night"),
        (["--night", "9999-12-31"], "--night"),
        (["--night", FRIDAY, "--used", "2026-11-24;2026-11-25"], "--used"),
        (["--night", FRIDAY, "--closed", "maandag"], "--closed"),
        (["--night", FRIDAY, "--policy", "mild"], "--policy"),
        (["--night", FRIDAY, "--night", FRIDAY], "--night"),
        (["--night", FRIDAY, "--nights"], "--nights"),
        (["--nights", "3"], "--night"),
        (["--night", FRIDAY, "--nigths", "3"], "--nigths"),
        (["--night", FRIDAY, "--json=ja"], "--json"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line_that_names_it(
    capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    code, out, err = stay(capsys, *words)
    assert code == 2
    assert out == ""
    assert named in err and err.count("\n") == 1 and "Traceback" not in err


def test_a_calendar_that_is_never_open_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    never = ",".join(str(date(2026, 11, 27) + timedelta(days=n)) for n in range(90))
    code, out, err = stay(capsys, "--night", FRIDAY, "--closed", never)
    assert (code, out) == (2, "")
    assert "--closed" in err


def test_the_stay_rule_needs_no_data_folder(tmp_path: Path) -> None:
    done = command("stay", "--night", FRIDAY, env=clean(tmp_path / "data"))
    assert done.returncode == 0
    assert not (tmp_path / "data").exists()


def test_an_unknown_command_is_said_in_dutch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slaap"]) == 2
    assert "'slaap' is niet bekend" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["chat", "--as", "calltaker"],
        ["token", "create", "--role", "referrer"],
        ["invite", "--role", "council"],
        ["rebuild"],
        ["verify"],
        ["doctor"],
        ["serve", "--port", "8099"],
    ],
    ids=" ".join,
)
def test_in_a_folder_without_a_set_up_a_command_says_what_to_do_and_makes_nothing(
    typed: Typed, words: list[str]
) -> None:
    code, out, err = typed(*words)
    assert code in {1, 2}
    assert "region load" in out + err
    assert not typed.folder.exists()


def test_a_training_without_a_region_says_that_it_needs_one(typed: Typed) -> None:
    code, out, err = typed("serve", "--training")
    assert (code, out) == (2, "")
    assert "--region" in err


def test_a_bad_setting_is_named_without_its_value(typed: Typed) -> None:
    typed.setting("TELEGRAM_TOKEN", "canary with spaces")
    code, out, err = typed("doctor")
    assert code == 2
    assert "CRISISPOOL_TELEGRAM_TOKEN" in err and "canary" not in err + out


def test_doctor_lists_every_setting_masks_secrets_and_names_slips_of_the_pen(typed: Typed) -> None:
    typed.setting("TELEGRAM_TOKEN", SECRET)
    typed.setting("PROT", "9000")
    code, out, _ = typed("doctor")
    assert code == 1
    assert "CRISISPOOL_TELEGRAM_TOKEN=(set, hidden)" in out and SECRET not in out
    assert "CRISISPOOL_PROT" in out
    assert f"CRISISPOOL_DATA_DIR={typed.folder}" in out


def test_telegram_can_bring_updates_to_a_public_https_address_only(typed: Typed) -> None:
    typed.setting("TELEGRAM_TOKEN", SECRET)
    typed.setting("TELEGRAM_WEBHOOK", "yes")
    code, out, err = typed("serve", "--only", "bot")
    assert (code, out) == (2, "")
    assert "CRISISPOOL_PUBLIC_URL" in err and SECRET not in err


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--only", "web,koffie"],
        ["serve", "--clock", "2026-11-28T02:04"],
        ["serve", "--training", "--clock", "straks"],
        ["serve", "--training", "--clock", "2027-03-28T02:30"],
        ["serve", "--port", "0"],
        ["serve", "--port", "http"],
        ["serve", "--only", "bot"],
        ["chat"],
        ["invite"],
        ["invite", "--role", "baas"],
        ["invite", "--role", "council", "--anew"],
        ["invite", "--role", "council", "--role", "admin"],
        ["token", "create", "--role", "baas"],
        ["token", "create", "--person", "x", "--organisation", "y"],
        ["region", "check", "nergens.toml"],
        ["region", "check", "."],
    ],
    ids=" ".join,
)
def test_words_that_cannot_be_meant_end_with_code_2_and_one_line(typed: Typed, words: list[str]) -> None:
    code, out, err = typed(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert not typed.folder.exists()


def test_what_went_wrong_inside_is_one_dutch_sentence() -> None:
    for error in (
        Outage("record", "SQLITE_FULL"),
        Outage("something new"),
        Refusal("never_heard_of"),
        NotThere("x"),
    ):
        said = sentence_of(error)
        assert said.endswith(".") and "{" not in said
