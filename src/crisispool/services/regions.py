"""Loads a region file into the record: again and again to the same end, never against what people said."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from crisispool.domain.admission import Criterion
from crisispool.domain.duty import DutyShift, FallbackPlace, OfferState, ShiftOffer
from crisispool.domain.organisation import (
    ClosingDay,
    Colleague,
    Membership,
    Network,
    Organisation,
    PolicyVersion,
    RoleGrant,
)
from crisispool.domain.playbook import PlaybookTask
from crisispool.domain.policy import Policy
from crisispool.ports import Clock, Ids, OneOf, Store, Transaction, Vault
from crisispool.services.calendar_changes import replan
from crisispool.services.cold_weather import SWITCH
from crisispool.services.facts import Facts
from crisispool.services.policy_versions import as_policy, latest_version, next_version, plain
from crisispool.services.region_file import RegionFile
from crisispool.services.region_parts.offer import load_units
from crisispool.services.region_parts.records import Writer, must_be_of
from crisispool.services.region_parts.rules import ROSTER
from crisispool.services.region_parts.said import Said, merged
from crisispool.services.rounds import retime

M = TypeVar("M", Organisation, Membership, ClosingDay, FallbackPlace, PlaybookTask)

CalendarChanged = Callable[[Transaction, frozenset[date]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading did, counted in records.

    `kept` names what is no longer in the file and stays (units are no longer offered). `waiting` are shifts of
    the file whose colleague is not there: they come with a later load.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    kept: tuple[str, ...]
    waiting: tuple[str, ...]
    policy_version: int


class RegionFiles:
    """Loading region files in one set-up."""

    def __init__(
        self, store: Store, vault: Vault, clock: Clock, facts: Facts, ids: Ids, *, training: bool
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._facts = facts
        self._ids = ids
        self._training = training

    async def load(self, region: RegionFile, by: str = "command") -> LoadReport:
        """Load a checked region now; see `load_region`."""
        now = self._clock.now()

        async def bring_in_step(tx: Transaction, days: frozenset[date]) -> None:
            await replan(tx, self._facts, self._ids, region.network.id, days, now)

        return await load_region(self._store, self._vault, region, by, now, self._training, bring_in_step)


async def load_region(
    store: Store,
    vault: Vault,
    region: RegionFile,
    by: str,
    at: datetime,
    training: bool,
    calendar_changed: CalendarChanged | None = None,
) -> LoadReport:
    """Make the record say what the file says, in one transaction. Loading the same file twice changes nothing.

    `calendar_changed` is called with the closed days that came or went, when any did.

    People of the file come in training only, the starting state of its units only at the very first load.
    Settings that changed in the file become a new policy version, a changed checklist a new version of it;
    decisions keep theirs.
    Refusal ``id_of_other_network``.
    """
    async with store.transaction() as tx:
        await tx.lock(Network, [region.network.id])
        writer = Writer(tx)
        await must_be_of(tx, region.network.id, region.organisations)
        start = region.training if training and await tx.get(Network, region.network.id) is None else None
        version = await _load_network(writer, region, at, training)
        before = await _closed(writer.tx, region.network.id)
        await _load_members(writer, region)
        changed = before ^ await _closed(writer.tx, region.network.id)
        if changed and calendar_changed is not None:
            await calendar_changed(tx, frozenset(day for _, day in changed))
        await _load_checklist(writer, region)
        if training and region.training:
            for colleague in region.training.people:
                live = ("created_at", "active", "phone", "language")
                await writer.put(replace(colleague, created_at=at), live=live)
            await _load_grants(writer, region.network.id, region.training.grants)
        waiting = await _load_shifts(writer, region, at)
        await load_units(writer, region, at, start.units if start else (), vault)
        if start:
            await writer.add(*start.placements, *start.out_of_service, *start.turnovers)
        count = writer.count
        if count.anything:
            await retime(tx, region.network.id, at)
            details = {
                "added": count.added,
                "changed": count.changed,
                "removed": count.removed,
                "policy_version": version,
            }
            await tx.audit(by, "region.loaded", "network", region.network.id, at, details)
        return LoadReport(
            added=count.added,
            changed=count.changed,
            removed=count.removed,
            unchanged=count.unchanged,
            kept=tuple(count.kept),
            waiting=waiting,
            policy_version=version,
        )


async def _load_network(writer: Writer, region: RegionFile, at: datetime, training: bool) -> int:
    """The network and those it shares units with; the version of the policy that holds now."""
    latest = await latest_version(writer.tx, region.network.id)
    policy = await _policy_now(writer, region, at, latest)
    version = policy.version
    await writer.put(replace(region.network, policy_version=version, training=training))
    if latest is None or version != latest.version:
        await writer.add(policy)
    for other in region.other_networks:
        # Its own file says what it is; here it only has to exist, so that a unit can be in it.
        if await writer.tx.get(Network, other.id) is None:
            first = next_version(other.id, None, plain(Policy()), at)
            await writer.add(replace(other, training=training), first)
    return version


async def _policy_now(
    writer: Writer, region: RegionFile, at: datetime, latest: PolicyVersion | None
) -> PolicyVersion:
    """The latest version, or the next one when the file says something that it did not say before.

    What a coordinator decided since stays, unless the file itself changes that setting; the cold-weather switch is
    the coordinator's alone.
    """
    network_id, by, on = region.network.id, region.decided_by, region.decided_on
    says = {name: value for name, value in plain(region.policy).items() if name != SWITCH}
    decision: dict[str, object] = {"by": by, "on": on.isoformat() if on else None}
    said = await Said.of(writer, network_id, "policy")
    if latest is None:
        made = next_version(network_id, None, plain(region.policy), at, decided_by=by, decided_on=on)
    else:
        now = plain(as_policy(latest))
        # A record of an earlier program: until then only files said anything.
        had = said.before("settings") or {name: now[name] for name in says}
        last = {"by": latest.decided_by, "on": latest.decided_on and latest.decided_on.isoformat()}
        decided = decision != (said.before("decision") or last)
        wanted = now | {name: value for name, value in says.items() if had.get(name) != value}
        made = latest
        if decided or wanted != now:
            settles = [
                name
                for name in says
                if (wanted[name] == says[name] if decided else wanted[name] != now[name])
            ]
            made = next_version(network_id, latest, wanted, at, decided_by=by, decided_on=on, settles=settles)
    await said.remember({"settings": says, "decision": decision})
    return made


async def _load_members(writer: Writer, region: RegionFile) -> None:
    network_id = region.network.id
    for municipality in region.municipalities:
        await writer.put(municipality, municipality.nis)
    said = await Said.of(writer, network_id, "organisation")
    known = await writer.known(Organisation, "id", [each.id for each in region.organisations])
    for fresh in region.organisations:
        if fresh.id in known:
            changed = said.changed(fresh.id, asdict(fresh))
            await writer.settle(known[fresh.id], merged(known[fresh.id], fresh, changed))
        else:
            await writer.add(fresh)
    await said.remember({each.id: asdict(each) for each in region.organisations})
    entered = {
        (day.organisation_id, day.day)
        for day in await writer.tx.find(ClosingDay, network_id=network_id)
        if day.entered_by
    }
    days = [day for day in region.closing_days if (day.organisation_id, day.day) not in entered]
    for record in (*region.memberships, *days, *region.fallback, *region.playbook):
        await writer.put(record)
    for organisation in await _left(writer, Organisation, region.organisations, network_id):
        writer.keep(f"organisation {organisation.id}")
    for membership in await _left(writer, Membership, region.memberships, network_id):
        writer.keep(f"municipality {membership.nis}")
    for day in await _left(writer, ClosingDay, days, network_id):
        if day.entered_by is None:
            await writer.remove(day)
    places = await _left(writer, FallbackPlace, region.fallback, network_id)
    tasks = await _left(writer, PlaybookTask, region.playbook, network_id)
    for gone in (*places, *tasks):
        await writer.remove(gone)


async def _closed(tx: Transaction, network_id: str) -> set[tuple[str | None, date]]:
    return {(row.organisation_id, row.day) for row in await tx.find(ClosingDay, network_id=network_id)}


async def _left(writer: Writer, kind: type[M], there: Sequence[M], network_id: str) -> list[M]:
    """Records of the network that are no longer in the file."""
    ids = {record.id for record in there}
    return [known for known in await writer.tx.find(kind, network_id=network_id) if known.id not in ids]


async def _load_checklist(writer: Writer, region: RegionFile) -> None:
    """A checklist that differs from the newest one becomes the next version; screenings keep theirs."""
    network_id = region.network.id
    every = await writer.tx.find(Criterion, network_id=network_id, order=("version", "position"))
    version = every[-1].version if every else 0
    newest = [criterion for criterion in every if criterion.version == version]
    if [_numbered(criterion, version) for criterion in region.criteria] == newest:
        writer.count.unchanged += len(newest)
    else:
        await writer.add(*(_numbered(criterion, version + 1) for criterion in region.criteria))


def _numbered(criterion: Criterion, version: int) -> Criterion:
    return replace(criterion, id=f"{criterion.network_id}:{version}:{criterion.code}", version=version)


async def _load_grants(writer: Writer, network_id: str, grants: Sequence[RoleGrant]) -> None:
    """Roles of demo people, each given once: one that was taken away stays away."""
    said = await Said.of(writer, network_id, "role")
    for grant in grants:
        if grant.id not in said.names():
            await writer.put(grant)
    await said.remember({grant.id: {} for grant in grants})


async def _load_shifts(writer: Writer, region: RegionFile, at: datetime) -> tuple[str, ...]:
    """Shifts to come follow the file; what is over is history; one that left the file while it runs ends now."""
    working = await writer.tx.find(Colleague, network_id=region.network.id, active=True)
    people = {colleague.id for colleague in working}
    mark = f"{region.network.id}:{ROSTER}:"
    known = {
        shift.id: shift
        for shift in await writer.tx.find(DutyShift, network_id=region.network.id)
        if shift.id.startswith(mark)
    }
    settled = OneOf((OfferState.ACCEPTED, OfferState.TAKEN_OFF))
    agreed = await writer.tx.find(ShiftOffer, network_id=region.network.id, state=settled)
    # What colleagues agreed among themselves stands as long as the file says what it said then.
    passed = {(offer.shift_id, offer.from_id) for offer in agreed}
    off = {offer.shift_id for offer in agreed if offer.state is OfferState.TAKEN_OFF}
    waiting = []
    for shift in region.shifts:
        if shift.id in known and (shift.id, shift.colleague_id) in passed:
            await writer.settle(known[shift.id], known[shift.id])
        elif shift.id in off - known.keys() and (shift.id, shift.colleague_id) in passed:
            writer.count.unchanged += 1
        elif shift.colleague_id not in people:
            if shift.id not in known or shift.ends_at > at:
                waiting.append(shift.id)
        elif shift.id not in known:
            await writer.add(shift)
        else:
            over = known[shift.id].ends_at <= at
            await writer.settle(known[shift.id], known[shift.id] if over else shift)
    for gone in [known[name] for name in known.keys() - {shift.id for shift in region.shifts}]:
        if gone.starts_at >= at:
            await writer.remove(gone)
        elif gone.ends_at > at:
            await writer.settle(gone, replace(gone, ends_at=at))
    return tuple(waiting)
