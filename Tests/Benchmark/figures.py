"""What is worked out of the figures of runs."""

import statistics
from collections.abc import Iterable
from typing import Any

Rounds = list[dict[str, dict[str, float]]]


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def medians(rounds: Rounds, name: str, figure: str) -> float:
    return median(figures[name][figure] for figures in rounds)


def ratio(rounds: Rounds, name: str, base: str, figure: str = "per_second") -> float:
    """The median of the ratios within a round: what hit one of a pair hit the other as well."""
    return median(figures[name][figure] / figures[base][figure] for figures in rounds)


def spread(rounds: Rounds, name: str, base: str) -> tuple[float, float]:
    """The least and the greatest ratio within a round."""
    found = [figures[name]["per_second"] / figures[base]["per_second"] for figures in rounds]
    return min(found), max(found)


def megabytes_per_second(rounds: Rounds, name: str) -> float:
    return median(
        figures[name]["per_second"] * figures[name]["body_bytes"] / 1e6 for figures in rounds
    )


def short(value: float) -> str:
    """Three digits that count: 0.123, 1.23, 12.3, 123, 1,234."""
    if value == 0:
        return "0"
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def measured_where(found: dict[str, Any]) -> list[str]:
    """Where and when each stage was measured; one sentence when it was the same for all."""
    places: dict[tuple[str, str], list[str]] = {}
    for name, result in found.items():
        places.setdefault((result["machine"], result["on"]), []).append(name)
    if len(places) == 1:
        (machine, day), _ = places.popitem()
        return [f"Taken on {day} on {machine}; load generator and company on the same cores."]
    return [
        f"{', '.join(names)}: taken on {day} on {machine}."
        for (machine, day), names in places.items()
    ]
