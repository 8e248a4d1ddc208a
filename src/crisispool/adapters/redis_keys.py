"""Every key of the live view: its type, its lifetime and why it is there. None holds personal data.

One Redis database (the number at the end of the URL) belongs to one set-up. The braces keep all keys on one
node, so that a script may reach them all.

key                        type        lifetime         why
{crisispool}:epoch         string      until a rebuild  names the current view; absent: there is none
{crisispool}:claims        sorted set  until `put`      [unit, operation, nights] by deadline (server's ms)
{crisispool}:answer:OP     string      an hour          what an operation claimed ("": none), for its repeat
{crisispool}:EPOCH:slot    hash        one epoch        unit id to its bit in every bitmap
{crisispool}:EPOCH:id      hash        one epoch        bit to unit id
{crisispool}:EPOCH:version hash        one epoch        unit id to its version: older news is ignored
{crisispool}:EPOCH:names   set         one epoch        the names of all bitmaps of this view
{crisispool}:EPOCH:NAME    bitmap      one epoch        the units of which NAME is true (names: below)
{crisispool}:EPOCH:found   bitmap      one script       what `find` works on; neither replicated nor kept
{crisispool}:EPOCH:avoided bitmap      one script       the same

Keys of an epoch being built expire by themselves, should the builder die; the flip makes them stay. Claims
stand outside the epochs, because a rebuild must not free what somebody has just claimed. A claim has no
expiry, since its bits would not come back by themselves: past its deadline `expired` names the unit until it
is put.
"""

from datetime import date, timedelta
from typing import Final

from crisispool.ports import LiveUnit

ROOT: Final = "{crisispool}:"
EPOCH: Final = f"{ROOT}epoch"
CLAIMS: Final = f"{ROOT}claims"

ANSWER_LIFETIME: Final = timedelta(hours=1)
STAGING_LIFETIME: Final = timedelta(minutes=10)


def answer(operation_id: str) -> str:
    """What an operation claimed."""
    return f"{ROOT}answer:{operation_id}"


def in_view(epoch: str, name: str) -> str:
    """A key of one epoch."""
    return f"{ROOT}{epoch}:{name}"


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


def to_unit(unit_id: str, version: int, names: list[str]) -> LiveUnit:
    """The unit that stands in these bitmaps: the reverse of `of_unit`, networks sorted."""
    said: dict[str, list[str]] = {}
    for name in names:
        kind, _, value = name.partition(":")
        said.setdefault(kind, []).append(value)
    return LiveUnit(
        unit_id=unit_id,
        version=version,
        network_ids=tuple(sorted(said.get("network", []))),
        nis="".join(said.get("nis", [])),
        places=max(map(int, said.get("places", [])), default=0),
        features=frozenset(said.get("feature", [])),
        nights=frozenset(map(date.fromisoformat, said.get("night", []))),
    )
