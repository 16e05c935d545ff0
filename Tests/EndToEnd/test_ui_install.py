"""Setting a source's webhook up in BigPanda, from its page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from browser import Held, Visit, Visitor
from conftest import Connected
from test_install_webhook import INTEGRATIONS, add_example, outbound, vendor


def made(connected: Connected) -> dict[str, Any]:
    """The one that posts to the source; its secrets may be shown nowhere."""
    [found] = [
        item for item in outbound(connected)
        if item["workflow_config"]["config"]["base_url"] == connected.source.callback_url
    ]
    events = found["workflow_config"]["events"]
    secrets = {event["authorization"].removeprefix("Bearer ") for event in events}
    connected.gateway.secrets |= secrets
    return found


def ask(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Install webhook in BigPanda").click()


def test_a_webhook_is_shown_then_installed_and_its_drift_put_right(
    connected: Connected, visit: Visit
) -> None:
    connected.stub.settings(rate_per_second=0)
    add_example(connected)
    visitor = visit(connected.gateway)
    # Neither events nor the time make the page load: what it shows is what came of the buttons.
    Held(visitor.page, "**/v1/stream*")
    visitor.page.clock.install()
    page = visitor.sign_in(f"/alerts/sources/{connected.source.id}")
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    dialog = page.get_by_role("dialog", name="Install webhook in BigPanda")
    call = dialog.get_by_role("region", name="Call")
    rows = page.get_by_role("table", name="Secrets").get_by_role("row")

    # What would be made is shown, and nothing made.
    ask(visitor)
    expect(dialog.get_by_role("listitem")).to_contain_text("No Webhook v2 integration posts to")
    expect(call).to_contain_text(f"POST {INTEGRATIONS}")
    expect(call).to_contain_text("Bearer (a new secret)")
    expect(call).to_contain_text(connected.source.callback_url)
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Install webhook in BigPanda")).to_be_focused()
    assert len(outbound(connected)) == 1
    expect(rows).to_have_count(2)

    ask(visitor)
    dialog.get_by_role("button", name="Create it").click()
    visitor.see(page.get_by_role("status").filter(has_text="BigPanda was called"))
    expect(rows).to_have_count(3)
    there = made(connected)
    ask(visitor)
    visitor.see(page.get_by_role("status").filter(has_text="as it should be"))
    assert dialog.count() == 0

    # Somebody changes it in BigPanda.
    one = f"{INTEGRATIONS}/{there['id']}"
    there["workflow_config"]["events"][0]["enabled"] = False
    drifted = {"workflow_config": there["workflow_config"]}
    assert vendor(connected, "PATCH", one, drifted).status == 200
    ask(visitor)
    expect(dialog.get_by_role("listitem")).to_have_text("default: is disabled.")
    expect(call).to_contain_text(f"PATCH {one}")
    # The one that does not work is told of in the dialog, and can be tried again.
    connected.stub.fault("any", "status", status=403)
    visitor.expected.add(422)
    dialog.get_by_role("button", name="Change it").click()
    visitor.see(dialog.get_by_role("alert").filter(has_text="may not look after integrations"))
    dialog.get_by_role("button", name="Change it").click()
    visitor.see(page.get_by_role("status").filter(has_text="BigPanda was called"))
    assert all(event["enabled"] for event in made(connected)["workflow_config"]["events"])


def test_what_names_a_trigger_is_asked_for_if_nobody_knows(
    connected: Connected, visit: Visit
) -> None:
    connected.stub.settings(rate_per_second=0)
    visitor = visit(connected.gateway)
    page = visitor.sign_in(f"/alerts/sources/{connected.source.id}")
    connected.stub.fault("any", "status", status=403)
    visitor.expected |= {409, 422}
    ask(visitor)
    visitor.see(page.get_by_role("alert").filter(has_text="may not look after integrations"))
    ask(visitor)
    asking = page.get_by_role("dialog", name="What names a trigger?")
    visitor.see(asking.get_by_text("stands in no public document"))
    asking.get_by_role("button", name="Show the call").click()
    visitor.see(asking.get_by_text("Enter the trigger key."))
    asking.get_by_role("textbox", name="Trigger key").fill("kind_of_event")
    asking.get_by_role("button", name="Show the call").click()
    dialog = page.get_by_role("dialog", name="Install webhook in BigPanda")
    expect(dialog.get_by_role("region", name="Call")).to_contain_text("kind_of_event")
    assert outbound(connected) == []
    dialog.get_by_role("button", name="Create it").click()
    visitor.see(page.get_by_role("status").filter(has_text="BigPanda was called"))
    events = made(connected)["workflow_config"]["events"]
    assert {event["kind_of_event"] for event in events} > {"default", "incident#new"}
