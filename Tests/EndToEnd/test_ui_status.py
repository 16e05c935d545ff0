"""Whether all is well, and what to do if it is not, as the pages tell it."""

import json
import re

from playwright.sync_api import expect

from browser import PACE_MILLISECONDS, Visit, until_live
from conftest import Connected
from gateway import Gateway
from payloads import new
from test_roles import make

BANNER = "Something does not get done until somebody acts"


def fail_a_close(connected: Connected) -> str:
    """The alert whose close BigPanda will have nothing of, for now."""
    alert = connected.source.fire(new(connected.stub.create()))
    connected.stub.fault("resolve", "status", status=400)
    connected.gateway.resolve(alert)
    connected.gateway.wait_for_close(alert, "failed")
    return alert


def test_findings_are_told_worst_first_until_they_are_over(
    connected: Connected, visit: Visit
) -> None:
    gateway, source = connected.gateway, connected.source
    visitor = visit(gateway)
    page = visitor.page
    page.clock.install()
    visitor.sign_in("/settings/status", make(gateway, "viewer-1", "viewer")["token"])
    visitor.see(page.get_by_text("All is well: there is nothing to do."))
    assert page.get_by_role("article").count() == 0
    banner = page.get_by_role("alert").filter(has_text=BANNER)
    assert banner.count() == 0
    until_live(visitor)

    alert = fail_a_close(connected)
    assert source.post({}, token="wrong").status == 401
    other = gateway.create_source(connected.integration["id"], "Old <b>one</b>")
    assert gateway.api("PATCH", f"/v1/sources/{other.id}", {"enabled": False}).status == 200
    # No event tells of these; the page asks now and then.
    page.clock.fast_forward(PACE_MILLISECONDS)
    visitor.see(page.get_by_text("Failing"))
    told = page.get_by_role("article")
    found = gateway.get("/v1/status")["findings"]
    assert [one["severity"] for one in found] == ["error", "warning", "notice"], found
    expect(told).to_have_count(len(found))
    for one, card in zip(found, told.all(), strict=True):
        for text in (one["severity"].capitalize(), one["subject"], one["action"]):
            expect(card).to_contain_text(text)
        # What was seen goes on: so long ago.
        expect(card).to_contain_text(re.split(r"\d+ s", one["seen"])[0])
    expect(told.last).to_contain_text("Old <b>one</b>")

    # Everywhere there is a way to it.
    expect(banner).to_contain_text("“closes”")
    page.get_by_role("link", name="Closes", exact=True).click()
    visitor.see(visitor.heading("Closes"))
    banner.get_by_role("link", name="What to do").click()
    visitor.see(page.get_by_role("heading", name="Status"))
    told.first.get_by_role("link", name="Go to Closes").click()
    expect(page).to_have_url(re.compile(r"/closes\?state=failed$"))

    close = gateway.close_of(alert)
    assert close and gateway.api("POST", f"/v1/closes/{close['id']}/retry").status == 200
    gateway.wait_for_close(alert, "sent")
    page.clock.fast_forward(PACE_MILLISECONDS)
    expect(banner).to_have_count(0)


def test_the_status_is_asked_for_only_while_somebody_looks(
    gateway: Gateway, visit: Visit
) -> None:
    visitor = visit(gateway)
    page = visitor.page
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def count() -> int:
        # Asking the page lets it tell of its requests.
        page.evaluate("true")
        return sum(url.endswith("/v1/status") for url in asked)

    def look(is_looking: bool) -> None:
        hidden = json.dumps(not is_looking)
        page.evaluate(
            "Object.defineProperty(document, 'hidden', "
            f"{{ configurable: true, get: () => {hidden} }});"
            "document.dispatchEvent(new Event('visibilitychange'));"
        )

    visitor.sign_in("/settings/about")
    until_live(visitor)
    with page.expect_response("**/v1/status"):
        page.clock.fast_forward(PACE_MILLISECONDS)
    look(False)
    before = count()
    page.clock.fast_forward(PACE_MILLISECONDS)
    assert count() == before
    # Whoever comes back sees at once what is.
    with page.expect_response("**/v1/status"):
        look(True)
    assert count() == before + 1
    with page.expect_response("**/v1/status"):
        page.clock.fast_forward(PACE_MILLISECONDS)
    # Whoever has left is not asked for.
    page.get_by_role("button", name="Sign out").click()
    visitor.see(page.get_by_role("textbox", name="Admin token"))
    before = count()
    page.clock.fast_forward(PACE_MILLISECONDS)
    assert count() == before


def test_a_key_is_not_told_of_twice(connected: Connected, visit: Visit) -> None:
    gateway = connected.gateway
    visitor = visit(gateway)
    page = visitor.sign_in("/settings/status")
    visitor.see(page.get_by_text("All is well"))
    until_live(visitor)
    connected.stub.allow_keys("BPU-another")
    gateway.api("POST", f"/v1/integrations/{connected.integration['id']}/check")
    # An event tells of it: the page follows at once.
    card = page.get_by_role("article", name="production")
    visitor.see(card.get_by_text("Error"))
    banners = page.locator("#banners").get_by_role("alert")
    expect(banners).to_have_text(re.compile("BigPanda rejects the API key"))
    expect(banners).to_have_count(1)
    card.get_by_role("link", name="Go to Integrations").click()
    visitor.see(page.get_by_text("Key rejected"))


def test_a_status_that_can_not_be_had_is_told(gateway: Gateway, visit: Visit) -> None:
    visitor = visit(gateway)
    page = visitor.page
    page.clock.install()
    visitor.sign_in("/settings/status")
    visitor.see(page.get_by_role("heading", name="Status"))
    until_live(visitor)
    visitor.refuse("**/v1/status")
    page.clock.fast_forward(PACE_MILLISECONDS)
    trouble = page.get_by_role("alert").filter(has_text="Not up to date: Not just now.")
    visitor.see(trouble)
    page.unroute("**/v1/status")
    page.clock.fast_forward(PACE_MILLISECONDS)
    expect(trouble).to_have_count(0)
