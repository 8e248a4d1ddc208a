"""The whole schedule as rows: what is done, how often, and by which processes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from crisispool.domain.errors import Outage
from crisispool.services.live_view import HEAL_EVERY

if TYPE_CHECKING:
    from crisispool.app import App

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Row:
    """One thing that comes back. `jobs_only`: only processes that run jobs do it, else every service does, and
    it does not wait for the due work, which may take long. `apart`: it only looks, or waits for servers of others,
    so it and the due work do not wait for each other either. `at_once`: its first round is part of the start."""

    name: str
    every: timedelta
    work: "Callable[[App], Awaitable[object]]"
    jobs_only: bool
    apart: bool = False
    at_once: bool = True


async def sweep(app: "App") -> None:
    """Everything whose time has come. What is due stands in the record; this only looks."""
    await app.clock.refresh()
    await app.sweep.run(app.clock.now())


async def heal_view(app: "App") -> None:
    """A cheap look whether the live view equals the record, and what it takes when it does not."""
    await app.clock.refresh()
    await app.view.look_after(app.clock.now())


async def compare_view(app: "App") -> None:
    """The safety net under `heal_view`: every night of every unit compared; rebuilt when they differ."""
    now = app.clock.now()
    try:
        different = await app.view.differences(now)
    except Outage as outage:
        if outage.part != "live view":
            raise
        return  # away or empty: `heal_view` is at it
    if different:
        log.warning("live_view_differed", units=len(different))
        await app.view.rebuild(now)


async def watch(app: "App") -> None:
    """The rules that always hold, checked on the live data."""
    await app.watch.look(app.clock.now())


async def hand_out(app: "App") -> None:
    """Messages go to their ways, whether or not a bot or a mail server is there to bring them."""
    await app.handing_out.run(app.clock.now())


async def late_messages(app: "App") -> None:
    """What is on its way for too long is said to somebody else."""
    await app.handing_out.look_after_late(app.clock.now())


async def empty_messages(app: "App") -> None:
    """What is over does not stay in the chats."""
    await app.emptying.run(app.clock.now())


async def mail(app: "App") -> None:
    """Mail that is due, where there is a mail server."""
    if app.mail is not None:
        await app.mail.run()


async def note_training_clock(app: "App") -> None:
    """The clock of a training goes on as long as somebody sees it."""
    if app.training_clock is not None:
        await app.training_clock.seen()


TIMETABLE: Final = (
    Row("sweep", timedelta(seconds=5), sweep, jobs_only=True),
    Row("hand_out", timedelta(seconds=1), hand_out, jobs_only=True, apart=True),
    Row("late_messages", timedelta(seconds=30), late_messages, jobs_only=True, apart=True),
    Row("empty_messages", timedelta(minutes=5), empty_messages, jobs_only=True, apart=True),
    Row("heal_view", HEAL_EVERY, heal_view, jobs_only=False),
    Row("compare_view", timedelta(minutes=1), compare_view, jobs_only=True),
    Row("watch", timedelta(minutes=1), watch, jobs_only=True, apart=True),
    Row("mail", timedelta(seconds=1), mail, jobs_only=True, apart=True, at_once=False),
    Row("note_training_clock", timedelta(seconds=5), note_training_clock, jobs_only=False),
)
