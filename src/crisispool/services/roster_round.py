"""The round of the rosters: where nobody is in the coming night, said while there is time to call around."""

from datetime import date, datetime

from crisispool.conversations.vocabulary import Say
from crisispool.domain.calendar import DAY
from crisispool.domain.duty import Duty, DutyShift, open_stretches
from crisispool.domain.organisation import Role
from crisispool.domain.rounds import ROSTER_AT
from crisispool.ports import Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell_role
from crisispool.services.parts import Parts
from crisispool.services.roster_rows import shifts_between


class RosterRound:
    """Tells all coordinators, for each roster with a gap, the first one of the day and night to come."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def tell(self, tx: Transaction, network: NetworkFacts, day: date, now: datetime) -> None:
        """One message a roster and night, to every coordinator: from now to the same hour tomorrow."""
        network_id, calendar = network.network.id, network.calendar
        until = calendar.instant(day + DAY, ROSTER_AT)
        around = await shifts_between(tx, network_id, now, until)
        for duty in Duty:
            open_ = open_stretches(around, duty, now, until, calendar)
            if not open_ or not await _is_kept(tx, network_id, duty):
                continue
            since, ends = open_[0]
            facts = {
                "duty": Say(f"duty.name.{duty}").plain(),
                "since": since.isoformat(),
                "until": ends.isoformat(),
            }
            about, mark = ("network", network_id), f"roster_gap:{network_id}:{duty}:{day}"
            key, role = "message.roster_gap", Role.COORDINATOR
            await tell_role(tx, self._parts.ids, network_id, role, key, facts, about, mark, now, urgent=True)


async def _is_kept(tx: Transaction, network_id: str, duty: Duty) -> bool:
    """Whether the network has this roster at all: not each one puts somebody behind its desk."""
    return duty is not Duty.BACKUP or bool(
        await tx.find(DutyShift, network_id=network_id, duty=duty, limit=1)
    )
