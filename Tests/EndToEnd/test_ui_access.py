"""Tokens, roles, the audit log and keys that end, in a browser."""

import re
from datetime import UTC, datetime, timedelta

from browser import Visit
from conftest import Connected
from payloads import new, new_id
from test_roles import make


def test_a_token_is_made_used_told_of_and_revoked(connected: Connected, visit: Visit) -> None:
    gateway = connected.gateway
    visitor = visit(gateway)
    page = visitor.sign_in()
    visitor.open("/settings/tokens")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog", name="New token")
    dialog.get_by_role("textbox", name="Name").fill("ann")
    dialog.get_by_role("combobox", name="Role").select_option(label="Operator")
    dialog.get_by_role("button", name="Create token").click()
    shown = page.get_by_role("textbox", name="New token")
    visitor.see(shown)
    token = shown.input_value()
    gateway.secrets.add(token)
    visitor.see(page.get_by_role("row").filter(has_text="ann").filter(has_text="Operator"))
    assert gateway.api("GET", "/v1/alerts", token=token).status == 200
    page.get_by_role("button", name=re.compile("Revoke.*ann")).click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    visitor.see(page.get_by_role("heading", name="No named tokens"))
    assert gateway.api("GET", "/v1/alerts", token=token).status == 401
    visitor.open("/settings/audit?action=token.revoke")
    entry = page.get_by_role("row").filter(has_text="Revoked a token")
    visitor.see(entry.get_by_text(re.compile("session from 127.0.0.1")))


def test_what_a_role_does_not_allow_is_not_offered(connected: Connected, visit: Visit) -> None:
    gateway, source = connected.gateway, connected.source
    alert = source.fire(new(new_id(), title="Disk full"))
    named = {
        f"/alerts/{alert}": {"Resolve": "operator"},
        "/settings/integrations": {"Connect": "admin", "Check now": "operator", "Remove": "admin",
                                   "Set canary": "admin"},
        "/alerts/sources": {"New alert source": "admin"},
        f"/alerts/sources/{source.id}": {
            "Rotate secret": "admin", "Rename": "admin", "Stop watching": "admin",
            "Install webhook in BigPanda": "admin",
        },
        f"/deliveries/{gateway.items('/v1/deliveries')[0]['id']}": {"Replay": "operator"},
        "/settings/outbound": {"New endpoint": "admin"},
        "/settings/tokens": {"New token": "admin"},
        "/settings/sessions": {"Sign out everywhere": "admin"},
    }
    ranks = ("viewer", "operator", "admin")
    for role in ranks:
        token = make(gateway, role + "-1", role)["token"]
        visitor = visit(gateway)
        page = visitor.open("/sign-in")
        page.get_by_role("textbox", name="Admin token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        visitor.see(page.get_by_role("heading", name="Alerts", level=1))
        for path, buttons in named.items():
            visitor.open(path)
            # The last thing that a page shows is there with the rest of it.
            visitor.see(page.locator("main h1"))
            for name, needed in buttons.items():
                count = page.get_by_role("button", name=name).count()
                may_be = ranks.index(role) >= ranks.index(needed)
                assert (count > 0) == may_be, (role, path, name)


def test_a_key_that_ends_soon_is_told_of_everywhere(connected: Connected, visit: Visit) -> None:
    gateway = connected.gateway
    path = f"/v1/integrations/{connected.integration['id']}"

    def end_in(**parts: float) -> None:
        end = (datetime.now(UTC) + timedelta(**parts)).isoformat()
        assert gateway.api("PATCH", path, {"key_expires_at": end}).status == 200

    end_in(days=31)
    visitor = visit(gateway)
    page = visitor.sign_in()
    visitor.see(page.get_by_role("heading", name="Alerts", level=1))
    banner = page.get_by_role("alert").filter(has_text="API key")
    assert banner.count() == 0
    for parts, words in (
        ({"days": 6.5}, "ends in 6 days"), ({"hours": 2}, "ends within a day"),
        ({"hours": -1}, "has ended"),
    ):
        end_in(**parts)
        visitor.see(banner.filter(has_text=words))
    visitor.open("/closes")
    visitor.see(banner.filter(has_text="has ended"))
