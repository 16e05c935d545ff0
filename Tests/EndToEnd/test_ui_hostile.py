"""What comes in is text on every page, whatever it looks like; and a page is live, or says so."""

import json
import re
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import expect

from browser import Held, Visit, until_live
from conftest import Connected
from payloads import new, new_id
from processes import Process
from waiting import eventually

MARKUP = '<img src="x" onerror="window.hacked=1"><script>window.hacked=1</script>'
HOSTILE = [
    MARKUP,
    '"><svg onload=window.hacked=1>',
    "</title></main><h1>Alerts</h1>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "\u202egnp.exe \u0000 \ufeff  __proto__",
]


def hostile_incident(text: str) -> dict[str, Any]:
    return new(
        new_id() + text[:80],
        status=text,
        severity=text,
        description=text,
        environments=[text],
        links=[{"rel": "self", "href": "javascript:window.hacked=1"}],
        url="javascript:window.hacked=1",
        alerts=[
            {
                "id": text,
                "status": "critical",
                "description": text,
                "primary_property": "host",
                "tags": [
                    {"name": "host", "value": text},
                    {"name": text, "value": text},
                    {"name": "__proto__", "value": text},
                ],
            }
        ],
    )


def test_texts_of_bigpanda_are_texts(connected: Connected, visit: Visit) -> None:
    gateway, source = connected.gateway, connected.source
    integration = {"name": MARKUP, "api_key": connected.stub.key,
                   "base_url": connected.stub.base_url}
    assert gateway.api("POST", "/v1/integrations", integration).status == 201
    disabled = f"/v1/sources/{gateway.create_source(connected.integration['id'], MARKUP).id}"
    assert gateway.api("PATCH", disabled, {"enabled": False}).status == 200
    ids = []
    for text in HOSTILE:
        answer = source.post(hostile_incident(text))
        assert answer.status == 200, answer
        ids.append(answer.json()["alert_id"])
    gateway.resolve(ids[0], MARKUP)
    source.post(json.dumps({"incident": {}, "event": MARKUP}).encode())
    deliveries = [item["id"] for item in gateway.items("/v1/deliveries")]
    # The gateway takes no such link in; a page goes to none either, should one be there.
    gateway.kill()
    with closing(sqlite3.connect(gateway.data / "gateway.db")) as store, store:
        store.execute("UPDATE alerts SET source_url = 'javascript:window.hacked=1'")
    gateway.start_again()
    visitor = visit(gateway)
    page = visitor.sign_in()
    seen = 0
    for path in (
        ["/alerts", "/alerts/sources", "/closes", "/deliveries", "/settings/integrations"]
        + ["/settings/status", disabled.replace("/v1", "/alerts")]
        + [f"/alerts/{alert_id}" for alert_id in ids]
        + [f"/deliveries/{delivery_id}" for delivery_id in deliveries[:3]]
    ):
        visitor.open(path)
        visitor.see(page.locator("main h1"))
        for summary in page.get_by_text("Raw payload").all()[:2]:
            summary.click()
            visitor.see(page.get_by_role("region", name="Body"))
        seen += page.locator("main").inner_text().count("<script>")
        assert page.evaluate("window.hacked") is None, path
        assert page.locator("main img, main script, main style, main iframe").count() == 0, path
        assert page.locator("[onerror], [onload], [style]").count() == 0, path
        script = "(links) => links.map((link) => [link.getAttribute('href'), link.rel])"
        for address, relation in page.locator("a").evaluate_all(script):
            assert address.startswith(("/", "#", "http://", "https://")), (path, address)
            if not address.startswith(("/", "#")):
                assert "noopener" in relation, (path, address)
    assert seen > 5, "the texts were not shown at all"


def test_pages_cannot_be_framed_or_run_what_is_not_theirs(
    connected: Connected, visit: Visit
) -> None:
    visitor = visit(connected.gateway)
    page = visitor.sign_in()
    for script in (
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.body.innerHTML = 'x'",
        "setTimeout('window.hacked = 1')",
        "document.createElement('b').setAttribute('onclick', 'window.hacked = 1')",
    ):
        failed = page.evaluate(
            f"() => {{ try {{ {script}; return null; }} catch (error) {{ return error.name; }} }}"
        )
        assert failed == "TypeError", (script, failed)
    assert page.evaluate("window.hacked") is None
    # What was just tried is told of, and nothing else.
    assert visitor.strange and all("Trusted" in line for line in visitor.strange), visitor.strange
    visitor.strange.clear()


def test_a_page_says_when_it_is_not_live_and_catches_up(
    connected: Connected, visit: Visit
) -> None:
    gateway = connected.gateway
    visitor = visit(gateway)
    page = visitor.sign_in()
    until_live(visitor)
    search = page.get_by_role("searchbox", name="Search alerts")
    search.focus()
    visitor.strange.clear()
    gateway.kill()
    live = page.locator("#live")
    eventually(
        lambda: re.search("reconnecting|Not live", live.inner_text()), "the page says so", 20
    )
    gateway.start_again()
    connected.source.fire(new(new_id(), description="While nobody looked"))
    eventually(lambda: live.inner_text() == "Live", "live again", 60)
    visitor.see(page.get_by_role("row").filter(has_text="Firing"))
    # Rows came and the focus stayed where it was.
    assert search.evaluate("(field) => field === document.activeElement")
    assert isinstance(gateway.process, Process)
    # That the gateway was away is what the browser complained of.
    assert all("ERR_" in line or "fetch" in line for line in visitor.strange), visitor.strange
    visitor.strange.clear()


class Away(BaseHTTPRequestHandler):
    """What a balancer says of a gateway that is away; browsers give a stream up over it."""

    asked = threading.Event()

    def do_GET(self) -> None:  # noqa: N802, the name that http.server asks for
        if self.path.startswith("/v1/stream"):
            self.asked.set()
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_a_stream_that_was_refused_is_taken_up_again(connected: Connected, visit: Visit) -> None:
    gateway, source = connected.gateway, connected.source
    visitor = visit(gateway)
    page = visitor.sign_in()
    until_live(visitor)
    # With a place in the stream, which the page goes on from.
    source.fire(new(new_id(), title="Before"))
    visitor.see(page.get_by_role("row").filter(has_text="Firing"))
    visitor.expected.add(503)
    gateway.kill()
    Away.asked.clear()
    with ThreadingHTTPServer(gateway.address, Away) as balancer:
        threading.Thread(target=balancer.serve_forever, daemon=True).start()
        assert Away.asked.wait(60), "the page does not ask for the stream again"
        balancer.shutdown()
    gateway.start_again()
    source.fire(new(new_id(), title="Meanwhile"))
    live = visitor.page.locator("#live")
    eventually(lambda: live.inner_text() == "Live", "live again", 60)
    rows = page.get_by_role("row").filter(has_text="Firing")
    expect(rows).to_have_count(2)
    visitor.strange = [line for line in visitor.strange if "ERR_" not in line]


def test_a_session_that_ends_leads_to_sign_in_and_back(
    connected: Connected, visit: Visit
) -> None:
    alert_id = connected.source.fire(new(new_id()))
    visitor = visit(connected.gateway)
    # Without the stream nothing but the button asks the gateway for anything.
    Held(visitor.page, "**/v1/stream*")
    visitor.page.route("**/v1/status", lambda route: None)
    page = visitor.sign_in(f"/alerts/{alert_id}")
    visitor.see(page.get_by_role("button", name="Resolve"))
    assert connected.gateway.api("DELETE", "/v1/sessions").status == 204
    visitor.expected.add(401)
    page.get_by_role("button", name="Resolve").click()
    page.get_by_role("button", name="Resolve alert").click()
    page.get_by_role("textbox", name="Admin token").fill(connected.gateway.token)
    page.get_by_role("button", name="Sign in").click()
    visitor.see(page.get_by_role("button", name="Resolve"))
    assert page.url.endswith(f"/alerts/{alert_id}")
    assert connected.gateway.alert(alert_id)["status"] == "firing"
