"""The cold-weather switch: while it is on nobody is refused without a place with a name."""

from dataclasses import dataclass, replace

from crisispool.domain.organisation import Actor, Network, Role
from crisispool.ports import Transaction
from crisispool.services.messages import tell_role
from crisispool.services.parts import Parts, require
from crisispool.services.policy_versions import adopt, latest_version, next_version, plain

SWITCH = "cold_weather"
"""The setting of the policy that this turns."""


@dataclass(frozen=True, slots=True)
class ColdWeatherAnswer:
    """Whether it is on now."""

    on: bool


class ColdWeather:
    """The coordinator's switch. Policy: admission criteria, section 5."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def look(self, actor: Actor) -> ColdWeatherAnswer:
        """Whether it is on."""
        require(actor, Role.COORDINATOR)
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
        return ColdWeatherAnswer(network.policy.cold_weather)

    async def turn(self, actor: Actor, operation_id: str, *, on: bool) -> ColdWeatherAnswer:
        """Turn it on or off: a new version of the policy, which the desk hears at once. Again changes nothing."""
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> ColdWeatherAnswer:
            [network] = await tx.lock(Network, [actor.network_id])
            facts = await parts.facts.network(tx, network.id)
            if facts.policy.cold_weather is on:
                return ColdWeatherAnswer(on)
            latest = await latest_version(tx, network.id)
            version = next_version(
                network.id,
                latest,
                plain(replace(facts.policy, cold_weather=on)),
                now,
                entered_by=actor.colleague_id,
                settles=(SWITCH,),
            )
            await adopt(tx, network, version, now)
            word = "on" if on else "off"
            key, about, mark = (
                f"message.cold_weather_{word}",
                ("network", network.id),
                f"{SWITCH}:{version.version}",
            )
            await tell_role(tx, parts.ids, network.id, Role.CALLTAKER, key, {}, about, mark, now)
            await tx.audit(actor.colleague_id, f"cold_weather.{word}", "network", network.id, now)
            return ColdWeatherAnswer(on)

        return await parts.operations.once(operation_id, SWITCH, on, now, ColdWeatherAnswer, work)
