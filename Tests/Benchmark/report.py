"""The figures as a page: tables in Markdown, and the plots beside it."""

import os
from pathlib import Path

import targets
from company_names import NAMES
from figures import measured_where, median, medians, megabytes_per_second, ratio, short, spread
from plots import plots
from targets import Found

BEGIN = "<!-- made by make bench: begin -->"
END = "<!-- made by make bench: end -->"


def markdown(found: Found, pictures: str | None = None) -> str:
    """With the plots shown, if it is said where they are from the page's point of view."""
    parts = [*measured_where(found)]
    if any(result["quick"] for result in found.values()):
        parts.append("**A quick look: one short round, which proves little.**")
    parts.append("\n".join(targets.table(found)))
    drawn = plots(found)
    for name, section in SECTIONS.items():
        if name in found:
            parts.append("\n".join(section(found[name])))
            parts += [
                f"![{plot.title}]({pictures}/{file})"
                for file, plot in drawn.items()
                if pictures is not None and plot.stage == name
            ]
    return "\n\n".join(part for part in parts if part)


def write(found: Found, document: Path, pictures: Path) -> None:
    pictures.mkdir(parents=True, exist_ok=True)
    for file, plot in plots(found).items():
        (pictures / file).write_text(plot.svg)
    shown = markdown(found, os.path.relpath(pictures, document.parent))
    document.write_text(between_marks(document.read_text(), shown))


def between_marks(text: str, made: str) -> str:
    """The page with what stands between the marks replaced."""
    assert text.count(BEGIN) == 1 and text.count(END) == 1, f"there must be one {BEGIN}, one {END}"
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n\n{made}\n\n{END}{tail}"


def rate_section(result: Found) -> list[str]:
    rounds = result["rounds"]
    names = list(rounds[0])
    lines = [
        f"### {result['connections']} connections",
        "",
        f"{told(result)}; ratios are of pairs within a round.",
        "",
        "| | requests/s | the gateway's rate, of this | least and most | p50 ms | p99 ms "
        "| resident MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in names:
        low, high = spread(rounds, names[0], name)
        lines.append(
            f"| {NAMES[name]} | {medians(rounds, name, 'per_second'):,.0f} "
            f"| {ratio(rounds, names[0], name):.2f} | {low:.2f} to {high:.2f} "
            f"| {medians(rounds, name, 'p50_ms'):.2f} | {medians(rounds, name, 'p99_ms'):.2f} "
            f"| {medians(rounds, name, 'resident_mib'):.0f} |"
        )
    return lines


def replicas_section(result: Found) -> list[str]:
    return ["### PostgreSQL", "", *rate_section(result)[2:]]


def connections_section(result: Found) -> list[str]:
    rounds = result["rounds"]
    lines = [
        "### From 1 to 256 connections", "", f"{told(result)}.", "",
        "| connections | webhooks/s | p50 ms | p99 ms | nginx, requests/s | the gateway's part |",
        "|---|---|---|---|---|---|",
    ]
    for count in result["sweep"]:
        ours, limit = f"sqlite {count}", f"nginx {count}"
        lines.append(
            f"| {count} | {medians(rounds, ours, 'per_second'):,.0f} "
            f"| {medians(rounds, ours, 'p50_ms'):.2f} | {medians(rounds, ours, 'p99_ms'):.2f} "
            f"| {medians(rounds, limit, 'per_second'):,.0f} | {ratio(rounds, ours, limit):.2f} |"
        )
    return lines


def sizes_section(result: Found) -> list[str]:
    rounds = result["rounds"]
    least = str(result["sizes"][0])
    lines = [
        "### Beside many stored alerts", "",
        f"{told(result)} on copies of stores in which all alerts fire; the updates are of any of "
        "them. A start plans anew when each firing alert is read back, and is waited for.", "",
        f"| stored alerts | webhooks/s | of that with {int(least):,} | p50 ms | p99 ms "
        "| resident MiB | file | planning after a start |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size in map(str, result["sizes"]):
        lines.append(
            f"| {int(size):,} | {medians(rounds, size, 'per_second'):,.0f} "
            f"| {ratio(rounds, size, least):.2f} | {medians(rounds, size, 'p50_ms'):.2f} "
            f"| {medians(rounds, size, 'p99_ms'):.2f} "
            f"| {medians(rounds, size, 'resident_mib'):.0f} "
            f"| {result['bytes'][size] / 1e6:,.0f} MB | {result['planning_seconds'][size]:.0f} s |"
        )
    return lines


def payloads_section(result: Found) -> list[str]:
    rounds = result["rounds"]
    size = rounds[0]["sqlite"]["body_bytes"]
    lines = [
        "### Webhooks of 250 KB", "",
        f"{size:,.0f} bytes each, {result['connections']} connections. {told(result)}.", "",
        "| | requests/s | MB/s | p50 ms | p99 ms |", "|---|---|---|---|---|",
    ]
    return lines + [
        f"| {NAMES[name]} | {medians(rounds, name, 'per_second'):,.0f} "
        f"| {megabytes_per_second(rounds, name):,.0f} | {medians(rounds, name, 'p50_ms'):.2f} "
        f"| {medians(rounds, name, 'p99_ms'):.2f} |"
        for name in rounds[0]
    ]


def memory_section(result: Found) -> list[str]:
    rows = {
        "idle, on an empty store": result["idle"],
        f"after {result['loaded']['alerts']:,} alerts": result["loaded"],
        f"with {result['connected']['connections']:,} idle connections": result["connected"],
    }
    lines = [
        "### Memory", "",
        "Resident as the kernel counts it, when it has settled; private is what is no page of a "
        "file. An idle gateway wakes up "
        f"{result['idle']['wakeups_per_second']:.1f} times a second, all threads together.", "",
        "| | resident MB | private MB | resident at most MB |", "|---|---|---|---|",
    ]
    return lines + [
        f"| {words} | {row['resident_bytes'] / 1e6:.1f} | {row['private_bytes'] / 1e6:.1f} "
        f"| {row['most_resident_bytes'] / 1e6:.1f} |"
        for words, row in rows.items()
    ]


def start_section(result: Found) -> list[str]:
    lines = [
        "### Start and weight", "",
        f"From the start of the process until `/readyz` answers 200, by turns; the median of "
        f"{len(result['seconds']['empty'])}. The stripped binary has "
        f"{result['stripped_bytes']:,} bytes.", "",
        "| | median ms | best ms |", "|---|---|---|",
    ]
    stored = f"a store of {result['stored_alerts']:,} alerts"
    for words, name in (("no store yet", "empty"), (stored, "stored")):
        seconds = result["seconds"][name]
        lines.append(f"| {words} | {median(seconds) * 1000:.1f} | {min(seconds) * 1000:.1f} |")
    return lines


def closes_section(result: Found) -> list[str]:
    return [
        "### Closes", "",
        f"{result['closes']:,} closes of {result['integrations']} integrations, against a stub "
        f"without a limit: {short(result['per_second'])} a second reach it, each once. BigPanda "
        f"allows each integration five. The API takes {short(result['resolves_per_second'])} "
        "resolves a second at the same time.",
    ]


def instructions_section(result: Found) -> list[str]:
    return [
        "### Instructions", "",
        f"A webhook of 1.2 KB costs {result['instructions']:,.0f} instructions and "
        f"{result['allocations']:,.0f} allocations.",
    ]


def told(result: Found) -> str:
    count = len(result["rounds"])
    return f"Medians of {count} round{'s' * (count > 1)} of {result['seconds']} s"


SECTIONS = {
    "rate": rate_section, "connections": connections_section, "sizes": sizes_section,
    "payloads": payloads_section, "memory": memory_section, "start": start_section,
    "closes": closes_section, "instructions": instructions_section,
    "replicas": replicas_section,
}
