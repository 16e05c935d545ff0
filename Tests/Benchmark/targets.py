"""What the gateway is to reach, beside what it does reach."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from figures import median, medians, megabytes_per_second, ratio, short

Found = dict[str, Any]


@dataclass(frozen=True)
class Target:
    words: str
    bound: float
    unit: str
    # `None` when what it is about was not measured.
    value: Callable[[Found], float | None]
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.is_least else value <= self.bound

    def row(self, found: Found) -> str | None:
        value = self.value(found)
        if value is None:
            return None
        side = "at least" if self.is_least else "at most"
        return (
            f"| {self.words} | {short(value)}{self.unit} | {side} {self.bound:g}{self.unit} "
            f"| {'yes' if self.is_met(value) else '**no**'} |"
        )


def rate_of(base: str) -> Callable[[Found], float | None]:
    def value(found: Found) -> float | None:
        rounds = found.get("rate", {}).get("rounds")
        if not rounds or not {"sqlite", base} <= set(rounds[0]):
            return None
        return ratio(rounds, "sqlite", base)

    return value


def p99_at(connections: int) -> Callable[[Found], float | None]:
    def value(found: Found) -> float | None:
        rounds, name = found.get("connections", {}).get("rounds"), f"sqlite {connections}"
        return medians(rounds, name, "p99_ms") if rounds and name in rounds[0] else None

    return value


def rate_with_a_million(found: Found) -> float | None:
    rounds = found.get("sizes", {}).get("rounds")
    if not rounds or "1000000" not in rounds[0]:
        return None
    return ratio(rounds, "1000000", "10000")


def megabytes(state: str, figure: str, **words: int) -> Callable[[Found], float | None]:
    """Of memory, when as much was stored or open as the target says."""

    def value(found: Found) -> float | None:
        told = found.get("memory", {}).get(state)
        if not told or any(told[name] != count for name, count in words.items()):
            return None
        return told[figure] / 1e6

    return value


def wakeups(found: Found) -> float | None:
    return found["memory"]["idle"]["wakeups_per_second"] if "memory" in found else None


def start_ms(found: Found) -> float | None:
    told = found.get("start")
    if not told or told["stored_alerts"] != 1_000_000:
        return None
    return median(told["seconds"]["stored"]) * 1000


def binary(found: Found) -> float | None:
    return found["start"]["stripped_bytes"] / 1e6 if "start" in found else None


def payloads(found: Found) -> float | None:
    rounds = found.get("payloads", {}).get("rounds")
    return megabytes_per_second(rounds, "sqlite") if rounds else None


TARGETS = [
    Target("rate, of nginx's", 0.40, "", rate_of("nginx"), is_least=True),
    Target("rate, of Alertmanager's", 2, "", rate_of("alertmanager"), is_least=True),
    Target("rate, of Hummingbird's and GRDB's", 7, "", rate_of("hummingbird"), is_least=True),
    Target("99th percentile at 64 connections", 6, " ms", p99_at(64)),
    Target("99th percentile at one connection", 1, " ms", p99_at(1)),
    Target("rate with 10⁶ stored alerts, of that with 10⁴", 0.9, "", rate_with_a_million,
           is_least=True),
    Target("webhooks of 250 KB", 150, " MB/s", payloads, is_least=True),
    Target("resident, idle", 18, " MB", megabytes("idle", "resident_bytes")),
    Target("private, idle", 4, " MB", megabytes("idle", "private_bytes")),
    Target("resident after 200,000 alerts", 40, " MB",
           megabytes("loaded", "resident_bytes", alerts=200_000)),
    Target("resident with 10,000 idle connections", 50, " MB",
           megabytes("connected", "resident_bytes", connections=10_000)),
    Target("wake-ups when idle", 2, " a second", wakeups),
    Target("start to ready with 10⁶ alerts", 30, " ms", start_ms),
    Target("stripped binary", 18, " MB", binary),
]


def table(found: Found) -> list[str]:
    rows = [row for target in TARGETS if (row := target.row(found)) is not None]
    return ["| | measured | wanted | met |", "|---|---|---|---|", *rows] if rows else []
