"""References that may be one person: proposed, merged, and parted again."""

from crisispool.services.answers import LikenessAnswer, MergeAnswer
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import MergeBody, Nothing


async def alike(call: Call[NoQuery]) -> list[LikenessAnswer]:
    """Pairs of references that may be one person; a person decides."""
    return await call.app.merges.alike(call.actor)


async def merged(call: Call[MergeBody]) -> MergeAnswer:
    """The first reference is from now on known as the second."""
    return await call.app.merges.merge(call.actor, call.operation_id, call.given.ask())


async def parted(call: Call[Nothing]) -> MergeAnswer:
    """They are two people after all."""
    return await call.app.merges.undo(call.actor, call.operation_id, call.path["id"])
