"""How the deliveries are doing, for whoever keeps this running: numbers by channel and code, nothing about anybody."""

from collections import Counter
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from crisispool.domain.messenger import Channel, Delivery, DeliveryState
from crisispool.ports import AtLeast
from crisispool.services.parts import Parts

DAY: Final = timedelta(days=1)


class DeliveryFigures:
    """Read from the record at each question, so that every process gives the same ones."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def text(self) -> bytes:
        """All of them in the Prometheus text format. Raises Outage."""
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            waiting = await tx.find(Delivery, state=DeliveryState.QUEUED)
            recent = await tx.find(Delivery, at=AtLeast(now - DAY))
        registry = CollectorRegistry()
        queued = Gauge(
            "crisispool_deliveries_waiting",
            "Deliveries on their way, by channel.",
            ["channel"],
            registry=registry,
        )
        oldest = Gauge(
            "crisispool_deliveries_oldest_seconds",
            "Age of the oldest delivery on its way, by channel.",
            ["channel"],
            registry=registry,
        )
        became = Gauge(
            "crisispool_deliveries_last_day",
            "Deliveries of the last 24 hours, by channel, by what became of them, and why they failed.",
            ["channel", "state", "reason"],
            registry=registry,
        )
        for channel in Channel:
            ages = [now - each.at for each in waiting if each.channel is channel]
            queued.labels(channel).set(len(ages))
            oldest.labels(channel).set(max(ages, default=timedelta()).total_seconds())
        counts = Counter((each.channel, each.state, _why(each)) for each in recent)
        for (channel, state, reason), number in counts.items():
            became.labels(channel, state, reason).set(number)
        return generate_latest(registry)


def _why(delivery: Delivery) -> str:
    return (delivery.reason or "") if delivery.state is DeliveryState.FAILED else ""
