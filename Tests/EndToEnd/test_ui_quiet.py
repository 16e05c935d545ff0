"""A source whose webhooks stay away, on its page."""

from playwright.sync_api import expect

import quiet
from browser import PACE_MILLISECONDS, Visit, fact, until_live
from conftest import Connected
from payloads import new, new_id
from test_roles import make
from test_status import findings
from waiting import eventually


def test_a_quiet_source_is_told_and_not_watched_any_more(
    connected: Connected, visit: Visit
) -> None:
    gateway, source = connected.gateway, connected.source
    source.fire(new(new_id()))
    gateway.stop()
    quiet.write(gateway, None, source.id, quiet.learned(1, silent_spans=12, bits=48.0))
    gateway.start_again()
    eventually(lambda: "source_quiet" in findings(gateway), "the quiet source is told")
    path = f"/v1/sources/{source.id}"
    visitor = visit(gateway)
    page = visitor.sign_in(f"/alerts/sources/{source.id}")
    silence = page.get_by_role("region", name="Silence")
    expect(fact(silence, "Watched")).to_contain_text("Yes")
    expect(fact(silence, "Traffic")).to_have_text("Quiet")
    since = fact(silence, "Quiet since").locator("time")
    assert since.get_attribute("datetime") == gateway.get(path)["last_delivery_at"]
    expect(fact(silence, "Missing")).to_contain_text("12 of the last 12 spans of ten minutes")
    state = page.locator(".head .statusline")
    expect(state).to_have_text("EnabledQuiet")

    # Nobody wants to know; what is known of it stays.
    visitor.refuse(f"**{path}", "PATCH")
    silence.get_by_role("button", name="Stop watching").click()
    visitor.see(silence.get_by_role("alert").filter(has_text="Not just now."))
    page.unroute(f"**{path}")
    silence.get_by_role("button", name="Stop watching").click()
    watch = silence.get_by_role("button", name="Watch", exact=True)
    visitor.see(watch)
    expect(watch).to_be_focused()
    expect(fact(silence, "Watched")).to_contain_text("No")
    expect(state).to_have_text("Enabled")
    assert gateway.get(path)["quiet_watch"] is False
    watch.click()
    expect(state).to_have_text("EnabledQuiet")
    assert gateway.get(path)["quiet_watch"] is True

    # One webhook ends it.
    until_live(visitor)
    source.fire(new(new_id()))
    expect(fact(silence, "Traffic")).to_have_text("Normal")
    expect(state).to_have_text("Enabled")


def test_a_source_that_becomes_quiet_is_seen_without_an_event(
    connected: Connected, visit: Visit
) -> None:
    source = connected.source
    visitor = visit(connected.gateway)
    page = visitor.page
    page.clock.install()
    viewer = make(connected.gateway, "viewer-1", "viewer")["token"]
    visitor.sign_in(f"/alerts/sources/{source.id}", viewer)
    traffic = fact(page.get_by_role("region", name="Silence"), "Traffic")
    expect(traffic).to_have_text("Learning 0 days of 14")
    until_live(visitor)
    # What the stream has the page load once it is there is loaded.
    with page.expect_response(f"**/v1/sources/{source.id}"):
        page.clock.fast_forward(PACE_MILLISECONDS)
    learned = {"state": "quiet", "days_learned": 21, "silent_spans": 12, "missed_spans": 9}
    known = connected.gateway.get(f"/v1/sources/{source.id}") | {"traffic": learned}
    page.route(f"**/v1/sources/{source.id}", lambda route: route.fulfill(json=known))
    page.clock.fast_forward(PACE_MILLISECONDS)
    expect(traffic).to_have_text("Quiet")
