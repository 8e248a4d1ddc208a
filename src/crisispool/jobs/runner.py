"""Wakes what stands in the timetable. APScheduler only wakes: what is due is in the record, never in here."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from crisispool.domain.errors import Outage
from crisispool.jobs.timetable import TIMETABLE, Row

if TYPE_CHECKING:
    from crisispool.app import App

LET_FINISH: Final = timedelta(seconds=1)
"""How long the last round may take when the process is told to stop; what is cut is done by the next one."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running(app: "App", *, jobs: bool, rows: Sequence[Row] = TIMETABLE) -> AsyncIterator[None]:
    """Everything of the timetable that is this process's, mostly once now and then at its times, until the end.

    `jobs`: whether this process does what falls due.
    """
    rows = [row for row in rows if jobs or not row.jobs_only]
    # One round of the due work at a time: a tick that comes during another waits for it. What every service
    # does waits for itself only: a long morning must not keep the live view from being healed. Neither must a
    # long look keep what is due, or a server of somebody else.
    turns = {row.name: asyncio.Lock() for row in rows}
    due_work = asyncio.Lock()
    turns |= {row.name: due_work for row in rows if row.jobs_only and not row.apart}
    for row in rows:
        if row.at_once:
            await tick(app, row, turns[row.name])
    scheduler = AsyncIOScheduler(
        jobstores={"default": MemoryJobStore()},
        # A tick that is late or missed must still come: without these a busy second would drop it.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        timezone=UTC,
    )
    for row in rows:
        every = IntervalTrigger(seconds=row.every.total_seconds())
        scheduler.add_job(tick, every, args=(app, row, turns[row.name]), id=row.name)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.pause()
        with suppress(TimeoutError):
            async with asyncio.timeout(LET_FINISH.total_seconds()):
                for turn in {*turns.values()}:
                    await turn.acquire()
        scheduler.shutdown(wait=False)


async def tick(app: "App", row: Row, turn: asyncio.Lock) -> None:
    """One round of one row. Whatever fails is logged without its data, and tried again at the next tick."""
    async with turn:
        try:
            await row.work(app)
        except Outage as outage:
            log.warning("tick_failed", row=row.name, part=outage.part, hint=outage.hint)
        except Exception as error:  # noqa: BLE001  # the timetable goes on, whatever one round met
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
            log.error("tick_failed", row=row.name, kind=type(error).__name__, where=where)
