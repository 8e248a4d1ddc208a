"""Marked names, addresses, codes and reasons, also typed and sent to the bot: none leaves by chat or mail."""

from pathlib import Path

import pytest

from tests.scenarios.canaries import (
    ADDRESS,
    CANARIES,
    GIVEN,
    KEY,
    PHONE,
    REASON,
    SAID,
    SURNAME,
    a_full_night,
    marked_region,
    nothing_lies_open,
)
from tests.scenarios.night_by_messenger import Night, Somebody, with_messenger_and_mail
from tests.support.bot_api import BotApi
from tests.support.mail_beside import Beside
from tests.support.program import Program
from tests.support.warm import Warm

FILE = {"file_id": "a", "file_unique_id": "b"}
SENT = (
    {"document": {**FILE, "file_name": f"{ADDRESS}.pdf"}, "caption": REASON},
    {"photo": [{**FILE, "width": 9, "height": 9}], "caption": f"{GIVEN} {SURNAME}"},
    {"contact": {"phone_number": PHONE, "first_name": GIVEN, "last_name": SURNAME}},
    {"venue": {"location": {"latitude": 50.9, "longitude": 3.2}, "title": SAID, "address": ADDRESS}},
    {"text": SAID, "forward_origin": {"type": "hidden_user", "date": 0, "sender_user_name": SURNAME}},
)
"""What a telephone sends beside words."""


def says_too_much(somebody: Somebody, after: str = "Ik lees alleen knoppen") -> None:
    """Everything that has no place in a chat, at the screen that is there."""
    phone = somebody.phone
    for canary in CANARIES:
        phone.types(canary)
    phone.types(f"/start {SAID}")
    phone.types(f"/{SAID}")
    phone.taps_data(SAID)
    for content in SENT:
        phone.sends(**content)
    somebody.night.rests()
    phone.reads()
    phone.types(KEY)
    somebody.hears(after)


@pytest.mark.timeout(300)
def test_nothing_personal_leaves_by_messenger_or_mail(tmp_path: Path, warm: Warm) -> None:
    post = Beside()
    with BotApi(patience=60) as api:
        settings = with_messenger_and_mail(api, post, LOG_LEVEL="DEBUG")
        program = Program(tmp_path / "data", region=marked_region(tmp_path), warm=warm, settings=settings)
        try:
            night = Night(program, api, post, called=f"{GIVEN} {SURNAME}")
            night.begins()
            for somebody in (night.police, night.dina, night.eef, night.hanne, night.kaat):
                says_too_much(somebody)
            night.dina.walks(("Nieuwe vraag", "Met wie spreek je?"), ("Politie", "Is er nu gevaar"))
            says_too_much(night.dina)
            stranger = api.person(f"{GIVEN} {SURNAME}")
            stranger.types(SAID)
            stranger.gets("Deze bot is voor medewerkers")
            stranger.types(f"{SURNAME}, {ADDRESS}", api.group(ADDRESS, stranger))
            chats = a_full_night(program)
            night.rests()
            read = {each.label: [bubble.text for bubble in each.phone.reads()] for each in night.all.values()}
            assert all(read[each.label] for each in (night.police, night.ine, night.kaat)), read
            assert len(post.server.taken) >= 5
            nothing_lies_open(
                program,
                chats=chats,
                messenger=api.sent(),
                mail="".join(
                    mail.raw.decode() + mail.part("plain") + mail.part("html") for mail in post.server.taken
                ),
            )
            assert api.token not in program.log.read_text("utf-8")
        finally:
            program.close()
            post.close()
