"""What this process did, for Prometheus; no personal data, no ids, in any label.

Every label's value is a code from this program's own vocabulary. What the
database knows (queues, refunds, jobs) is read from it at a scrape
(`services/figures.py`), so that it is right whichever process is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from aftercare.services.figures import Figure

BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 9.0, 30.0)
STAGE_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 9.0)
CONFIDENCE = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
FALLBACK = "nlu_fallback"


class Metrics:
    """Counts by name and one label, the seconds of turns, the model's confidence."""

    def __init__(self) -> None:
        """Start at zero, in a registry of this application's own."""
        self.registry = CollectorRegistry()
        self._events = Counter(
            "aftercare_events",
            "Messages received, refused, turns failed, by reason code.",
            ("event", "reason"),
            registry=self.registry,
        )
        self._turns = Histogram(
            "aftercare_turn_seconds",
            "From the moment a message is taken up until its answer is stored.",
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._stages = Histogram(
            "aftercare_turn_stage_seconds",
            "A turn by stage: queue, rasa, lock, memory, dialogue, actions, store.",
            ("stage",),
            buckets=STAGE_BUCKETS_S,
            registry=self.registry,
        )
        self._confidence = Histogram(
            "aftercare_intent_confidence",
            "How sure Rasa was of the intent it took.",
            buckets=CONFIDENCE,
            registry=self.registry,
        )
        self._fallbacks = Counter(
            "aftercare_fallbacks",
            "Turns whose message nobody understood.",
            registry=self.registry,
        )
        self._sockets = Gauge(
            "aftercare_sockets",
            "Customers' sockets open in this process.",
            registry=self.registry,
        )
        self._ready = Gauge(
            "aftercare_ready",
            "What /readyz last found, by part.",
            ("part",),
            registry=self.registry,
        )
        self.sockets = 0

    def count(self, name: str, label: str = "") -> None:
        """Add one; the label is a reason code, never a customer's."""
        self._events.labels(name, label).inc()

    def turn(self, seconds: float) -> None:
        """Add one answered turn."""
        self._turns.observe(seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Add what one stage of a turn took."""
        self._stages.labels(name).observe(max(0.0, seconds))

    def understood(self, understanding: dict[str, object]) -> None:
        """Add the stages Rasa reports and how sure it was."""
        stages = understanding.get("stages_ms")
        for name, took in (stages if isinstance(stages, dict) else {}).items():
            self.stage(str(name), float(took) / 1000)
        intent = understanding.get("intent")
        if not isinstance(intent, dict):
            return
        if intent.get("name") == FALLBACK:
            self._fallbacks.inc()
        elif isinstance(intent.get("confidence"), int | float):
            self._confidence.observe(float(intent["confidence"]))

    def ready(self, parts: dict[str, bool]) -> None:
        """Note what /readyz found."""
        for name, fine in parts.items():
            self._ready.labels(name).set(fine)

    def text(self, figures: Callable[[], list[Figure]] = list) -> str:
        """Return everything in Prometheus' exposition format."""
        self._sockets.set(self.sockets)
        known = CollectorRegistry()
        known.register(_Known(figures()))
        return generate_latest(self.registry).decode() + generate_latest(known).decode()


class _Known(Collector):
    """Figures already read, as gauges."""

    def __init__(self, figures: list[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each figure's family."""
        families: dict[str, GaugeMetricFamily] = {}
        for item in self._figures:
            names = [name for name, _ in item.labels]
            family = families.setdefault(
                item.name, GaugeMetricFamily(item.name, item.about, labels=names)
            )
            family.add_metric([value for _, value in item.labels], item.value)
        yield from families.values()
