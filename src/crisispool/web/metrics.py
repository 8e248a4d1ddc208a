"""What is counted about the web server: numbers by route template and status, nothing about anybody."""

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, generate_latest


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "crisispool_http_requests",
            "Requests answered, by method, route template and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )

    def count(self, method: str, route: str, status: int) -> None:
        """One more answer. A method that HTTP does not know is counted as ``other``."""
        known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
        self._requests.labels(known, route, str(status)).inc()

    def text(self) -> bytes:
        """All counters in the Prometheus text format."""
        return generate_latest(self._registry)


METRICS = web.AppKey("metrics", Metrics)
