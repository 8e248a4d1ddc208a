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


class Survivor:
    """Calls that are sent again under their key after each death; the record is looked at in between."""

    def __init__(self, program: Mortal) -> None:
        self.program = program
        program.start("--only", "web")
        self.colleagues = {
            who: Colleague(program, who) for who in ("referrer", "calltaker", "support_worker", "coordinator")
        }

    def call(self, at: tuple[str, ...], who: str, method: str, path: str, body: object = None) -> Any:
        """The answer of a call that dies at each of these points: only at the last one it is done already."""
        program, key = self.program, f"{at[0]}-{path}"
        untouched = record = everything(program)
        for point in at:
            assert record == untouched, point
            program.kill()
            program.fault = point
            program.start("--only", "web", load=False)
            with pytest.raises(ConnectionError):
                self.colleagues[who].ask(method, path, body, key=key)
            program.dead()
            record = everything(program)
        assert record != untouched, at
        program.start("--only", "web", load=False)
        answers = [self.colleagues[who].call(method, path, body, key=key) for _ in range(2)]
        assert answers[0] == answers[1]
        assert everything(program) == record, at
        return answers[0]


def test_a_call_that_died_anywhere_is_wholly_there_or_not_at_all_and_sent_again_it_counts_once(
    mortal: Mortal,
) -> None:
    night = Survivor(mortal)
    request = night.call(commit("request.made"), "referrer", "POST", "/requests", REQUEST)
    about = f"/requests/{request['id']}"
    night.call(commit("request.take"), "calltaker", "POST", f"{about}/take", {})
    night.call(commit("request.screened"), "calltaker", "POST", f"{about}/screening", SCREENED)
    unit, other = night.colleagues["calltaker"].proposed(request)[:2]
    first = {"request_id": request["id"], "unit_id": unit}
    hold = night.call(("claim:after", *commit("unit.held")), "calltaker", "POST", "/holds", first)
    night.colleagues["calltaker"].call("DELETE", f"/holds/{hold['id']}")
    hold = night.call(("put:before",), "calltaker", "POST", "/holds", {**first, "unit_id": other})
    night.colleagues["calltaker"].call("DELETE", f"/holds/{hold['id']}")
    hold = night.call(("put:after",), "calltaker", "POST", "/holds", first)
    body = {"hold_id": hold["id"]}
    booking = night.call(commit("booking.made"), "calltaker", "POST", "/bookings", body)
    about = f"/bookings/{booking['id']}"
    page = {"purpose": "access"}
    link = night.call(commit("page.linked"), "calltaker", "POST", f"{about}/links", page)
    assert link["url"].startswith(f"{mortal.url}/p/")
    person = f"{about}/persons/{booking['persons'][0]}"
    night.call(commit("person.identified"), "calltaker", "PUT", person, JAN)
    door = {"problem": "key_fails"}
    booking = night.call(commit("booking.moved"), "calltaker", "POST", f"{about}/move", door)
    about = f"/bookings/{booking['id']}"
    night.call(commit("booking.check_in"), "calltaker", "POST", f"{about}/check-in", {})

    mortal.kill()
    mortal.start(load=False)
    mortal.move_clock(MONDAY)
    worker, coordinator = night.colleagues["support_worker"], night.colleagues["coordinator"]
    [handover] = worker.call("GET", "/handovers")
    about_case = f"/handovers/{handover['id']}"
    night.call(commit("handover.acknowledge"), "support_worker", "POST", f"{about_case}/acknowledge", {})
    night.call(commit("booking.extended"), "coordinator", "POST", f"{about}/extend", {})
    ended = {"outcome": "own_network", "solved": "yes"}
    night.call(commit("handover.outcome"), "support_worker", "POST", f"{about_case}/outcome", ended)
    night.call(commit("booking.check_out"), "support_worker", "POST", f"{about}/check-out", {})

    assert mortal.died_at == POINTS_OF_CALLS
    mortal.kill()
    mortal.start(load=False)
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
