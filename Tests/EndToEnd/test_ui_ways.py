"""Getting about: what happens while a page loads, moments, going back, settings, signing out."""

import re
from datetime import UTC, datetime

from playwright.sync_api import expect

from browser import PHONE, Held, Visit, Visitor, until_live
from conftest import Connected
from gateway import Gateway
from payloads import new, new_id
from waiting import eventually


def test_what_happens_before_the_stream_is_there_is_not_missed(
    connected: Connected, visit: Visit
) -> None:
    visitor = visit(connected.gateway)
    page = visitor.page
    stream = Held(page, "**/v1/stream*")
    visitor.sign_in()
    visitor.see(page.get_by_role("heading", name="All quiet"))
    route = stream.wait()
    connected.source.fire(new(new_id()))
    route.continue_()
    visitor.see(page.get_by_role("row").filter(has_text="Firing"))


def test_what_happens_while_a_list_loads_is_not_missed(
    connected: Connected, visit: Visit
) -> None:
    visitor = visit(connected.gateway)
    page = visitor.sign_in("/closes")
    visitor.see(page.get_by_role("heading", name="Nothing was ever owed"))
    until_live(visitor)
    alerts = Held(page, "**/v1/alerts?*")
    page.get_by_role("link", name="Alerts", exact=True).click()
    route = alerts.wait()
    # The answer of before is on its way for so long that the page says that it loads.
    answer = route.fetch()
    visitor.see(page.get_by_role("status").filter(has_text="Loading…"))
    with page.expect_response("**/v1/integrations?*"):
        # The banner's question, for which the stream has told of the alert before.
        connected.source.fire(new(new_id()))
        path = f"/v1/integrations/{connected.integration['id']}/check"
        assert connected.gateway.api("POST", path).status == 200
    route.fulfill(response=answer)
    visitor.see(page.get_by_role("row").filter(has_text="Firing"))


def test_moments_are_relative_and_exact(connected: Connected, visit: Visit) -> None:
    visitor = visit(connected.gateway)
    page = visitor.page
    connected.source.fire(new(new_id()))
    page.clock.install()
    visitor.sign_in("/deliveries")
    moment = page.get_by_role("row").locator("time")
    visitor.see(moment)
    shown, spoken = moment.locator("span").first, moment.locator("span").last
    received = connected.gateway.items("/v1/deliveries")[0]["received_at"]
    assert moment.get_attribute("datetime") == received
    exact = datetime.fromisoformat(received).astimezone(UTC).strftime("%-d %b %Y, %H:%M:%S UTC")
    # For who looks longer, and for screen readers, which hear nothing else.
    assert moment.get_attribute("title") == exact and spoken.inner_text() == exact
    assert shown.get_attribute("aria-hidden") == "true"
    expect(shown).to_have_text(re.compile(r"^(now|\d+ s ago)$"))
    page.clock.fast_forward("10:00")
    expect(shown).to_have_text(re.compile("^1[01] min ago$"))


def test_whoever_goes_back_is_where_they_were(connected: Connected, visit: Visit) -> None:
    for number in range(12):
        connected.source.fire(new(new_id(), description=f"Number {number}"))
    visitor = visit(connected.gateway, viewport=PHONE)
    page = visitor.sign_in()
    expect(page.get_by_role("row")).to_have_count(13)
    link = page.get_by_role("row").last.get_by_role("link")
    link.hover()
    place = page.evaluate("scrollY")
    assert place > 100
    link.click()
    visitor.see(page.get_by_role("heading", name="Timeline"))
    assert page.evaluate("scrollY") == 0
    page.go_back()
    visitor.see(page.get_by_role("heading", name="Alerts", level=1))
    eventually(lambda: abs(page.evaluate("scrollY") - place) < 2, "the place of before")


def test_settings_tell_of_the_gateway_and_sign_everybody_out(
    connected: Connected, visit: Visit
) -> None:
    gateway = connected.gateway
    visitor = visit(gateway)
    page = visitor.sign_in("/settings")
    page.get_by_role("link", name="About").click()
    about = gateway.get("/v1/about")
    facts = page.get_by_role("region", name="About this gateway")
    for name, text in (
        ("Version", about["version"]), ("Store", "SQLite, in one file"),
        ("Schema", str(about["schema_version"])), ("Runs for", re.compile(r"^\d+ (s|min)")),
    ):
        fact = facts.locator("dl > div").filter(has=page.get_by_text(name, exact=True))
        expect(fact.locator("dd")).to_have_text(text)
    settings = page.get_by_role("navigation", name="Settings")
    settings.get_by_role("link", name="Sources").click()
    visitor.see(page.get_by_role("row").filter(has_text="BigPanda").get_by_text("Nothing"))
    connected.source.fire(new(new_id()))
    visitor.see(page.get_by_role("img", name="1 webhook in 24 hours, at most 1 an hour"))
    other = visit(gateway)
    other.sign_in()
    page.get_by_role("link", name="Settings").click()
    settings.get_by_role("link", name="Sessions").click()
    visitor.see(page.get_by_text("this browser"))
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    visitor.see(page.get_by_role("textbox", name="Admin token"))
    other.expected.add(401)
    other.page.get_by_role("link", name="Closes").click()
    other.see(other.page.get_by_role("textbox", name="Admin token"))


def test_who_could_not_be_signed_out_is_told(gateway: Gateway, visit: Visit) -> None:
    visitor = visit(gateway)
    page = visitor.sign_in()
    until_live(visitor)
    page.route("**/v1/session", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    visitor.see(page.get_by_role("alert").filter(has_text="You are still signed in."))
    page.unroute("**/v1/session")
    page.get_by_role("button", name="Sign out").click()
    visitor.see(page.get_by_role("textbox", name="Admin token"))
    # What was cut off is what the browser complained of.
    assert_only_cut_off(visitor)


def assert_only_cut_off(visitor: Visitor) -> None:
    assert all("ERR_FAILED" in line for line in visitor.strange), visitor.strange
    visitor.strange.clear()
