"""Which secret opened which delivery, and when an old one was last seen."""

from typing import Any

from conftest import Connected
from payloads import new, new_id
from waiting import eventually


def test_each_delivery_tells_its_secret_and_each_secret_its_last_use(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    path = f"/v1/sources/{source.id}"
    [old] = gateway.get(path)["secrets"]
    assert old["last_used_at"] is None
    rotated = gateway.api("POST", f"{path}/rotate-secret", {"overlap_seconds": 3600}).json()
    gateway.secrets.add(rotated["secret"])
    secrets = [item["id"] for item in rotated["secrets"]]
    assert len(secrets) == 2 and secrets[1] == old["id"]
    words = {secrets[0]: rotated["secret"], secrets[1]: source.secret}

    def deliver(secret_id: str) -> dict[str, Any]:
        answer = source.post(new(new_id()), token=words[secret_id])
        assert answer.status == 200, answer
        alert = gateway.alert(answer.json()["alert_id"])
        delivery = gateway.get(f"/v1/deliveries/{alert['timeline'][0]['delivery_id']}")
        assert delivery["secret_id"] == secret_id
        return delivery

    def used() -> dict[str, str | None]:
        return {item["id"]: item["last_used_at"] for item in gateway.get(path)["secrets"]}

    first = deliver(secrets[1])
    assert used() == {secrets[0]: None, secrets[1]: first["received_at"]}
    second = deliver(secrets[0])
    deliveries = [deliver(secrets[0]) for _ in range(3)]
    assert used() == {secrets[0]: deliveries[-1]["received_at"], secrets[1]: first["received_at"]}
    # A refused one counts as no use, and says with which secret it came.
    assert source.post(b"{}", token=source.secret).status == 400
    refused = eventually(
        lambda: gateway.items("/v1/deliveries?outcome=refused"), "the refused one is kept"
    )
    assert refused[0]["secret_id"] == secrets[1]
    assert used()[secrets[1]] == first["received_at"]
    gateway.kill_and_restart()
    assert used() == {secrets[0]: deliveries[-1]["received_at"], secrets[1]: first["received_at"]}
    assert gateway.get(f"/v1/deliveries/{second['id']}")["secret_id"] == secrets[0]
