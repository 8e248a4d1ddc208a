"""Killed at every named point of the way to a bed and of the morning after: wholly there or not at all, and once."""

from pathlib import Path
from typing import Any

import pytest

from crisispool.adapters.faults import POINTS
from tests.scenarios.people import FIRE, SCREENED, Colleague, everything
from tests.support.mortal import POINTS_OF_CALLS, Mortal, commit
from tests.support.program import PILOT, clean
from tests.support.warm import Warm

MONDAY = "2026-11-30T08:01+01:00"
REQUEST = {
    "kind": "conflict",
    "adults": 1,
    "origin": "36008",
    "whereabouts": "36008",
    "contact_consent": True,
}
JAN = {"given_name": "Jan", "surname": "Peeters", "birth_date": "1980-05-17"}


WAY = [
    commit("request.made"), commit("request.take"), commit("request.screened"),
    ("claim:after", *commit("unit.held")), ("put:before",), ("put:after",),
    commit("booking.made"), commit("page.linked"), commit("person.identified"), commit("booking.moved"),
    commit("booking.check_in"), commit("handover.acknowledge"), commit("booking.extended"),
    commit("handover.outcome"), commit("booking.check_out"),
]  # fmt: skip
"""The points at which each call of the way dies, in order."""


class Survivor:
    """Calls that are sent again under their key after each death; the record is looked at in between."""

    def __init__(self, program: Mortal) -> None:
        self.program = program
        self.way = list(WAY)
        program.start("--only", "web")
        self.colleagues = {
            who: Colleague(program, who) for who in ("referrer", "calltaker", "support_worker", "coordinator")
        }

    def call(self, who: str, method: str, path: str, body: object = None) -> Any:
        """The answer of a call that dies at each of its points: only at the last one it is done already."""
        program, at = self.program, self.way.pop(0)
        key = f"{at[0]}-{path}"
        untouched = record = everything(program)
        for point, following in zip(at, (*at[1:], self.next_death()), strict=True):
            assert record == untouched, point
            if program.fault != point:
                self.starts(point)
            with pytest.raises(ConnectionError):
                self.colleagues[who].ask(method, path, body, key=key)
            program.dead()
            record = everything(program)
            self.starts(following)
        assert record != untouched, at
        answers = [self.colleagues[who].call(method, path, body, key=key) for _ in range(2)]
        assert answers[0] == answers[1]
        assert everything(program) == record, at
        return answers[0]

    def next_death(self) -> str:
        """Where the next call dies first, unless what is done before it could pass there too."""
        point = self.way[0][0] if self.way else ""
        return point if point.endswith("_commit") else ""

    def starts(self, fault: str = "", *options: str) -> None:
        """One more process, which dies at this point."""
        self.program.kill()
        self.program.fault = fault
        self.program.start(*(options or ("--only", "web")), load=False)


@pytest.mark.parametrize(
    "mortal",
    ["sqlite", pytest.param("postgresql", marks=(pytest.mark.postgres, pytest.mark.soak))],
    indirect=True,
)
def test_a_call_that_died_anywhere_is_wholly_there_or_not_at_all_and_sent_again_it_counts_once(
    mortal: Mortal,
) -> None:
    night = Survivor(mortal)
    request = night.call("referrer", "POST", "/requests", REQUEST)
    about = f"/requests/{request['id']}"
    night.call("calltaker", "POST", f"{about}/take", {})
    night.call("calltaker", "POST", f"{about}/screening", SCREENED)
    unit, other = night.colleagues["calltaker"].proposed(request)[:2]
    first = {"request_id": request["id"], "unit_id": unit}
    hold = night.call("calltaker", "POST", "/holds", first)
    night.colleagues["calltaker"].call("DELETE", f"/holds/{hold['id']}")
    hold = night.call("calltaker", "POST", "/holds", {**first, "unit_id": other})
    night.colleagues["calltaker"].call("DELETE", f"/holds/{hold['id']}")
    hold = night.call("calltaker", "POST", "/holds", first)
    booking = night.call("calltaker", "POST", "/bookings", {"hold_id": hold["id"]})
    about = f"/bookings/{booking['id']}"
    link = night.call("calltaker", "POST", f"{about}/links", {"purpose": "access"})
    assert link["url"].startswith(f"{mortal.url}/p/")
    night.call("calltaker", "PUT", f"{about}/persons/{booking['persons'][0]}", JAN)
    booking = night.call("calltaker", "POST", f"{about}/move", {"problem": "key_fails"})
    about = f"/bookings/{booking['id']}"
    night.call("calltaker", "POST", f"{about}/check-in", {})

    night.starts("", "--only", "web,jobs")
    mortal.move_clock(MONDAY)
    worker, coordinator = night.colleagues["support_worker"], night.colleagues["coordinator"]
    [handover] = worker.call("GET", "/handovers")
    about_case = f"/handovers/{handover['id']}"
    night.call("support_worker", "POST", f"{about_case}/acknowledge", {})
    night.call("coordinator", "POST", f"{about}/extend", {})
    ended = {"outcome": "own_network", "solved": "yes"}
    night.call("support_worker", "POST", f"{about_case}/outcome", ended)
    night.call("support_worker", "POST", f"{about}/check-out", {})

    assert mortal.died_at == POINTS_OF_CALLS
    night.starts("", "--only", "web,jobs")
    assert len(coordinator.call("GET", "/handovers?all=true")) == 1
    checked = mortal.command("verify")
    assert checked.returncode == 0, checked.stdout


def typed(mortal: Mortal, desk: Colleague, line: str, at: str) -> str:
    """The key of a typed line whose answer never came, as the service died at this point."""
    mortal.kill()
    mortal.fault = at
    mortal.start("--only", "web", load=False)
    with pytest.raises(ConnectionError):
        desk.ask("POST", "/chat", {"say": line}, key=f"{line}-{at}")
    mortal.dead()
    mortal.start("--only", "web", load=False)
    return f"{line}-{at}"


def test_a_typed_line_whose_answer_died_is_never_heard_at_the_screen_that_came_after_it(
    mortal: Mortal,
) -> None:
    mortal.start("--only", "web")
    desk = Colleague(mortal, "calltaker")
    desk.say("", *FIRE[:-2])
    key = typed(mortal, desk, "1", "unit.held:after_commit")
    # Somebody looks first; at this screen a one would book.
    assert desk.say("")["key"] == "night_desk.book"
    for _ in range(2):
        assert desk.call("POST", "/chat", {"say": "1"}, key=key)[-1]["key"] == "night_desk.book"
    key = typed(mortal, desk, "1", "booking.made:before_commit")
    booked = desk.call("POST", "/chat", {"say": "1"}, key=key)
    assert booked[-1]["key"] == "booking.booked"
    assert [link["url"].startswith(f"{mortal.url}/p/") for link in booked[-1]["links"]] == [True, True]
    desk.say("Annuleer")
    before = everything(mortal)
    assert desk.call("POST", "/chat", {"say": "1"}, key=key) == booked
    assert desk.ask("POST", "/chat", {"say": "2"}, key=key)[1]["code"] == "operation_reused"
    assert everything(mortal) == before
    assert not any(link["url"].rpartition("/")[2] in str(before) for link in booked[-1]["links"])


@pytest.mark.parametrize("name", ["booking.made", "booking.made:later", "put:before#0", "put:before#x", "#2"])
def test_an_unknown_point_is_refused_with_the_names_of_all(name: str, tmp_path: Path, warm: Warm) -> None:
    env = {**clean(tmp_path / "data"), "CRISISPOOL_FAULT": name}
    done = warm.run("serve", "--training", "--region", str(PILOT), env=env)
    assert done.returncode == 2
    assert name in done.stderr
    assert all(point in done.stderr for point in POINTS)
    assert not (tmp_path / "data").exists()


def test_the_real_work_cannot_be_told_to_die(tmp_path: Path, warm: Warm) -> None:
    env = clean(tmp_path / "data")
    assert warm.run("region", "load", str(PILOT), env=env).returncode == 0
    for words in (("verify",), ("serve",)):
        done = warm.run(*words, env={**env, "CRISISPOOL_FAULT": "booking.made:before_commit"})
        assert done.returncode == 2
        assert "Laat CRISISPOOL_FAULT weg" in done.stderr
