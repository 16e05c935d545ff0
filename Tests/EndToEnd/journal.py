"""What the journal of deliveries holds, as the API shows it."""

from typing import Any

from gateway import Gateway
from waiting import eventually


def deliveries(gateway: Gateway, query: str = "") -> list[dict[str, Any]]:
    return gateway.items(f"/v1/deliveries?{query}")


def newest(gateway: Gateway) -> dict[str, Any]:
    items = deliveries(gateway, "limit=1")
    assert items, "the journal is empty"
    return gateway.get(f"/v1/deliveries/{items[0]['id']}")


def newest_refused(gateway: Gateway, reason: str) -> dict[str, Any]:
    """Refused ones are stored a moment after the answer."""

    def found() -> dict[str, Any]:
        delivery = newest(gateway)
        assert (delivery["outcome"], delivery.get("reason")) == ("refused", reason), delivery
        return delivery

    return eventually(found, f"a delivery refused as {reason}")
