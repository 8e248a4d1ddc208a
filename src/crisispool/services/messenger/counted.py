"""What is counted about the messenger: numbers by kind, nothing about anybody."""

from prometheus_client import CollectorRegistry, Counter, generate_latest


class Counted:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._updates = Counter(
            "crisispool_messenger_updates",
            "What came in from the messenger, by what became of it.",
            ("became",),
            registry=self._registry,
        )

    def update(self, became: str) -> None:
        """One more came in, and became this: kept, again, stranger, ignored, or refused."""
        self._updates.labels(became).inc()

    def text(self) -> bytes:
        """All counters in the Prometheus text format."""
        return generate_latest(self._registry)
