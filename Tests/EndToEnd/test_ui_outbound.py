"""The pages about whom the gateway tells of alerts."""

from collections.abc import Callable

from browser import Visit
from gateway import Gateway
from outbound import ALLOWED, Endpoint, receiver
from receiver import Receiver

__all__ = ["receiver"]


def test_an_endpoint_is_made_tried_and_removed(
    start_gateway: Callable[..., Gateway], visit: Visit, receiver: Receiver
) -> None:
    gateway = start_gateway(**ALLOWED)
    visitor = visit(gateway)
    page = visitor.sign_in("/settings/outbound")
    visitor.see(page.get_by_role("heading", name="Nobody is told"))
    page.get_by_role("button", name="New endpoint").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Paging")
    dialog.get_by_role("button", name="Create endpoint").click()
    visitor.see(dialog.get_by_text("Enter a URL."))
    dialog.get_by_role("textbox", name="URL").fill(receiver.url)
    dialog.get_by_role("button", name="Create endpoint").click()
    secret = page.get_by_role("textbox", name="Secret of Paging").input_value()
    gateway.secrets.add(secret)
    page.get_by_role("link", name="Paging").click()
    visitor.see(page.get_by_role("heading", name="Paging", level=1))
    page.get_by_role("button", name="Post a test").click()
    (webhook,) = receiver.wait_for(1)
    assert webhook.signatures == [webhook.signature(secret)]
    row = page.get_by_role("row").filter(has_text="Test")
    visitor.see(row)
    row.get_by_role("button", name="Replay").click()
    assert receiver.wait_for(2)[1].id == webhook.id
    page.get_by_role("button", name="Rotate secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a new one").click()
    fresh = page.get_by_role("textbox", name="New secret").input_value()
    gateway.secrets.add(fresh)
    assert fresh.startswith("whsec_") and fresh != secret
    page.get_by_role("button", name="Disable").click()
    visitor.see(page.get_by_role("button", name="Enable"))
    [item] = gateway.items("/v1/webhook-endpoints")
    assert item["enabled"] is False and Endpoint(gateway, item["id"], fresh).deliveries()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    visitor.see(page.get_by_role("heading", name="Nobody is told"))
