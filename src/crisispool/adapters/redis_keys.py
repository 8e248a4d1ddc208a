"""Every key of the live view: its type, its lifetime and why it is there. None holds personal data.

ROOT is `{crisispool:SET-UP}`, with the id that the record of a set-up was given once: two set-ups on one
server do not meet. The braces keep all keys on one node, so that a script may reach them all.

key                 type        lifetime         why
ROOT:epoch          string      until a rebuild  names the current view; absent: there is none
ROOT:claims         sorted set  until `put`      [unit, operation, nights] by deadline (server's ms)
ROOT:changed        channel     none             rung after a commit; says nothing but that
ROOT:answer:OP      string      an hour          what an operation claimed ("": none), for its repeat
ROOT:EPOCH:slot     hash        one epoch        unit id to its bit in every bitmap
ROOT:EPOCH:id       hash        one epoch        bit to unit id
ROOT:EPOCH:stamp    hash        one epoch        unit id to its stamp: version, night it counts from
ROOT:EPOCH:names    set         one epoch        the names of all bitmaps of this view
ROOT:EPOCH:NAME     bitmap      one epoch        the units of which NAME is true (names: below)
ROOT:EPOCH:found    bitmap      one script       what `find` works on; neither replicated nor kept
ROOT:EPOCH:avoided  bitmap      one script       the same

Keys of an epoch being built expire by themselves, should the builder die; the flip makes them stay. Claims
stand outside the epochs, because a rebuild must not free what somebody has just claimed. A claim has no
expiry, since its bits would not come back by themselves: past its deadline `expired` names the unit until it
is put.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crisispool.ports import LiveUnit, Stamp

ANSWER_LIFETIME: Final = timedelta(hours=1)
STAGING_LIFETIME: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Root:
    """The keys of one set-up."""

    set_up: str

    @property
    def text(self) -> str:
        """What all of them begin with."""
        return f"{{crisispool:{self.set_up}}}:"

    @property
    def epoch(self) -> str:
        """Which view is the current one."""
        return f"{self.text}epoch"

    @property
    def claims(self) -> str:
        """All claims."""
        return f"{self.text}claims"

    @property
    def changed(self) -> str:
        """The channel on which it is rung that the record changed."""
        return f"{self.text}changed"

    def answer(self, operation_id: str) -> str:
        """What an operation claimed."""
        return f"{self.text}answer:{operation_id}"

    def in_view(self, epoch: str, name: str) -> str:
        """A key of one epoch."""
        return f"{self.text}{epoch}:{name}"


def night(label: date) -> str:
    """Bitmap: free on this night."""
    return f"night:{label.isoformat()}"


def network(network_id: str) -> str:
    """Bitmap: offered in this network."""
    return f"network:{network_id}"


def municipality(nis: str) -> str:
    """Bitmap: stands in this municipality."""
    return f"nis:{nis}"


def places(count: int) -> str:
    """Bitmap: has at least so many places."""
    return f"places:{count}"


def feature(code: str) -> str:
    """Bitmap: has this feature."""
    return f"feature:{code}"


def of_unit(unit: LiveUnit) -> list[str]:
    """The names of all bitmaps in which this unit's bit is set."""
    return [
        *map(night, sorted(unit.nights)),
        *map(network, unit.network_ids),
        municipality(unit.nis),
        *map(places, range(1, unit.places + 1)),
        *map(feature, sorted(unit.features)),
    ]


def stamp(stamp: Stamp) -> str:
    """A stamp as it stands in the view: ``12 2026-11-27``."""
    return f"{stamp.version} {stamp.tonight.isoformat()}"


def to_stamp(text: str) -> Stamp:
    """The reverse of `stamp`."""
    version, _, tonight = text.partition(" ")
    return Stamp(int(version), date.fromisoformat(tonight))


def to_unit(unit_id: str, stamp: Stamp, names: list[str]) -> LiveUnit:
    """The unit that stands in these bitmaps: the reverse of `of_unit`, networks sorted."""
    said: dict[str, list[str]] = {}
    for name in names:
        kind, _, value = name.partition(":")
        said.setdefault(kind, []).append(value)
    return LiveUnit(
        unit_id=unit_id,
        version=stamp.version,
        network_ids=tuple(sorted(said.get("network", []))),
        nis="".join(said.get("nis", [])),
        places=max(map(int, said.get("places", [])), default=0),
        features=frozenset(said.get("feature", [])),
        nights=frozenset(map(date.fromisoformat, said.get("night", []))),
        tonight=stamp.tonight,
    )
