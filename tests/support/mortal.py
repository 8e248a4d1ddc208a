"""A program whose next process ends itself at a named point, as by kill -9."""

from pathlib import Path

from crisispool.adapters.faults import POINTS
from crisispool.settings import PREFIX
from tests.support.program import Program, by_url
from tests.support.warm import Warm

DUE = (
    "unit.lapsed", "message.arrival_question", "request.backup", "handover.made",
    "message.handover", "handover.backup", "handover.coordinator", "handover.contact_overdue",
)  # fmt: skip
"""What falls due by itself; every other point is passed by somebody's call."""

POINTS_OF_JOBS = frozenset(point for point in POINTS if point.partition(":")[0] in DUE)
POINTS_OF_MAIL = frozenset(point for point in POINTS if point.startswith("mail:"))
POINTS_OF_CALLS = frozenset(POINTS) - POINTS_OF_JOBS - POINTS_OF_MAIL

KILLED = -9


def commit(name: str) -> tuple[str, str]:
    """Before the COMMIT of this transaction, and after it."""
    return f"{name}:before_commit", f"{name}:after_commit"


class Mortal(Program):
    """`fault` is the point at which the next process that is started ends; `died_at` are those where one did."""

    def __init__(self, data_dir: Path, warm: Warm, database: str = "") -> None:
        super().__init__(data_dir, warm=warm, settings=by_url(database) if database else None)
        self.fault = ""
        self.died_at: set[str] = set()

    def another(self, data_dir: Path | None = None) -> "Mortal":
        """One more process of this set-up, with a fault of its own."""
        assert self._warm is not None
        return Mortal(data_dir or self.data_dir, self._warm, self.database_url or "")

    def environment(self) -> dict[str, str]:
        """With the fault, when there is one."""
        named = {f"{PREFIX}FAULT": self.fault} if self.fault else {}
        return super().environment() | named

    def dead(self) -> None:
        """The process ended at its point, and the next one has none."""
        assert self._process is not None
        assert self._process.wait(20) == KILLED, self.fault
        self.died_at.add(self.fault.partition("#")[0])
        self.fault = ""
