"""Log lines: one JSON object each, and never a secret in them, whoever wrote the line."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from crisispool.commands.logs import redacted, set_up_logging

BOT = "111111:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
LINK = "https://pool.example.org/p/0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    said = capsys.readouterr()
    assert said.out == ""
    return [json.loads(line) for line in said.err.splitlines()]


def test_our_lines_and_those_of_libraries_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO")
    structlog.get_logger("ours").info("done", units=3)
    logging.getLogger("theirs").warning("so %s", "it goes")
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["units"], ours["level"]) == ("done", 3, "info")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("so it goes", "theirs", "warning")


@pytest.mark.parametrize(
    "secret",
    [
        f"https://api.telegram.org/bot{BOT}/getMe",
        LINK,
        LINK.replace("/p/", "/invited/"),
        LINK.replace("/p/", "/duty/feed/"),
        f"Authorization: Bearer {'t' * 40}",
        "redis://me:s3cret@host",
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(capsys: pytest.CaptureFixture[str], secret: str) -> None:
    set_up_logging("INFO")
    canary = {BOT, LINK.rpartition("/")[2], "t" * 40, "s3cret"}
    logging.getLogger("theirs").error("asked %s", secret)
    structlog.get_logger("ours").error(secret, deep={"in": [secret]}, plain=secret)
    said = capsys.readouterr().err
    assert said.count("\n") == 2
    assert not any(each in said for each in canary)


def test_a_traceback_of_a_library_leaves_only_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO")
    try:
        raise KeyError("canary")
    except KeyError:
        logging.getLogger("theirs").exception("failed")
    [line] = lines(capsys)
    assert line["kind"] == "KeyError"
    assert "canary" not in json.dumps(line)


def test_libraries_that_log_every_address_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("DEBUG")
    for name in ("httpx", "telegram.ext", "apscheduler.executors.default"):
        logging.getLogger(name).info("canary")
    assert lines(capsys) == []


def test_numbers_and_nothing_stay_what_they_are() -> None:
    assert redacted({"n": 1, "ok": True, "none": None}) == {"n": 1, "ok": True, "none": None}
