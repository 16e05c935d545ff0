"""Canaries of integrations, on their page."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from browser import PACE_MILLISECONDS, Visit, Visitor, fact, until_live
from conftest import Connected, connect
from gateway import Gateway
from processes import free_port
from stub import Stub
from test_canary import path as canary_path
from test_roles import make
from waiting import eventually


def test_a_canary_is_set_told_of_changed_and_removed(
    connected: Connected, visit: Visit
) -> None:
    gateway = connected.gateway
    visitor = visit(gateway)
    page = visitor.page
    page.clock.install()
    visitor.sign_in("/settings/integrations")
    card = page.get_by_role("article", name="production")
    canary = fact(card, "Canary")
    expect(canary).to_have_text("Off")
    until_live(visitor)
    set_interval(visitor, "Set canary", "5", is_refused=True)
    dialog = page.get_by_role("dialog", name="Canary of production")
    told = dialog.get_by_role("alert")
    expect(told).to_contain_text("interval_seconds")
    visitor.expected.clear()
    assert gateway.get(canary_path(connected))["enabled"] is False
    dialog.get_by_role("spinbutton", name="Interval in seconds").fill("60")
    dialog.get_by_role("button", name="Save").click()
    expect(canary).to_contain_text("every 1 min")
    change = card.get_by_role("button", name="Change canary")
    expect(change).to_be_focused()

    # No event tells what came of it.
    run = eventually(lambda: gateway.get(canary_path(connected))["last_run"], "it has ended")
    page.clock.fast_forward(PACE_MILLISECONDS)
    expect(canary).to_have_text("Passed every 1 min")
    expect(fact(card, "Its last one")).to_have_text(re.compile(r"took (\d+ ms|\d+\.\d s)$"))
    hops = " ".join(hop["hop"] + r" (\d+ ms|\d+\.\d s),?" for hop in run["hops"])
    expect(fact(card, "Its hops")).to_have_text(re.compile(f"^{hops}$"))
    passed = fact(card, "Last passed").locator("time")
    assert passed.get_attribute("datetime") == gateway.get(canary_path(connected))["last_passed_at"]

    set_interval(visitor, "Change canary", "5400")
    expect(canary).to_contain_text("every 90 min")
    assert gateway.get(canary_path(connected))["interval_seconds"] == 5400
    card.get_by_role("button", name="Remove canary").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(canary).to_have_text("Off")
    expect(card.get_by_role("button", name="Set canary")).to_be_focused()
    assert gateway.get(canary_path(connected))["enabled"] is False


def set_interval(visitor: Visitor, button: str, seconds: str, is_refused: bool = False) -> None:
    page = visitor.page
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("spinbutton", name="Interval in seconds")
    field.fill("")
    dialog.get_by_role("button", name="Save").click()
    visitor.see(dialog.get_by_text("Enter a number of seconds."))
    expect(field).to_be_focused()
    field.fill(seconds)
    if is_refused:
        visitor.expected |= {400, 422}
    dialog.get_by_role("button", name="Save").click()


def test_where_a_canary_got_stuck_is_told(
    start_gateway: Callable[..., Gateway], stub: Stub, visit: Visit
) -> None:
    gateway = start_gateway(GATEWAY_PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
    connected = connect(gateway, stub)
    assert gateway.api("PUT", canary_path(connected), {"interval_seconds": 60}).status == 200
    run: Any = eventually(lambda: gateway.get(canary_path(connected))["last_run"], "it has ended")
    assert run["failed_hop"] == "webhook", run
    visitor = visit(gateway)
    viewer = make(gateway, "viewer-1", "viewer")["token"]
    page = visitor.sign_in("/settings/integrations", viewer)
    card = page.get_by_role("article", name="production")
    expect(fact(card, "Canary")).to_have_text("Failed every 1 min")
    expect(fact(card, "Its last one")).to_contain_text("got no further than webhook: ")
    expect(fact(card, "Its last one")).to_contain_text(run["reason"])
    expect(fact(card, "Last passed")).to_have_text("Never")
    assert card.get_by_role("button").count() == 0
    banner = page.get_by_role("alert").filter(has_text="until somebody acts")
    expect(banner).to_contain_text("“production”")
    banner.get_by_role("link", name="What to do").click()
    visitor.see(page.get_by_role("article", name="production").get_by_text("Error"))
    page.get_by_role("link", name="Go to Integrations").click()
    visitor.see(page.get_by_role("heading", name="Integrations"))
