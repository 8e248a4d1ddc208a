"""The last free unit, wanted by several at the same moment, through two services on one record."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from tests.scenarios.people import Colleague, rows
from tests.support.program import Program
from tests.support.warm import Warm

T = TypeVar("T")

LAST, SECOND = "ingelmunster-03", "izegem-05"
OTHERS = ("wielsbeke-02", "izegem-11")
MOTHER = (
    "Nieuwe vraag", "Politie", "Nee", "Ouder + 2 kinderen", "Ingelmunster", "Brand, water of woning afgesloten",
    "Nee", "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact", "Niets bijzonders",
)  # fmt: skip
FATHER = (
    "Nieuwe vraag", "Ziekenhuis", "Nee", "Ouder + 1 kind", "Ingelmunster", "Ruzie of breuk", "Nee", "Niets hiervan",
    "Izegem", "Nee", "Bed en contact", "Niets bijzonders",
)  # fmt: skip
FIRST_SENTENCES = (
    "Iemand anders legde dit bed net vast.",
    "Iemand anders boekte dit bed net.",
    "Iemand anders was net eerst: dit bed is niet meer vrij.",
    "De 10 minuten zijn voorbij, het bed is weer vrij. Kies opnieuw.",
)
NOTHING_FREE = "Er is vannacht geen bed vrij dat past."


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[tuple[Program, Program]]:
    """Two processes that serve one set-up."""
    folder = tmp_path_factory.mktemp("services") / "data"
    first, second = (Program(folder, warm=warm) for _ in range(2))
    first.start()
    second.start(load=False)
    yield first, second
    second.kill()
    first.close()


@pytest.fixture
def services(both: tuple[Program, Program]) -> tuple[Program, Program]:
    """Nobody is in a bed and nobody waits for one."""
    coordinator = Colleague(both[0], "coordinator")
    for booking in coordinator.call("GET", "/bookings"):
        coordinator.call("POST", f"/bookings/{booking['id']}/cancel", {})
    for request in coordinator.call("GET", "/requests"):
        coordinator.call("POST", f"/requests/{request['id']}/withdraw", {})
    return both


def calltakers(services: tuple[Program, Program]) -> tuple[Colleague, Colleague]:
    """One at each service, who never talked before."""
    first, second = (
        Colleague(
            service, token=service.command("token", "create", "--role", "calltaker").stdout.splitlines()[-1]
        )
        for service in services
    )
    return first, second


def at_the_same_moment(*doing: Callable[[], T]) -> list[T]:
    """What each of them came to, in their order."""
    ready = threading.Barrier(len(doing))
    done: dict[int, T] = {}

    def do(number: int) -> None:
        ready.wait()
        done[number] = doing[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(doing))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(doing)
    return [done[number] for number in range(len(doing))]


def leave_free(program: Program, *unit_ids: str) -> None:
    """Of the units that are free at the start of the training only these are."""
    coordinator = Colleague(program, "coordinator")
    for unit_id in (LAST, SECOND, *OTHERS):
        unit = coordinator.call("GET", f"/units/{unit_id}")
        status = "free" if unit_id in unit_ids else "out_of_service"
        said = {"status": status, "version": unit["version"]}
        coordinator.call("PUT", f"/units/{unit_id}/status", said)


def to_proposals(desk: Colleague, lines: tuple[str, ...]) -> None:
    desk.say("", *lines)
    if desk.screen["key"] == "night_desk.same_household":
        desk.say("Nee, andere mensen")
    assert desk.screen["key"] == "night_desk.proposals", desk.screen["text"]


def keys(desks: tuple[Colleague, Colleague]) -> list[str]:
    return sorted(desk.screen["key"] for desk in desks)


def lost_in_one_sentence(screen: dict[str, Any]) -> None:
    """Who was second is told why, once, and what can be done now."""
    first_line = screen["text"].split("\n")[0]
    assert first_line in FIRST_SENTENCES, screen["text"]
    assert sum(screen["text"].count(sentence) for sentence in FIRST_SENTENCES) == 1


def test_two_who_choose_the_last_unit_at_once_get_one_hold_and_the_cascade(
    services: tuple[Program, Program],
) -> None:
    leave_free(services[0], LAST)
    desks = calltakers(services)
    to_proposals(desks[0], MOTHER)
    to_proposals(desks[1], FATHER)
    for _ in range(4):
        at_the_same_moment(lambda: desks[0].say("1"), lambda: desks[1].say("1"))
        assert keys(desks) == ["night_desk.book", "night_desk.nothing_free"]
        winner, loser = sorted(desks, key=lambda desk: desk.screen["key"])
        lost_in_one_sentence(loser.screen)
        assert NOTHING_FREE in loser.screen["text"]
        assert rows(services[0], "SELECT count(*) FROM holds WHERE ended_at IS NULL") == [(1,)]
        winner.say("Ander bed")
        loser.say("Zoek opnieuw")
        assert keys(desks) == ["night_desk.proposals"] * 2


def test_two_who_confirm_the_last_unit_at_once_get_one_booking_and_the_cascade(
    services: tuple[Program, Program],
) -> None:
    leave_free(services[0], LAST)
    desks = calltakers(services)
    to_proposals(desks[0], MOTHER)
    to_proposals(desks[1], FATHER)
    minute = 10
    for _ in range(3):
        # Each hold lapses, so that both stand before the question whether to book.
        for desk in desks:
            desk.say("1")
            minute += 11
            services[0].move_clock(f"2026-11-28T{2 + minute // 60:02}:{minute % 60:02}+01:00")
            assert desk.screen["key"] == "night_desk.book"
        at_the_same_moment(lambda: desks[0].say("Boek"), lambda: desks[1].say("Boek"))
        assert keys(desks) == ["booking.booked", "night_desk.nothing_free"]
        winner, loser = sorted(desks, key=lambda desk: desk.screen["key"])
        lost_in_one_sentence(loser.screen)
        assert rows(services[0], "SELECT unit_id FROM bookings WHERE state = 'booked'") == [(LAST,)]
        winner.say("Annuleer", "Ja, annuleer")
        winner.say("Verder zoeken")
        loser.say("Zoek opnieuw")
        assert keys(desks) == ["night_desk.proposals"] * 2


def test_who_is_second_is_shown_the_next_best_unit(services: tuple[Program, Program]) -> None:
    leave_free(services[0], LAST, SECOND)
    desks = calltakers(services)
    to_proposals(desks[0], MOTHER)
    to_proposals(desks[1], FATHER)
    assert all(desk.own_choices()[0]["label"].startswith("Ingelmunster") for desk in desks)
    at_the_same_moment(lambda: desks[0].say("1"), lambda: desks[1].say("1"))
    winner, loser = sorted(desks, key=lambda desk: desk.screen["key"])
    assert keys(desks) == ["night_desk.book", "night_desk.proposals"]
    lost_in_one_sentence(loser.screen)
    assert loser.own_choices()[0]["label"].startswith("Izegem, woning 5")
    assert loser.say("1", "Boek")["key"] == winner.say("Boek")["key"] == "booking.booked"
    assert sorted(rows(services[0], "SELECT unit_id FROM bookings WHERE state = 'booked'")) == [
        (LAST,),
        (SECOND,),
    ]


def test_sixteen_who_book_one_unit_at_once_through_the_interface_make_one_booking(
    services: tuple[Program, Program],
) -> None:
    desks = [
        Colleague(service, who) for service in services for who in ("calltaker", "calltaker_2", "coordinator")
    ]
    callers = [desks[number % len(desks)] for number in range(16)]
    requests = [callers[number].request(adults=1 + number % 4) for number in range(16)]
    leave_free(services[0], LAST)
    for _ in range(3):
        answers = at_the_same_moment(
            *(
                lambda desk=desk, request=request: desk.ask(
                    "POST", "/bookings", {"request_id": request["id"], "unit_id": LAST}
                )
                for desk, request in zip(callers, requests, strict=True)
            )
        )
        made = [answer for status, answer in answers if status == 201]
        lost = [(status, answer) for status, answer in answers if status != 201]
        assert len(made) == 1
        assert {status for status, _ in lost} == {409}, lost
        assert {answer["code"] for _, answer in lost} <= {"no_longer_free", "unit_booked", "unit_held"}
        assert all(answer["detail"] in FIRST_SENTENCES for _, answer in lost), lost
        assert rows(services[0], "SELECT count(*), count(DISTINCT booking_id) FROM unit_nights") == [(3, 1)]
        desks[0].call("POST", f"/bookings/{made[0]['id']}/cancel", {})
    assert services[0].command("verify").returncode == 0
