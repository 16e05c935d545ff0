"""Webhook endpoints of a gateway, as a test makes and asks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gateway import Gateway
from receiver import Receiver, receiving

ALLOWED = {"GATEWAY_WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8"}


@dataclass(frozen=True)
class Endpoint:
    gateway: Gateway
    id: str
    secret: str

    @property
    def path(self) -> str:
        return f"/v1/webhook-endpoints/{self.id}"

    def deliveries(self, query: str = "") -> list[dict[str, Any]]:
        return self.gateway.items(f"{self.path}/deliveries{query}")

    def stored(self) -> dict[str, Any]:
        return self.gateway.get(self.path)

    def post(self, path: str, json: Any = None) -> Any:
        answer = self.gateway.api("POST", self.path + path, json)
        assert 200 <= answer.status < 300, answer
        return answer.json()


def keep(gateway: Gateway, body: dict[str, Any]) -> Endpoint:
    gateway.secrets.add(body["secret"])
    return Endpoint(gateway, body["id"], body["secret"])


def make_endpoint(gateway: Gateway, url: str, **fields: Any) -> Endpoint:
    body = {"name": "paging", "url": url} | fields
    answer = gateway.api("POST", "/v1/webhook-endpoints", body)
    assert answer.status == 201, answer
    return keep(gateway, answer.json())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
