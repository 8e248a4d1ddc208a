"""The tasks of a case: done in one click, and open again in another."""

from aiohttp import web

from crisispool.web.board.page import Visit


async def done(visit: Visit) -> web.StreamResponse:
    """A task is done."""
    return await _said(visit, done=True)


async def opened(visit: Visit) -> web.StreamResponse:
    """It is not done after all."""
    return await _said(visit, done=False)


async def _said(visit: Visit, *, done: bool) -> web.StreamResponse:
    case, task = visit.path["id"], visit.path["task"]
    await visit.app.playbooks.say(visit.actor, visit.operation_id, case, task, done=done)
    return visit.go(f"/cases/{case}", done="task_done" if done else "task_open")
