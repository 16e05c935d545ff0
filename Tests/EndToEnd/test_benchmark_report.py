"""What the benchmark makes of its figures: no figure itself is judged by a test."""

import sys
import xml.etree.ElementTree as xml
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "Benchmark"))

import plots  # noqa: E402
import report  # noqa: E402
import targets  # noqa: E402
from figures import ratio, short  # noqa: E402
from load import check  # noqa: E402
from peers import Peer  # noqa: E402
from svg import Axis  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def run(per_second: float, p99_ms: float = 2.0) -> dict[str, float]:
    return {
        "per_second": per_second, "p50_ms": 1.0, "p99_ms": p99_ms, "resident_mib": 20.0,
        "body_bytes": 250_000,
    }


def rounds(**rates: list[float]) -> list[dict[str, dict[str, float]]]:
    return [
        {name: run(values[index]) for name, values in rates.items()}
        for index in range(len(next(iter(rates.values()))))
    ]


def found() -> dict[str, Any]:
    where = {"machine": "2 cores of an abacus", "on": "2026-01-02", "quick": False, "seconds": 5}
    company = rounds(
        sqlite=[100, 200, 300], nginx=[200, 400, 600], alertmanager=[100, 100, 100],
        hummingbird=[10, 10, 10],
    )
    swept = [
        {f"{name} {count}": run(count * 10.0, count / 8) for name in ("sqlite", "nginx")
         for count in (1, 64, 256)}
    ]
    sized = [{"10000": run(1000), "1000000": run(850)}]
    row = {"resident_bytes": 17e6, "private_bytes": 5e6, "most_resident_bytes": 18e6}
    return {
        "rate": where | {"connections": 64, "rounds": company},
        "connections": where | {"sweep": [1, 64, 256], "rounds": swept},
        "sizes": where | {
            "sizes": [10_000, 1_000_000], "rounds": sized, "bytes": {"10000": 1, "1000000": 2},
            "planning_seconds": {"10000": 1, "1000000": 60},
        },
        "payloads": where | {"connections": 16, "rounds": rounds(sqlite=[800], nginx=[900])},
        "memory": where | {
            "idle": row | {"wakeups_per_second": 1.6}, "loaded": row | {"alerts": 20_000},
            "connected": row | {"connections": 10_000},
        },
        "start": where | {
            "stored_alerts": 1_000_000, "stripped_bytes": 18_000_001,
            "seconds": {"empty": [0.02, 0.01], "stored": [0.04, 0.02, 0.03]},
        },
    }


class Counting(Peer):
    """Has so many deliveries by now."""

    name = "counting"

    def __init__(self, count: int) -> None:
        self._count = count

    def kept(self) -> int:
        return self._count


@pytest.mark.parametrize(
    ("stored", "wrong", "is_good"),
    [(100, {}, True), (116, {}, True), (92, {}, True), (91, {}, False), (117, {}, False),
     (100, {"refused": 1}, False), (100, {"broken": 1}, False)],
)
def test_answers_and_what_is_stored_have_to_agree(
    stored: int, wrong: dict[str, int], is_good: bool
) -> None:
    reports = [{"answers": 60, "refused": 0, "broken": 0},
               {"answers": 40, "refused": 0, "broken": 0} | wrong]
    expected = nullcontext() if is_good else pytest.raises(AssertionError, match="counting: ")
    with expected:
        check(Counting(1000 + stored), 1000, reports, 8)


def test_a_ratio_is_of_pairs() -> None:
    pairs = rounds(a=[10, 100, 1000], b=[10, 50, 4000])
    assert ratio(pairs, "a", "b") == 1
    assert ratio(pairs, "b", "a") == 1


def test_each_target_is_held_against_its_own_figure() -> None:
    met = {
        target.words: target.is_met(value)
        for target in targets.TARGETS
        if (value := target.value(found())) is not None
    }
    assert met == {
        "rate, of nginx's": True, "rate, of Alertmanager's": True,
        "rate, of Hummingbird's and GRDB's": True, "99th percentile at 64 connections": False,
        "99th percentile at one connection": True,
        "rate with 10⁶ stored alerts, of that with 10⁴": False, "webhooks of 250 KB": True,
        "resident, idle": True, "private, idle": False,
        "resident with 10,000 idle connections": True, "wake-ups when idle": True,
        "start to ready with 10⁶ alerts": True, "stripped binary": False,
        # After another number of alerts than the target speaks of, it says nothing.
    }
    assert "| stripped binary | 18.0 MB | at most 18 MB | **no** |" in targets.table(found())
    assert targets.table({}) == []


def test_the_page_shows_every_stage_and_picture() -> None:
    page = report.markdown(found(), "images")
    for heading in ("64 connections", "256 connections", "stored alerts", "250 KB", "Memory"):
        assert heading in page
    assert "| nginx, which answers without a look | 400 | 0.50 | 0.50 to 0.50 |" in page
    assert page.count("](images/bench-") == len(plots.plots(found())) == 4
    assert "Taken on 2026-01-02 on 2 cores of an abacus" in page


def test_what_stands_around_the_figures_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "performance.md"
    page.parent.mkdir()
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nbehind\n")
    report.write(found(), page, tmp_path / "docs" / "images")
    text = page.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\n\nTaken on") and "old" not in text
    assert text.endswith(f"{report.END}\nbehind\n")
    written = {path.name for path in (tmp_path / "docs" / "images").iterdir()}
    assert written == set(plots.plots(found()))
    with pytest.raises(AssertionError, match="there must be one"):
        report.between_marks("no marks", "made")


def test_plots_show_each_figure_where_it_belongs() -> None:
    drawn = {file: xml.fromstring(plot.svg) for file, plot in plots.plots(found()).items()}
    dots = {file: len(list(picture.iter(SVG + "circle"))) for file, picture in drawn.items()}
    assert dots == {
        "bench-rate.svg": 12, "bench-connections.svg": 6, "bench-latency.svg": 6,
        "bench-sizes.svg": 2,
    }
    for picture in drawn.values():
        right, bottom = (float(picture.attrib[name]) for name in ("width", "height"))
        for dot in picture.iter(SVG + "circle"):
            assert 0 <= float(dot.attrib["cx"]) <= right
            assert 0 <= float(dot.attrib["cy"]) <= bottom
    axis = Axis(1, 100, 0, 200, is_logarithmic=True)
    assert [(value, round(axis.at(value))) for value in axis.ticks()] == [
        (1, 0), (2, 30), (5, 70), (10, 100), (20, 130), (50, 170),
    ]
    assert [Axis(0, 100, 0, 50).at(value) for value in Axis(0, 100, 0, 50).ticks()] == [
        0, 10, 20, 30, 40, 50,
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.1234, "0.123"), (1.234, "1.23"), (17.66, "17.7"),
                        (13501.4, "13,501")],
)
def test_figures_are_short(value: float, text: str) -> None:
    assert short(value) == text
