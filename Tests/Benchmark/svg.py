"""Plots as plain SVG, readable on a light page and on a dark one."""

import math
from dataclasses import dataclass, field
from html import escape

WIDTH = 720
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 46, 48

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.quiet { fill: #59636e; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.wanted { stroke: #9a6700; stroke-width: 1.5; stroke-dasharray: 5 4; }
.line { fill: none; stroke-width: 2.5; }
.c0 { stroke: #0969da; fill: #0969da; } .c1 { stroke: #bc4c00; fill: #bc4c00; }
.c2 { stroke: #57606a; fill: #57606a; }
.bar { stroke: none; opacity: 0.75; }
.dot { stroke: none; }
.run { fill: #1f2328; stroke: none; opacity: 0.6; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .quiet { fill: #9198a1; } .grid { stroke: #3d444d; }
  .wanted { stroke: #d29922; } .run { fill: #e6edf3; }
  .c0 { stroke: #4493f8; fill: #4493f8; } .c1 { stroke: #f0883e; fill: #f0883e; }
  .c2 { stroke: #9198a1; fill: #9198a1; }
}
"""


@dataclass(frozen=True)
class Axis:
    """From values to pixels; the scale is logarithmic or begins at zero."""

    least: float
    most: float
    start: float
    end: float
    is_logarithmic: bool = False

    def at(self, value: float) -> float:
        return self.start + (self.end - self.start) * self._part(value)

    def _part(self, value: float) -> float:
        if self.is_logarithmic:
            span = math.log(self.most) - math.log(self.least)
            return (math.log(value) - math.log(self.least)) / span if span else 0.5
        return (value - self.least) / (self.most - self.least)

    def ticks(self) -> list[float]:
        if self.is_logarithmic:
            first, last = math.floor(math.log10(self.least)), math.ceil(math.log10(self.most))
            marks = (10.0**power * digit for power in range(first, last) for digit in (1, 2, 5))
            return [tick for tick in marks if self.least <= tick <= self.most * 1.001]
        step = nice(self.most / 5)
        return [step * index for index in range(int(self.most / step) + 1)]


def nice(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... that is not smaller."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= value * 0.999)


def words(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"


@dataclass
class Canvas:
    title: str
    height: int
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, value: str, anchor: str = "start", kind: str = "") -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{escape(value)}</text>"
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'
        )

    def dot(self, x: float, y: float, radius: float, kind: str) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{kind}"/>')

    def svg(self) -> str:
        title = escape(self.title)
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'width="{WIDTH}" height="{self.height}" role="img" aria-label="{title}">',
            f"<style>{STYLE}</style>",
            f'<text x="{LEFT}" y="24" class="title">{title}</text>',
            *self.parts, "</svg>", "",
        ])


def bars(title: str, rows: dict[str, list[float]], middle: dict[str, float]) -> str:
    """A bar for the median of each, a dot for each round."""
    row, names = 46, 16
    canvas = Canvas(title, TOP + row * len(rows) + 34)
    most = max(max(values) for values in rows.values())
    axis = Axis(0, most * 1.02, LEFT, WIDTH - RIGHT - 70)
    bottom = TOP + row * len(rows)
    for tick in axis.ticks():
        canvas.line(axis.at(tick), TOP, axis.at(tick), bottom, "grid")
        canvas.text(axis.at(tick), bottom + 18, words(tick), "middle", "quiet")
    for index, (name, values) in enumerate(rows.items()):
        top = TOP + row * index
        end = axis.at(middle[name])
        canvas.text(LEFT + 4, top + names - 2, name)
        canvas.parts.append(
            f'<rect x="{LEFT}" y="{top + names + 3}" width="{end - LEFT:.1f}" height="16" rx="2" '
            f'class="bar {"c0" if index == 0 else "c2"}"/>'
        )
        for value in values:
            canvas.dot(axis.at(value), top + names + 11, 2.5, "run")
        canvas.text(max(end, axis.at(max(values))) + 8, top + names + 16, words(middle[name]))
    return canvas.svg()


@dataclass(frozen=True)
class Lines:
    """Curves over one axis that is logarithmic: connections, or stored alerts."""

    title: str
    below: str
    curves: dict[str, list[tuple[float, float]]]
    is_logarithmic: bool = False
    # A line across, and what it says.
    wanted: tuple[float, str] | None = None

    def svg(self) -> str:
        canvas = Canvas(self.title, 340)
        points = [point for curve in self.curves.values() for point in curve]
        bottom, right = canvas.height - BOTTOM, WIDTH - RIGHT - 90
        xs = sorted({x for x, _ in points})
        across = Axis(xs[0], xs[-1], LEFT + 16, right - 16, is_logarithmic=True)
        values = [y for _, y in points] + ([self.wanted[0]] if self.wanted else [])
        least = min(values) / 1.5 if self.is_logarithmic else 0.0
        up = Axis(least, max(values) * 1.1, bottom, TOP, self.is_logarithmic)
        for tick in up.ticks():
            canvas.line(LEFT, up.at(tick), right, up.at(tick), "grid")
            canvas.text(LEFT - 8, up.at(tick) + 4, words(tick), "end", "quiet")
        for x in xs:
            canvas.text(across.at(x), bottom + 18, words(x), "middle", "quiet")
        canvas.text((LEFT + right) / 2, bottom + 38, self.below, "middle", "quiet")
        if self.wanted:
            canvas.line(LEFT, up.at(self.wanted[0]), right, up.at(self.wanted[0]), "wanted")
            canvas.text(LEFT + 4, up.at(self.wanted[0]) - 5, self.wanted[1], kind="quiet")
        for index, (name, curve) in enumerate(self.curves.items()):
            self._draw(canvas, index, name, [(across.at(x), up.at(y)) for x, y in curve])
        return canvas.svg()

    def _draw(
        self, canvas: Canvas, index: int, name: str, places: list[tuple[float, float]]
    ) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        canvas.parts.append(
            f'<polyline points="{path}" class="line c{index}" style="fill: none"/>'
        )
        for x, y in places:
            canvas.dot(x, y, 4, f"dot c{index}")
        canvas.text(places[-1][0] + 12, places[-1][1] + 4, name)
