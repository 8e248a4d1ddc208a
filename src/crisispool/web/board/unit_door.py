"""Address, key and contacts of one unit, for who proved a moment ago who they are."""

from aiohttp import web

from crisispool.web.board.page import Visit
from crisispool.web.schemas import DoorBody


async def shown(visit: Visit) -> web.StreamResponse:
    """What stands there now; every look is audited."""
    found = await visit.app.keeping.doors.view(visit.actor, visit.path["id"])
    passed, now = "body" in visit.wrong, found.door.seen if found.door else ""
    seen = now if passed else visit.form.get("seen", now)
    return visit.show("board/unit_door.html", unit=found, door=found.door, seen=seen, passed=passed)


async def changed(visit: Visit) -> web.StreamResponse:
    """What stands there from now on."""
    unit_id = visit.path["id"]
    ask = visit.given(DoorBody).ask()
    await visit.app.keeping.doors.change(visit.actor, visit.operation_id, unit_id, ask)
    return visit.go(f"/units/{unit_id}", done="door_changed")
