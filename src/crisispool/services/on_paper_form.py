"""What can be chosen when a booking on paper is entered: units, services, municipalities, and since when."""

from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.on_paper import oldest_moment
from crisispool.domain.organisation import Actor, Organisation
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.ports import OneOf
from crisispool.services.board import counted
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.situation import NOT_CALLING


@dataclass(frozen=True, slots=True)
class PaperForm:
    """Pairs of id and words. `units`: by municipality, in order of their labels, whatever they are now."""

    units: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    services: tuple[tuple[str, str], ...]
    towns: tuple[tuple[str, str], ...]
    since: datetime
    until: datetime


async def paper_form(parts: Parts, actor: Actor) -> PaperForm:
    """The form for this asker's network. Raises NotYourRole."""
    require(actor, *DESK)
    now = parts.now()
    async with parts.store.reading() as tx:
        network = await parts.facts.network(tx, actor.network_id)
        offered = await tx.find(UnitNetwork, network_id=actor.network_id)
        units = await tx.find(Unit, id=OneOf(tuple(row.unit_id for row in offered)))
        services = await tx.find(Organisation, network_id=actor.network_id, order=("name",))
    units.sort(key=lambda unit: (counted(unit.label), unit.id))
    towns = sorted((each.name, each.nis) for each in network.municipalities.values())
    by_town = [
        (name, tuple((unit.id, unit.label) for unit in units if unit.nis == nis)) for name, nis in towns
    ]
    return PaperForm(
        units=tuple(each for each in by_town if each[1]),
        services=tuple((each.id, each.name) for each in services if each.kind not in NOT_CALLING),
        towns=tuple((nis, name) for name, nis in towns),
        since=network.calendar.local(oldest_moment(now)),
        until=network.calendar.local(now),
    )
