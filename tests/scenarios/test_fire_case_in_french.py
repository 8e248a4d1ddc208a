"""The fire case in French: typed at the terminal, on its pages, through the interface; the morning in English."""

import re

from tests.scenarios.people import Browser, Colleague
from tests.support.program import Program
from tests.texts.test_languages import DUTCH

FEU = (
    "Nouvelle demande", "Police", "Non", "Parent + 2 enfants", "Ingelmunster", "Incendie, eau ou logement fermé",
    "Non", "Rien de tout cela", "Dans la même commune", "Non", "Lit et contact", "Rien de particulier", "1", "Réserver",
    "Oui, ils sont arrivés",
)  # fmt: skip
MONDAY_0800 = "2026-11-30T08:00+01:00"


def typed(program: Program, who: str, *lines: str) -> str:
    """What `chat` printed for these lines."""
    done = program.command("chat", "--as", who, heard="".join(f"{line}\n" for line in lines))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_night_in_french_and_a_morning_in_english(program: Program) -> None:
    program.start()
    assert "Désormais en français." in typed(program, "calltaker", "taal", "Français")
    said = typed(program, "calltaker", *FEU)
    assert "Réservé, IZ-" in said and "jusqu’au lundi 30 novembre, 10 h" in said
    assert "\nretour · recommencer · aide · stop\n" in said
    _, _, talk = said.partition("\n")
    assert not DUTCH.search(talk.replace("woning", "")), "the name of a unit is nobody's language"

    calltaker, other = Colleague(program, "calltaker"), Colleague(program, "calltaker_2")
    assert calltaker.call("GET", "/me")["language"] == "fr"
    [booking] = calltaker.call("GET", "/bookings")
    link = calltaker.call("POST", f"/bookings/{booking['id']}/links", {"purpose": "identity"})
    assert link["label"] == "Compléter les données"
    page = Browser().get(link["url"])[1]
    assert '<html lang="fr">' in page and "Compléter les données" in re.sub("<[^>]*>", " ", page)

    asked = "/stay?night=2026-11-26&used=2026-11-23,2026-11-24,2026-11-25"
    assert calltaker.call("GET", asked)["sentence"].startswith("Ce n’est pas possible : lundi 23")
    assert other.call("GET", asked)["sentence"].startswith("Dit kan niet: maandag 23")
    status, problem = calltaker.ask("GET", "/bookings/01JNOTTHERE0000000000000XX")
    assert (status, problem["code"], problem["title"]) == (404, "not_there", "Introuvable")

    worker = Colleague(program, "support_worker")
    assert worker.call("PUT", "/me/language", {"language": "en"}) == {"language": "en"}
    program.move_clock(MONDAY_0800)
    told = typed(program, "support_worker")
    assert "Good morning." in told and "1 adult and 2 children got a bed these past nights" in told
    assert "New message" in told and "1 waits" not in told
