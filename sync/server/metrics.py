"""What Prometheus is told."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The counters of one server process, in a registry of their own so that two servers may live in one test."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of = self.registry
        self.requests = Counter("presales_requests", "Requests answered", ["route", "status"], registry=of)
        self.seconds = Histogram("presales_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=of)
        self.commits = Counter("presales_commits", "Commits judged", ["organisation", "status"], registry=of)
        self.changes = Counter("presales_changes", "Changes received", ["organisation"], registry=of)
        self.rows = Counter("presales_rows_sent", "Rows sent in pulls", ["organisation"], registry=of)
        self.received = Counter("presales_bytes_received", "Bytes of bodies received", ["route"], registry=of)
        self.sent = Counter("presales_bytes_sent", "Bytes of bodies sent", ["route"], registry=of)
        self.live = Gauge("presales_live_clients", "Open live channels", ["organisation"], registry=of)
        self.head = Gauge("presales_head_seq", "Newest commit", ["organisation"], registry=of)
        self.waiting = Gauge("presales_pushes_waiting", "Pushes in the queue", ["organisation"], registry=of)

    def render(self) -> bytes:
        """The text of /metrics."""
        return generate_latest(self.registry)
