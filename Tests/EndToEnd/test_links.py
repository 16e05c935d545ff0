"""Links within the documents lead somewhere; names in them are those of the program."""

import json
import re
from pathlib import Path

import pytest

import blocks
import reference
import runbook

# A link or a picture: what stands in the brackets behind it.
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`\n]+`")
SETTING = re.compile(r"\bGATEWAY_[A-Z]+(?:_[A-Z]+)*\b")
MAKE = re.compile(r"`make ([a-z]+)\b")
CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`\s?]*)")
# Served by others: the stub's own control, and BigPanda.
FOREIGN = ("/_stub/", "/resources/")
METRIC = re.compile(r"\bbigpanda_gateway_[a-z]+(?:_[a-z]+)*\b")


def targets(text: str) -> list[str]:
    return LINK.findall(CODE.sub("", blocks.without_fences(text)))


def fault(page: Path, target: str) -> str | None:
    """What is wrong with a link."""
    if re.match(r"(https?|mailto):", target):
        return None
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return f"there is no {name}"
    if not path.is_relative_to(blocks.ROOT):
        return f"{name} lies outside"
    if anchor and anchor not in blocks.anchors(path.read_text()):
        return f"{path.name} has no place #{anchor}"
    return None


@pytest.mark.parametrize("page", blocks.DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    faults = [(it, fault(page, it)) for it in targets(page.read_text())]
    assert not [it for it in faults if it[1]]


def test_every_page_is_linked() -> None:
    reached, waiting = set(), [blocks.ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        found = (page.parent / it.partition("#")[0] for it in targets(page.read_text()))
        known = {it.resolve() for it in found if it.suffix == ".md" and it.exists()}
        waiting += known - reached - set(waiting)
    # The decisions are linked as a directory.
    assert {it for it in blocks.DOCUMENTS if it.parent.name != "adr"} <= reached


def test_a_broken_link_is_found() -> None:
    page = blocks.ROOT / "docs/operations.md"
    text = "[a](nowhere.md) `[no](link)` [b](api.md#nowhere)\n```sh\n[c](d)\n```\n[e](#nowhere)\n"
    assert targets(text) == ["nowhere.md", "api.md#nowhere", "#nowhere"]
    for target in ["nowhere.md", "api.md#nowhere", "#nowhere", "../../outside.md"]:
        assert fault(page, target), target
    for target in ["api.md#roles", "#restore", "adr", "https://example.org/#x"]:
        assert fault(page, target) is None, target
    assert blocks.anchors("# A `b` c's\n## Do\n## Do\n") == {"a-b-cs", "do", "do-1"}


def test_settings_that_are_named_exist(binary: str) -> None:
    words = runbook.told(binary) + reference.told(binary, "config", "reference")
    known = set(SETTING.findall(words))
    told = set(SETTING.findall(reference.SETTINGS.read_text()))
    assert {it.removesuffix("_FILE") for it in known} <= told, "not told in configuration.md"
    # For developers: they are read by make and by tests.
    sources = [blocks.ROOT / "Makefile", *(blocks.ROOT / "Tests").rglob("*.py")]
    own = {name for path in sources for name in SETTING.findall(path.read_text())} - told
    for page in blocks.DOCUMENTS:
        named = {it.removesuffix("_FILE") for it in SETTING.findall(page.read_text())}
        is_for_users = page.parent.name == "docs" and page.name != "reliability.md"
        assert named <= known | (set() if is_for_users else own), page


def test_metrics_that_are_named_exist() -> None:
    metrics = blocks.ROOT / "Sources/GatewayApp/Metrics"
    known = {it for path in metrics.glob("*.swift") for it in METRIC.findall(path.read_text())}
    assert len(known) > 25
    # What Prometheus makes of a histogram.
    known |= {name + part for name in known for part in ("_bucket", "_count", "_sum")}
    for page in blocks.DOCUMENTS:
        assert set(METRIC.findall(page.read_text())) <= known, page


def test_targets_of_make_that_are_named_exist() -> None:
    makefile = (blocks.ROOT / "Makefile").read_text()
    known = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    assert len(known) > 15
    for page in blocks.DOCUMENTS:
        assert set(MAKE.findall(page.read_text())) <= known, page


def test_requests_that_are_named_are_served(binary: str) -> None:
    document = json.loads(reference.told(binary, "openapi"))
    served = {(method.upper(), path) for path, it in document["paths"].items() for method in it}
    named = 0
    for page in blocks.DOCUMENTS:
        for method, path in CALL.findall(page.read_text()):
            if not path.startswith(FOREIGN):
                named += 1
                assert (method, path) in served, (page.name, method, path)
    assert named > 60
