"""Which figures are drawn, and how."""

from collections.abc import Callable
from dataclasses import dataclass

from company_names import NAMES
from figures import Rounds, medians
from svg import Lines, bars
from targets import Found


@dataclass(frozen=True)
class Plot:
    stage: str
    title: str
    svg: str


def plots(found: Found) -> dict[str, Plot]:
    """By the names of their files."""
    drawn = {}
    for stage, makers in MAKERS.items():
        if stage in found:
            for file, title, make in makers:
                drawn[file] = Plot(stage, title, make(found[stage], title))
    return drawn


def rate(result: Found, title: str) -> str:
    rounds = result["rounds"]
    rows = {NAMES[n]: [figures[n]["per_second"] for figures in rounds] for n in rounds[0]}
    return bars(title, rows, {NAMES[n]: medians(rounds, n, "per_second") for n in rounds[0]})


def rate_by_connections(result: Found, title: str) -> str:
    curves = {
        words: over(result["rounds"], result["sweep"], name + " {}", "per_second")
        for name, words in (("sqlite", "gateway"), ("nginx", "nginx"))
    }
    return Lines(title, "connections", curves, is_logarithmic=True).svg()


def latency_by_connections(result: Found, title: str) -> str:
    curves = {
        words: over(result["rounds"], result["sweep"], "sqlite {}", figure)
        for figure, words in (("p99_ms", "p99"), ("p50_ms", "p50"))
    }
    wanted = (6.0, "p99 wanted at 64 connections: 6 ms")
    return Lines(title, "connections", curves, is_logarithmic=True, wanted=wanted).svg()


def rate_by_size(result: Found, title: str) -> str:
    curves = {"gateway": over(result["rounds"], result["sizes"], "{}", "per_second")}
    return Lines(title, "alerts stored before", curves).svg()


def over(
    rounds: Rounds, places: list[int], name: str, figure: str
) -> list[tuple[float, float]]:
    return [(place, medians(rounds, name.format(place), figure)) for place in places]


Maker = Callable[[Found, str], str]
MAKERS: dict[str, list[tuple[str, str, Maker]]] = {
    "rate": [("bench-rate.svg", "Requests a second; a dot is a round", rate)],
    "connections": [
        ("bench-connections.svg", "Requests a second by connections", rate_by_connections),
        ("bench-latency.svg", "Milliseconds until the answer", latency_by_connections),
    ],
    "sizes": [("bench-sizes.svg", "Webhooks a second by stored alerts", rate_by_size)],
}
