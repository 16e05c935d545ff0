"""The list of alerts: filters, search, order and pages."""

from urllib.parse import quote

import pytest

from conftest import Connected, on_both_stores
from gateway import Gateway, Source
from http_client import assert_problem
from payloads import EPOCH, alert, closed, new, new_id, updated

pytestmark = on_both_stores


def titled(source: Source, host: str, **fields: object) -> str:
    """An alert about a host; its id."""
    tags = [{"name": "host", "value": host}, {"name": "check", "value": "load"}]
    return source.fire(new(new_id(), EPOCH, alerts=[alert(tags=tags, description="")], **fields))


def ids(gateway: Gateway, query: str = "") -> list[str]:
    return [item["id"] for item in gateway.items("/v1/alerts" + query)]


def walk(gateway: Gateway, query: str) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    cursor = ""
    while True:
        page = gateway.get(f"/v1/alerts?{query}" + (f"&cursor={quote(cursor)}" if cursor else ""))
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        assert page["items"], "an empty page with a next one"
        cursor = page["next_cursor"]


def test_an_empty_list(gateway: Gateway) -> None:
    assert gateway.get("/v1/alerts") == {"items": [], "next_cursor": None}


def test_the_newest_change_comes_first(source: Source) -> None:
    first, second, third = (new_id() for _ in range(3))
    alert_ids = {name: source.fire(new(name, EPOCH)) for name in (first, second, third)}
    assert ids(source.gateway) == [alert_ids[third], alert_ids[second], alert_ids[first]]
    source.send(updated(first, EPOCH + 1, status="warning"))
    assert ids(source.gateway) == [alert_ids[first], alert_ids[third], alert_ids[second]]


def test_by_status(source: Source) -> None:
    firing = source.fire(new(new_id(), EPOCH))
    resolved = source.deliver(closed(new_id(), EPOCH))["alert_id"]
    assert ids(source.gateway, "?status=firing") == [firing]
    assert ids(source.gateway, "?status=resolved") == [resolved]


def test_by_source(connected: Connected) -> None:
    other = connected.gateway.create_source(connected.integration["id"], "Other")
    here, there = connected.source.fire(new(new_id())), other.fire(new(new_id()))
    assert ids(connected.gateway, f"?source_id={connected.source.id}") == [here]
    assert ids(connected.gateway, f"?source_id={other.id}") == [there]
    assert ids(connected.gateway, "?source_id=none") == []


def test_by_severity(source: Source) -> None:
    critical = source.fire(new(new_id(), EPOCH))
    warning = source.fire(new(new_id(), EPOCH, severity="warning", status="warning"))
    assert ids(source.gateway, "?severity=critical") == [critical]
    assert ids(source.gateway, "?severity=warning") == [warning]


def test_by_incident(source: Source) -> None:
    incident_id = "a/b c&d=ü%"
    alert_id = source.fire(new(incident_id))
    source.fire(new(new_id()))
    assert ids(source.gateway, f"?incident_id={quote(incident_id, safe='')}") == [alert_id]


def test_filters_are_joined(source: Source) -> None:
    wanted = titled(source, "db-7", severity="warning")
    titled(source, "db-7")
    titled(source, "web-1", severity="warning")
    assert ids(source.gateway, "?severity=warning&q=db-7&status=firing") == [wanted]


@pytest.mark.parametrize("query", ["storage", "STORAGE", "torag", "storage-ü"])
def test_search_finds_a_part_of_the_title(source: Source, query: str) -> None:
    wanted = titled(source, "Storage-ü-node")
    titled(source, "web-1")
    assert ids(source.gateway, f"?q={quote(query)}") == [wanted]


@pytest.mark.parametrize("query", ["%", "_", "100%", "a_b", "'", '"', "*", "\\", "' OR 1=1 --"])
def test_search_takes_every_character_as_itself(source: Source, query: str) -> None:
    wanted = titled(source, f"x{query}y")
    titled(source, "1000 axb")
    assert ids(source.gateway, f"?q={quote(query)}") == [wanted]


@pytest.mark.parametrize("limit", [1, 3, 4, 12, 500])
def test_pages_hold_each_alert_once(source: Source, limit: int) -> None:
    expected = [source.fire(new(new_id())) for _ in range(12)][::-1]
    assert walk(source.gateway, f"limit={limit}") == expected


def test_pages_with_a_filter(source: Source) -> None:
    expected = [titled(source, "db", severity="warning") for _ in range(5)][::-1]
    for _ in range(5):
        titled(source, "db")
    assert walk(source.gateway, "limit=2&severity=warning") == expected


def test_what_comes_in_meanwhile_does_not_disturb_the_pages(source: Source) -> None:
    gateway = source.gateway
    expected = [source.fire(new(new_id())) for _ in range(6)][::-1]
    page = gateway.get("/v1/alerts?limit=3")
    source.fire(new(new_id()))
    rest = gateway.get(f"/v1/alerts?limit=3&cursor={quote(page['next_cursor'])}")
    assert [item["id"] for item in page["items"] + rest["items"]] == expected


def test_fifty_is_the_default(source: Source) -> None:
    for _ in range(51):
        source.fire(new(new_id()))
    page = source.gateway.get("/v1/alerts")
    assert len(page["items"]) == 50 and page["next_cursor"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=many",
        "limit=",
        "cursor=zebra",
        "cursor=%00",
        "status=sleeping",
    ],
)
def test_a_bad_query_is_refused(source: Source, query: str) -> None:
    assert_problem(source.gateway.api("GET", f"/v1/alerts?{query}"), {400, 422})


@pytest.mark.parametrize("path", ["/v1/integrations", "/v1/sources", "/v1/closes"])
def test_the_other_lists_have_pages_too(connected: Connected, path: str) -> None:
    gateway = connected.gateway
    page = gateway.get(f"{path}?limit=1")
    assert set(page) >= {"items", "next_cursor"}
    assert_problem(gateway.api("GET", f"{path}?limit=0"), {400, 422})


def test_pages_of_sources(connected: Connected) -> None:
    gateway = connected.gateway
    made = {connected.source.id}
    for number in range(4):
        made.add(gateway.create_source(connected.integration["id"], f"Source {number}").id)
    found: list[str] = []
    cursor = ""
    while True:
        page = gateway.get("/v1/sources?limit=2" + (f"&cursor={quote(cursor)}" if cursor else ""))
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert len(found) == 5 and set(found) == made


def test_an_alert_in_the_list_is_the_alert(source: Source) -> None:
    alert_id = titled(source, "db-9")
    (listed,) = source.gateway.items("/v1/alerts")
    whole = source.gateway.alert(alert_id)
    differing = {key for key in listed if listed[key] != whole.get(key)}
    assert not differing
    assert "timeline" in whole


def test_an_unknown_alert_is_not_found(gateway: Gateway) -> None:
    assert_problem(gateway.api("GET", "/v1/alerts/none"), 404)
