"""The small talks: who only wants to know what is here."""

from crisispool.conversations.engine import Place, go
from crisispool.conversations.vocabulary import Screen, Session, Situation


def _plain_menu(key: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        return Screen(key, {"desk": situation.desk_phone})

    return Place(show, lambda session, code, situation: go(session, key))


PLACES: dict[str, Place] = {
    "council.menu": _plain_menu("council.menu"),
    "admin.menu": _plain_menu("admin.menu"),
    "start.nobody": _plain_menu("start.nobody"),
}
