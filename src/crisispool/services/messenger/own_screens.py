"""The few screens that belong to no talk: who waits to be let in, and the end of a link."""

from dataclasses import replace
from typing import Final

from crisispool.conversations.vocabulary import Choice, Expects, Say, Screen

OWN: Final = "b."
"""How the id of a choice of such a screen begins."""

UNLINK, STAY, MENU = f"{OWN}unlink", f"{OWN}stay", f"{OWN}menu"


def _choice(code: str) -> Choice:
    return Choice(code, f"choice_bot.{code}", id=f"{OWN}{code}")


UNLINK_ASKED: Final = Screen("bot.unlink", choices=(_choice("unlink"), _choice("stay")))
WENT_WRONG: Final = Screen("bot.set_aside", expects=Expects.NOTHING)


def waiting(code: str) -> Screen:
    """What a newcomer sees until a coordinator decides: the code to read out."""
    return Screen("bot.waiting", {"entry_code": code}, expects=Expects.NOTHING)


def role_asked(code: str) -> Screen:
    """What a colleague sees who asked for one more role: the code, and the way back to work."""
    return Screen("bot.role_asked", {"entry_code": code}, choices=(_choice("menu"),))


def noted(screens: list[Screen], key: str) -> list[Screen]:
    """The same, with one sentence before the last."""
    *before, last = screens
    return [*before, replace(last, notes=(Say(key), *last.notes))]
