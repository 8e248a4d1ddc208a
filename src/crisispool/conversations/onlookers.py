"""Who only wants to know what is here: one screen with the numbers to call."""

from crisispool.conversations.engine import Place, go
from crisispool.conversations.vocabulary import Screen, Session, Situation


def _plain_menu(key: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        return Screen(key, {"desk": situation.desk_phone})

    return Place(show, lambda session, code, situation: go(session, key))


PLACES: dict[str, Place] = {key: _plain_menu(key) for key in ("council.menu", "admin.menu", "start.nobody")}
