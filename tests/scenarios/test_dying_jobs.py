"""Job processes that die at every point of what falls due, beside another one: each thing done and told once."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.scenarios.people import Colleague, make_free_again, rows
from tests.support.mortal import DUE, POINTS_OF_JOBS, Mortal, commit
from tests.support.warm import Warm

FRIDAY = "2026-11-27T22:00+01:00"
KEYS = {
    "message.arrival_question", "message.handover", "message.handover_backup", "message.handover_contact",
    "message.handover_coordinator", "message.contact_overdue", "message.owner_morning",
}  # fmt: skip
Told = Counter[tuple[str, str, int]]


def a_weekend(program: Mortal) -> None:
    """Three in a bed, one turned away who may be called, a hold that nobody uses, a request that nobody takes."""
    desk = Colleague(program, "calltaker")
    family = desk.request(adults=1, children=2, origin="36007", whereabouts="36007", kind="fire_water_closed")
    desk.book(family)
    desk.book(desk.request(adults=2, origin="36008"))
    desk.book(desk.request(adults=1, origin="outside", kind="homeless"))
    turned_away = desk.request(adults=1, origin="37017", kind="other", contact_consent=True)
    said = {"code": "no_unit", "contact_consent": True, "alternative": "night_shelter"}
    desk.call("POST", f"/requests/{turned_away['id']}/refusal", said)
    hesitating = desk.request(adults=1)
    unit = desk.proposed(hesitating)[0]
    desk.call("POST", "/holds", {"request_id": hesitating["id"], "unit_id": unit})
    desk.call("POST", f"/requests/{hesitating['id']}/withdraw", {})
    Colleague(program, "referrer").request(adults=1, referrer="police")


def told(program: Mortal) -> Told:
    """How often each recipient was told each thing about the first, the second… of its kind."""
    numbers: dict[str, int] = {}
    for query in (
        "SELECT id FROM requests ORDER BY created_at",
        "SELECT id FROM bookings ORDER BY at",
        "SELECT h.id FROM handovers h JOIN cases c ON c.id = h.case_id ORDER BY c.opened_at",
    ):
        numbers |= {found: number for number, (found,) in enumerate(rows(program, query))}
    found = rows(program, "SELECT recipient_id, key, about_id FROM outbox")
    return Counter(
        (who, key.removeprefix("message."), numbers[about]) for who, key, about in found if key in KEYS
    )


def done(program: Mortal) -> Counter[tuple[str, str]]:
    """How often each thing that nobody did by hand stands in the audit chain, by what it is about."""
    query = "SELECT action, subject_id FROM audit_entries WHERE actor = 'crisispool'"
    return Counter((action, about) for action, about in rows(program, query) if action in DUE)


def at_once(*programs: Mortal) -> None:
    """Start the due work in these processes at the same moment; it is done once by the time they are ready."""
    starting = [threading.Thread(target=begin, args=(program,)) for program in programs]
    for each in starting:
        each.start()
    for each in starting:
        each.join()


def begin(program: Mortal) -> None:
    """One that has a fault may die before it is ready."""
    try:
        program.start("--only", "jobs", load=False)
    except AssertionError:
        assert program.fault, program.said
        program.dead()


def settle(web: Mortal, one: Mortal, other: Mortal) -> None:
    """Both at once, then one alone until it finds nothing more to do."""
    before, together = (told(web), done(web)), [one, other]
    while True:
        at_once(*together)
        for each in together:
            each.kill()
        if (after := (told(web), done(web))) == before:
            return
        before, together = after, [other]


MOMENTS = (
    ("2026-11-27T22:06+01:00", commit("request.backup")),
    ("2026-11-27T22:20+01:00", (*commit("unit.lapsed"), *commit("message.arrival_question"))),
    ("2026-11-30T08:00+01:00",
     ("handover.made:before_commit", "handover.made:after_commit#2", "message.handover:before_commit#2",
      "message.handover:after_commit#3")),
    ("2026-11-30T09:15+01:00", commit("handover.backup")),
    ("2026-11-30T10:00+01:00", ("handover.coordinator:before_commit#2", "handover.coordinator:after_commit")),
    ("2026-11-30T12:00+01:00", commit("handover.contact_overdue")),
)  # fmt: skip
"""When something falls due, and where the process dies that does it."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[tuple[Told, Counter[str]]]:
    """What is told and done when nobody dies."""
    program = Mortal(tmp_path_factory.mktemp("undisturbed") / "data", warm)
    program.start("--clock", FRIDAY)
    a_weekend(program)
    for moment, _ in MOMENTS:
        program.move_clock(moment)
    yield told(program), actions(program)
    program.close()


def actions(program: Mortal) -> Counter[str]:
    """How often each thing was done, whatever it is about."""
    return Counter(action for action, _ in done(program).elements())


@pytest.mark.parametrize(
    "mortal",
    ["sqlite", pytest.param("postgresql", marks=(pytest.mark.postgres, pytest.mark.soak))],
    indirect=True,
)
def test_every_case_is_handed_over_once_and_every_message_told_once_wherever_a_job_process_dies(
    mortal: Mortal, undisturbed: tuple[Told, Counter[str]]
) -> None:
    mortal.start("--only", "web", "--clock", FRIDAY)
    a_weekend(mortal)
    dying, other = mortal.another(), mortal.another()
    for moment, points in MOMENTS:
        mortal.move_clock(moment)
        for point in points:
            dying.fault = point
            begin(dying)
            assert not dying.fault, f"it never came to {point}"
        settle(mortal, dying, other)
    assert dying.died_at == POINTS_OF_JOBS
    assert max(done(mortal).values()) == 1
    assert (told(mortal), actions(mortal)) == undisturbed
    checked = mortal.command("verify")
    assert checked.returncode == 0, checked.stdout


CLOCK_CHANGES = (
    # when they called, the holiday, the morning, when it was told (UTC)
    (("2027-03-28T01:50+01:00", "2027-03-28T03:10+02:00"), "2027-03-29T08:00+02:00",
     "2027-03-30T{}+02:00", "2027-03-30T06:00"),
    (("2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00"), "2027-11-01T08:00+01:00",
     "2027-11-02T{}+01:00", "2027-11-02T07:00"),
)  # fmt: skip


@pytest.mark.parametrize(
    "mortal",
    [pytest.param("sqlite", marks=pytest.mark.soak), pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)
def test_a_case_of_the_night_of_a_clock_change_is_handed_over_once_by_two_processes_of_which_one_dies(
    mortal: Mortal,
) -> None:
    mortal.start("--only", "web")
    desk = Colleague(mortal, "calltaker")
    coordinator, jobs = Colleague(mortal, "coordinator"), (mortal.another(), mortal.another())
    handed_over = 0
    for calls, holiday, morning, due in CLOCK_CHANGES:
        for moment, unit in zip(calls, ("ingelmunster-03", "izegem-05"), strict=True):
            mortal.move_clock(moment)
            desk.book(desk.request(), unit)
        for moment in (holiday, morning.format("07:59")):
            mortal.move_clock(moment)
            settle(mortal, *jobs)
            assert actions(mortal)["handover.made"] == handed_over, moment
        mortal.move_clock(morning.format("08:00"))
        jobs[0].fault = "handover.made:after_commit"
        settle(mortal, *jobs)
        handed_over += len(calls)
        assert actions(mortal)["handover.made"] == handed_over
        made = coordinator.call("GET", "/handovers")
        assert [each["delivered_at"][:16] for each in made] == [due] * len(calls)
        for each in made:
            coordinator.call("POST", f"/handovers/{each['id']}/acknowledge", {"named": False})
            coordinator.call(
                "POST", f"/handovers/{each['id']}/outcome", {"outcome": "other", "solved": "yes"}
            )
        for booking in coordinator.call("GET", "/bookings"):
            make_free_again(coordinator, booking)
    assert max(done(mortal).values()) == 1
    assert max(times for (_, key, _), times in told(mortal).items() if key.startswith("handover")) == 1
    assert mortal.command("verify").returncode == 0
