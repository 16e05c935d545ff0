"""The whole way through the pages, from signing in to a close that BigPanda has confirmed."""

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from browser import Held, Visit, Visitor, until_live
from conftest import Connected
from gateway import Gateway
from stub import Stub
from waiting import eventually


def test_from_sign_in_to_a_confirmed_close(gateway: Gateway, stub: Stub, visit: Visit) -> None:
    visitor = visit(gateway)
    page = visitor.sign_in()
    connect(visitor, stub)
    callback_url, secret = create_source(visitor)
    stub.send_webhooks(callback_url, secret)

    page.get_by_role("link", name="Alerts", exact=True).click()
    visitor.see(page.get_by_role("heading", name="All quiet"))
    until_live(visitor)
    # Nothing is reloaded from here on: what happens comes by itself.
    page.evaluate("window.isTheSamePage = true")
    incident_id = stub.create(title="db-prod-1 – cpu", status="critical")
    row = page.get_by_role("row").filter(has_text="db-prod-1 – cpu")
    visitor.see(row.get_by_text("Firing"))
    assert "BigPanda production" in row.inner_text() and "Critical" in row.inner_text()

    row.get_by_role("link").click()
    visitor.see(visitor.heading("db-prod-1 – cpu"))
    assert page.title().startswith("db-prod-1 – cpu")
    resolve(page, "Restarted <b>it</b>")
    visitor.see(page.get_by_text("Closed in BigPanda", exact=True))
    stub.wait_until_closed(incident_id)
    assert stub.resolves(incident_id)[0]["comments"].endswith(": Restarted <b>it</b>")
    read_timeline(visitor)
    assert page.evaluate("window.isTheSamePage") is True

    page.get_by_role("link", name="Closes").click()
    visitor.see(page.get_by_role("row").filter(has_text="db-prod-1 – cpu")
                .get_by_text("Closed in BigPanda"))
    page.get_by_role("link", name="Deliveries").click()
    visitor.see(page.get_by_role("row").filter(has_text="Taken in: new alert"))
    page.get_by_role("button", name="Sign out").click()
    visitor.see(page.get_by_role("textbox", name="Admin token"))


def connect(visitor: Visitor, stub: Stub) -> None:
    """Connects BigPanda: first with a wrong key, which is told of and not kept."""
    page = visitor.page
    page.get_by_role("link", name="Settings").click()
    visitor.see(visitor.heading("Settings"))
    page.get_by_role("button", name="Connect").click()
    dialog = page.get_by_role("dialog", name="Connect BigPanda")
    dialog.get_by_role("textbox", name="Name").fill("production")
    key = dialog.get_by_role("textbox", name="API key")
    assert key.evaluate("(field) => getComputedStyle(field).webkitTextSecurity") == "disc"
    key.fill("BPU-wrong-key")
    region = dialog.get_by_role("combobox", name="Region")
    assert region.locator("option").all_inner_texts() == ["US", "EU", "Custom"]
    region.select_option("Custom")
    dialog.get_by_role("textbox", name="Base URL").fill(stub.base_url)
    dialog.get_by_label("Key expires").fill("2031-05-17")
    visitor.expected.add(422)
    dialog.get_by_role("button", name="Connect").click()
    alert = dialog.get_by_role("alert").filter(has_text="BigPanda rejected this API key")
    visitor.see(alert)
    assert visitor.gateway.items("/v1/integrations") == []
    visitor.gateway.secrets.add(stub.key)
    key.fill(stub.key)
    dialog.get_by_role("button", name="Connect").click()
    dialog.wait_for(state="hidden")
    visitor.expected.clear()
    card = page.get_by_role("article", name="production")
    visitor.see(card.get_by_text("Connected"))
    for text in ("Production", "Environments seen", "attributed", "left, until"):
        visitor.see(card.get_by_text(re.compile(text)))
    [integration] = visitor.gateway.items("/v1/integrations")
    assert integration["key_expires_at"] == "2031-05-17T23:59:59.000Z"


def create_source(visitor: Visitor) -> tuple[str, str]:
    page = visitor.page
    page.get_by_role("link", name="Alerts", exact=True).click()
    page.get_by_role("tab", name="Sources").click()
    page.get_by_role("button", name="New alert source").click()
    page.get_by_role("searchbox", name="Search sources").fill("bigp")
    page.get_by_role("option", name="BigPanda").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name").fill("BigPanda production")
    page.get_by_role("button", name="Create source").click()
    url = page.get_by_role("textbox", name="Callback URL").input_value()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    visitor.gateway.secrets.add(secret)
    visitor.see(page.get_by_text(f"Authorization: Bearer {secret}"))
    visitor.see(page.get_by_text(re.compile("AutoShare rule")))
    for name in ("Copy callback URL", "Copy secret"):
        page.get_by_role("button", name=name).click()
    visitor.see(page.get_by_text("Copied"))
    [source] = visitor.gateway.items("/v1/sources")
    assert source["callback_url"] == url and source["name"] == "BigPanda production"
    return url, secret


def resolve(page: Page, comment: str) -> None:
    page.get_by_role("button", name="Resolve").click()
    dialog = page.get_by_role("dialog", name="Resolve alert")
    dialog.get_by_role("textbox", name="Comment").fill(comment)
    dialog.get_by_role("button", name="Resolve alert").click()
    dialog.wait_for(state="hidden")


def read_timeline(visitor: Visitor) -> None:
    """Each thing that happened, with its cause, and the payload one click away."""
    page = visitor.page
    entries = page.locator(".timeline > li")
    for text in (
        "Fired", "Resolved by admin", "Restarted <b>it</b>",
        "BigPanda accepted the close", "Closed in BigPanda, confirmed", "incident#new",
    ):
        visitor.see(entries.filter(has_text=text))
    # The echo of the close is the last thing that comes.
    visitor.see(entries.filter(has_text="incident#closed"))
    first = entries.last
    first.get_by_text("Raw payload").click()
    visitor.see(first.get_by_text('"incident#new"'))
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    exported = json.loads(download.value.path().read_text())
    assert exported["alert"]["title"] == "db-prod-1 – cpu", exported
    expect(entries).to_have_count(len(exported["alert"]["timeline"]))
    assert "incident#new" in exported["deliveries"][-1]["body"]
    assert "api_key" not in json.dumps(exported)


def test_what_was_ignored_is_explained(connected: Connected, visit: Visit) -> None:
    from payloads import EPOCH, new, new_id, updated

    incident_id = new_id()
    source = connected.source
    payload = new(incident_id, EPOCH + 100)
    alert_id = source.fire(payload)
    source.deliver(payload)
    source.deliver(updated(incident_id, EPOCH + 40))
    visitor = visit(connected.gateway)
    page = visitor.sign_in(f"/alerts/{alert_id}")
    entries = page.locator(".timeline > li")
    stale = entries.filter(has_text="Ignored: older than what was known")
    visitor.see(stale.get_by_text(re.compile("1 min behind what had been applied")))
    visitor.see(entries.filter(has_text="Ignored: the same payload again"))


def test_a_deep_link_leads_through_sign_in_and_back(connected: Connected, visit: Visit) -> None:
    incident_id, alert_id = share_one(connected)
    visitor = visit(connected.gateway)
    visitor.expected.add(401)
    page = visitor.open(f"/alerts/{alert_id}")
    token = page.get_by_role("textbox", name="Admin token")
    token.fill("not-the-token-of-this-gateway")
    token.press("Enter")
    visitor.see(page.get_by_role("alert").filter(has_text="not the admin token"))
    token.fill(connected.gateway.token)
    token.press("Enter")
    visitor.see(page.get_by_role("heading", name="Disk full", level=1))
    assert page.url == f"{visitor.origin}/alerts/{alert_id}"


def test_nobody_is_sent_elsewhere_after_signing_in(gateway: Gateway, visit: Visit) -> None:
    for place in ("https://example.org/", "//example.org/", "/\\example.org", "javascript:1"):
        visitor = visit(gateway)
        page = visitor.sign_in(f"/sign-in?next={place}")
        visitor.see(page.get_by_role("heading", name="Alerts", level=1))
        assert page.url == f"{visitor.origin}/alerts"


def test_a_rejected_key_is_told_of_everywhere(connected: Connected, visit: Visit) -> None:
    visitor = visit(connected.gateway)
    page = visitor.sign_in()
    connected.stub.allow_keys("BPU-another")
    connected.gateway.api("POST", f"/v1/integrations/{connected.integration['id']}/check")
    banner = page.get_by_role("alert").filter(has_text="BigPanda rejects the API key")
    for path in ("/alerts", "/closes", "/deliveries", "/settings/about"):
        visitor.open(path)
        visitor.see(banner)
    visitor.open("/settings/integrations")
    visitor.see(page.get_by_text("Key rejected"))
    connected.stub.allow_keys(connected.stub.key)
    page.get_by_role("button", name="Check now").click()
    visitor.see(page.get_by_text("Connected"))
    banner.wait_for(state="detached")


def test_a_source_is_rotated(connected: Connected, visit: Visit) -> None:
    visitor = visit(connected.gateway)
    page = visitor.sign_in(f"/alerts/sources/{connected.source.id}")
    page.get_by_role("button", name="Rotate secret").click()
    dialog = page.get_by_role("dialog", name="Rotate the secret")
    dialog.get_by_role("combobox").select_option("One hour")
    dialog.get_by_role("button", name="Make a new one").click()
    expect(page.get_by_role("heading", name="The new secret")).to_be_focused()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    connected.gateway.secrets.add(secret)
    assert secret != connected.source.secret
    rows = page.get_by_role("table", name="Secrets").get_by_role("row")
    eventually(lambda: rows.count() == 3, "both secrets are listed")
    post_with(connected, secret)
    visitor.see(rows.filter(has_text="Newest").get_by_text("used last"))


def test_a_source_is_disabled_and_enabled(connected: Connected, visit: Visit) -> None:
    visitor = visit(connected.gateway)
    # No event makes the page load: what it shows is what came of the button.
    Held(visitor.page, "**/v1/stream*")
    page = visitor.sign_in(f"/alerts/sources/{connected.source.id}")
    for name, state, other, status in (
        ("Disable", "Disabled", "Enable", 401), ("Enable", "Enabled", "Disable", 400),
    ):
        page.get_by_role("button", name=name, exact=True).click()
        visitor.see(page.get_by_role("button", name=other, exact=True))
        visitor.see(page.get_by_text(re.compile(f"^{state}")))
        assert connected.source.post(b"{}").status == status


def post_with(connected: Connected, secret: str) -> None:
    from payloads import new, new_id

    assert connected.source.post(new(new_id()), token=secret).status == 200


def share_one(connected: Connected) -> tuple[str, str]:
    connected.share()
    return connected.shared_incident(title="Disk full", status="critical")


def test_closes_are_tried_again_and_given_up(connected: Connected, visit: Visit) -> None:
    _, alert_id = share_one(connected)
    connected.stub.fault("resolve", "status", times=0, status=400)
    connected.gateway.resolve(alert_id)
    connected.gateway.wait_for_close(alert_id, "failed")
    connected.stub.clear_faults()
    connected.stub.fault("resolve", "status", times=0, status=503)
    _, waiting_id = connected.shared_incident(title="Still owed", status="warning")
    connected.gateway.resolve(waiting_id)
    visitor = visit(connected.gateway)
    page = visitor.sign_in()
    visitor.see(page.get_by_role("img", name=re.compile("oldest close has been owed for")))
    page.get_by_role("link", name="1 failed").click()
    row = page.get_by_role("row").filter(has_text="Disk full")
    visitor.see(row.get_by_text("Close failed"))
    assert page.url.endswith("/closes?state=failed")
    retry_in_vain(visitor, row)
    connected.stub.clear_faults()
    page.get_by_role("combobox", name="State").select_option("All")
    row.get_by_role("button", name="Retry").click()
    visitor.see(row.get_by_text("Closed in BigPanda"))


def retry_in_vain(visitor: Visitor, row: Locator) -> None:
    """An error is told in its place, and the button is as it was."""
    problem = json.dumps({"title": "No", "detail": "Not just now.", "code": "unavailable"})
    visitor.page.route("**/retry", lambda route: route.fulfill(status=503, body=problem))
    visitor.expected.add(503)
    retry = row.get_by_role("button", name="Retry")
    retry.click()
    visitor.see(visitor.page.get_by_role("alert").filter(has_text="Not just now."))
    expect(retry.locator(".hidden-text")).to_have_text(": Disk full")
    visitor.page.unroute("**/retry")
    visitor.expected.clear()


def test_a_delivery_is_shown_and_replayed(connected: Connected, visit: Visit) -> None:
    _, alert_id = share_one(connected)
    [delivery] = connected.gateway.items("/v1/deliveries")
    visitor = visit(connected.gateway)
    page = visitor.sign_in("/deliveries")
    page.get_by_role("link", name=delivery["id"]).click()
    shown = visitor.see(page.get_by_role("region", name="Body")).inner_text()
    sent = connected.gateway.get(f"/v1/deliveries/{delivery['id']}")["body"]
    assert "Disk full" in shown and len(shown.splitlines()) > 20
    # On more lines, and not a character more or less in its texts and numbers.
    assert json.dumps(json.loads(sent), indent=2, ensure_ascii=False) == shown
    page.get_by_role("button", name="Dry run").click()
    visitor.see(page.get_by_text("change nothing: it is what was applied last"))
    assert len(connected.gateway.items("/v1/deliveries")) == 1
    page.get_by_role("button", name="Replay").click()
    dialog = page.get_by_role("dialog", name="Replay this webhook?")
    dialog.get_by_role("button", name="Replay it").click()
    visitor.see(page.get_by_role("link", name=delivery["id"]))
    replayed: Any = connected.gateway.items("/v1/deliveries")[0]
    assert replayed["replay_of"] == delivery["id"] and replayed["alert_id"] == alert_id
