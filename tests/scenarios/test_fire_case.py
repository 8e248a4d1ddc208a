"""The fire case, from the call at 02:04 to the outcome on Monday: typed, as JSON, and through the interface."""

import json
import re
import tomllib
from typing import Any

from tests.scenarios.people import FIRE, FIRE_REQUEST, SCREENED, Browser, Colleague, everything, rows
from tests.support.program import PILOT, ROOT, Program

UNIT = next(
    unit for unit in tomllib.loads(PILOT.read_text("utf-8"))["units"] if unit["id"] == "ingelmunster-03"
)
MONDAY_0800 = "2026-11-30T08:00+01:00"
NIGHTS = ["2026-11-27", "2026-11-28", "2026-11-29"]
MORNING = (
    "1", "Wij nemen dit op, ik begeleid", "Eerste contact gehad", "Hoe liep het af?", "Bij familie of vrienden", "Ja",
)  # fmt: skip


def typed(program: Program, who: str, *lines: str) -> str:
    """What `chat` printed for these lines."""
    done = program.command("chat", "--as", who, heard="".join(f"{line}\n" for line in lines))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def as_json(program: Program, who: str, *lines: str) -> list[dict[str, Any]]:
    """What `chat --json` printed."""
    done = program.command("chat", "--as", who, "--json", heard="".join(f"{line}\n" for line in lines))
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def look_at_address_and_key(program: Program, link: str) -> None:
    """A preview shows a button and changes nothing; the button shows it, and to this browser alone."""
    before = everything(program)
    preview = Browser()
    status, front = preview.get(link)
    assert status == 200
    assert "<button" in front and 'method="post"' in front
    assert UNIT["address"] not in front and UNIT["key"] not in front
    assert preview.get(link)[0] == 200
    assert everything(program) == before

    phone = Browser()
    phone.get(link)
    status, page = phone.press(link)
    assert status == 200
    assert UNIT["address"] in page and UNIT["key"] in page
    assert UNIT["address"] in phone.get(link)[1]
    assert UNIT["address"] not in preview.get(link)[1]
    status, other = Browser().press(link)
    assert status == 404 and UNIT["address"] not in other
    looks = rows(program, "SELECT count(*) FROM audit_entries WHERE action = 'page.viewed'")
    assert looks == [(2,)]


def one_handover_for_both(program: Program) -> dict[str, Any]:
    """What the coordinator sees at 08:00."""
    [handover] = Colleague(program, "coordinator").call("GET", "/handovers")
    assert {each["organisation_id"] for each in handover["recipients"] if each["delivered_at"]} == {
        "ocmw-ingelmunster",
        "caw-de-regio",
    }
    [leads] = [each["organisation_id"] for each in handover["recipients"] if each["leads"]]
    assert leads == "ocmw-ingelmunster"
    assert handover["state"] == "delivered" and handover["admitted"]
    assert handover["delivered_at"].startswith("2026-11-30T07:00")
    assert handover["checkout"] == "2026-11-30"
    for worker in ("support_worker", "support_worker_ingelmunster"):
        assert Colleague(program, worker).told() == ["handover"]
    return dict(handover)


def test_typed_in_the_chat_it_is_booked_in_fifteen_answers_and_solved_on_monday(program: Program) -> None:
    program.start()
    assert len(FIRE) <= 15
    said = typed(program, "calltaker", *FIRE)
    assert "De nachten van vrijdag 27, zaterdag 28 en zondag 29 november, tot maandag 30 november, 10" in said
    assert re.search(r"Geboekt, IZ-[A-Z0-9]{4}: tot maandag 30 november, 10 uur", said)
    [link] = re.findall(r"↗ Adres en sleutel, \S+:\s+(\S+)", said)
    look_at_address_and_key(program, link)
    said += typed(program, "calltaker", "Ja, aangekomen")
    assert "ze zijn binnen" in said
    assert rows(program, "SELECT state, night, checkout, unit_id FROM bookings") == [
        ("checked_in", "2026-11-27", "2026-11-30", UNIT["id"])
    ]
    assert [night for (night,) in rows(program, "SELECT night FROM unit_nights ORDER BY night")] == NIGHTS
    assert [night for (night,) in rows(program, "SELECT night FROM person_nights WHERE person_id IN "
                                       "(SELECT id FROM persons WHERE adult) ORDER BY night")] == NIGHTS  # fmt: skip

    program.move_clock(MONDAY_0800)
    one_handover_for_both(program)
    owner = typed(program, "unit_manager")
    assert "Ingelmunster, gezinswoning 3: 3 personen vertrekken maandag 30 november om 10 uur" in " ".join(
        owner.split()
    )
    ended = typed(program, "support_worker_ingelmunster", *MORNING)
    assert "is opgenomen. Bedankt." in ended
    assert "is afgesloten. Bedankt" in ended
    [handover] = Colleague(program, "coordinator").call("GET", "/handovers?all=true")
    assert (handover["accepted_by"], handover["worker_id"]) == (
        "ocmw-ingelmunster",
        "support_worker_ingelmunster",
    )
    assert (handover["outcome"], handover["solved"], handover["state"]) == ("own_network", "yes", "closed")
    assert "accepted_by_other" in Colleague(program, "support_worker").told()

    everybody = "".join(
        typed(program, who) for who in ("calltaker", "coordinator", "referrer", "support_worker")
    )
    outbox = str(rows(program, "SELECT * FROM outbox"))
    log = program.log.read_text("utf-8")
    for secret in (UNIT["address"], UNIT["key"], link.rpartition("/")[2]):
        assert secret not in outbox and secret not in log
    for secret in (UNIT["address"], UNIT["key"], UNIT["backup_key_phone"], UNIT["night_contact"]):
        assert secret not in said + owner + ended + everybody
    assert program.command("verify").returncode == 0


def test_as_json_the_same_answers_lead_to_the_same_bed(program: Program) -> None:
    program.start()
    screens = as_json(program, "calltaker", *FIRE, "Ja, aangekomen")
    assert [screen["key"] for screen in screens] == [
        "desk.menu",
        *(
            f"night_desk.{question}"
            for question in (
                "caller", "danger", "household", "whereabouts", "kind", "elsewhere", "unsafe", "origin", "yesterday",
                "consent", "needs", "proposals", "book",
            )
        ),
        "booking.booked",
        "booking.arrived",
    ]  # fmt: skip
    assert all(set(screen) == {"key", "text", "choices", "links"} for screen in screens)
    assert all(set(choice) == {"id", "label"} for screen in screens for choice in screen["choices"])
    booked = screens[-2]
    links = {link["label"]: link["url"] for link in booked["links"]}
    assert {label.rpartition(", ")[0] for label in links} == {"Adres en sleutel", "Gegevens invullen"}
    program.move_clock(MONDAY_0800)
    one_handover_for_both(program)
    screens = as_json(program, "support_worker_ingelmunster", *MORNING)
    assert screens[-1]["key"] == "morning.case"
    [handover] = Colleague(program, "coordinator").call("GET", "/handovers?all=true")
    assert (handover["state"], handover["solved"]) == ("closed", "yes")


def test_through_the_interface_with_tokens_from_the_command(program: Program) -> None:
    program.start()

    def colleague(who: str) -> Colleague:
        made = program.command("token", "create", "--person", who)
        assert made.returncode == 0
        return Colleague(program, token=made.stdout.splitlines()[-1])

    referrer, desk, worker = (
        colleague(who) for who in ("referrer", "calltaker", "support_worker_ingelmunster")
    )
    asked = referrer.call("POST", "/requests", FIRE_REQUEST)
    assert asked["night"] == "2026-11-27" and len(asked["persons"]) == 1
    assert desk.call("POST", f"/requests/{asked['id']}/take", {})["taken_by"] == "calltaker"
    assert desk.call("POST", f"/requests/{asked['id']}/screening", SCREENED)["result"] == "ok"
    best = desk.call("GET", f"/availability?request_id={asked['id']}")["proposals"][0]
    assert best["unit_id"] == UNIT["id"] and best["sentence"]
    hold = desk.call("POST", "/holds", {"request_id": asked["id"], "unit_id": best["unit_id"]})
    booking = desk.call("POST", "/bookings", {"hold_id": hold["id"]})
    assert (booking["nights"], booking["checkout"], booking["state"]) == (NIGHTS, "2026-11-30", "booked")
    assert booking["persons"] == asked["persons"]

    link = referrer.call("POST", f"/bookings/{booking['id']}/links", {"purpose": "access"})["url"]
    look_at_address_and_key(program, link)
    adult = asked["persons"][0]
    given = desk.call(
        "PUT",
        f"/bookings/{booking['id']}/persons/{adult}",
        {"given_name": "Noor", "surname": "D’Hondt", "birth_date": "1990-05-17", "phone": "0470 00 00 00"},
    )
    assert (given["known"], given["alert"]) == (False, False)
    assert referrer.call("POST", f"/bookings/{booking['id']}/check-in", {})["state"] == "checked_in"

    for afternoon in ("2026-11-28T16:10:00+01:00", "2026-11-29T16:10:00+01:00"):
        desk.call("POST", "/training/clock", {"now": afternoon})
        [call] = desk.call("GET", "/care")
        assert (call["reference"], call["adults"], call["children"]) == (booking["reference"], 1, 2)
        assert desk.call("POST", f"/bookings/{booking['id']}/care", {"answer": "well"})["state"] == "well"
    desk.call("POST", "/training/clock", {"now": MONDAY_0800})
    handover = one_handover_for_both(program)
    assert worker.call("GET", "/handovers")[0]["id"] == handover["id"]
    path = f"/handovers/{handover['id']}"
    status, refused = worker.ask("POST", f"{path}/contact", {})
    assert (status, refused["code"]) == (409, "not_accepted")
    assert worker.call("POST", f"{path}/acknowledge", {})["worker_id"] == "support_worker_ingelmunster"
    page = worker.call("POST", f"{path}/links", {})["url"]
    browser = Browser()
    browser.get(page)
    case = browser.press(page)[1]
    assert "Noor D’Hondt" in case and UNIT["address"] in case
    assert worker.call("POST", f"{path}/contact", {})["contacted_at"].startswith("2026-11-30T07:0")
    ended = worker.call("POST", f"{path}/outcome", {"outcome": "private_rent", "solved": "yes"})
    assert (ended["state"], ended["outcome"], ended["solved"]) == ("closed", "private_rent", "yes")
    assert worker.call("GET", "/handovers") == []
    program.move_clock("2026-11-30T13:00+01:00")
    assert Colleague(program, "coordinator").told() == []
    assert program.command("verify").returncode == 0


def blocks_of_the_readme() -> list[list[str]]:
    """The commands of ours that the README types, block by block."""
    blocks: list[list[str]] = [[]]
    for line in (ROOT / "README.md").read_text("utf-8").splitlines():
        if line.startswith("    .venv/bin/crisispool "):
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def run_line(program: Program, line: str) -> str:
    """What a line of the README says on its standard output."""
    words, _, file = line.partition(" < ")
    heard = (ROOT / file).read_text("utf-8") if file else ""
    done = program.command(*words.split()[1:], heard=heard)
    refused = "--used" in line
    assert (done.returncode, done.stderr) == (int(refused), ""), (line, done)
    return done.stdout


def test_the_readme_can_be_typed_as_it_stands_and_its_scripted_night_ends_with_a_closed_case(
    program: Program,
) -> None:
    program.start()
    blocks = blocks_of_the_readme()
    [script] = [block for block in blocks if " < " in block[0]]
    said = "".join(run_line(program, line) for line in script)
    assert "Geboekt, IZ-" in said and "ze zijn binnen" in said
    assert "is afgesloten. Bedankt" in said
    assert rows(program, "SELECT state, solved FROM handovers") == [("closed", "yes")]

    others = [line for block in blocks if block != script for line in block]
    assert len(others) >= 4
    assert '"code": "stay_limit"' in "".join(run_line(program, line) for line in others)
    token = program.command("token", "create", "--person", "calltaker").stdout.splitlines()[-1]
    assert program.call("GET", "/availability", token=token)["proposals"]
