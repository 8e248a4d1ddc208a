"""Versions of a network's policy: the one place where the next one is made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from crisispool.domain.organisation import Network, PolicyVersion
from crisispool.domain.policy import Policy
from crisispool.ports import Transaction
from crisispool.services.facts import POLICY
from crisispool.services.rounds import retime


def plain(policy: Policy) -> dict[str, object]:
    """The settings as a version keeps them."""
    settings: dict[str, object] = POLICY.dump_python(policy, mode="json")
    return {name: value for name, value in settings.items() if name != "version"}


def as_policy(version: PolicyVersion) -> Policy:
    """The settings of a version; one that an earlier program did not know has its default."""
    return POLICY.validate_python({**version.settings, "version": version.version})


def next_version(
    network_id: str,
    latest: PolicyVersion | None,
    settings: Mapping[str, object],
    at: datetime,
    *,
    decided_by: str = "",
    decided_on: date | None = None,
    entered_by: str = "",
    settles: Sequence[str] = (),
) -> PolicyVersion:
    """The version that follows the latest one, not yet in force."""
    number = latest.version + 1 if latest else 1
    return PolicyVersion(
        f"{network_id}:policy:{number}",
        network_id,
        number,
        dict(settings),
        decided_by,
        decided_on,
        at,
        entered_by,
        tuple(settles),
    )


async def latest_version(tx: Transaction, network_id: str) -> PolicyVersion | None:
    """The newest version, None before the first."""
    found = await tx.find(PolicyVersion, network_id=network_id, order=("-version",), limit=1)
    return found[0] if found else None


async def adopt(tx: Transaction, network: Network, version: PolicyVersion, now: datetime) -> None:
    """From now on this version holds, for what begins from now on. The network must be locked."""
    await tx.add(version)
    await tx.save(replace(network, policy_version=version.version))
    await retime(tx, network.id, now)
