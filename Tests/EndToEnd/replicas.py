"""Replicas on one PostgreSQL database, and the balancer in front of them as one gateway."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway import Gateway
from haproxy import HAProxy
from postgres import Database


class Front(Gateway):
    """What a client sees of replicas: one address, one store."""

    def __init__(self, haproxy: HAProxy, database: Database, gateway: Gateway) -> None:
        self.port = self.admin_port = haproxy.address[1]
        self.flags, self.directory = gateway.flags, gateway.directory
        self.settings = database.settings()
        self.secrets = set(database.secrets)


@dataclass(frozen=True)
class Kept:
    """What the store holds of an incident's alert."""

    alert_id: str
    fires: bool
    # Outcomes of the webhooks that were taken in, in order.
    outcomes: tuple[str, ...]


class Replicas:
    def __init__(
        self,
        count: int,
        database: Database,
        start_gateway: Callable[..., Gateway],
        start_haproxy: Callable[..., HAProxy],
    ) -> None:
        self.database = database
        self.gateways = [start_replica(start_gateway, database) for _ in range(count)]
        self.haproxy = start_haproxy(*self.gateways)
        self.front = Front(self.haproxy, database, self.gateways[0])

    def kill(self, index: int) -> None:
        self.gateways[index].kill()
        self.haproxy.wait_for(index, "DOWN")

    def bring_back(self, index: int) -> None:
        self.gateways[index].start_again()
        self.haproxy.wait_for(index, "UP")

    def kept(self) -> dict[str, Kept]:
        """What is stored, by incident; fails if one has two alerts."""
        rows = self.database.sql(
            "SELECT a.incident_id, a.id, a.is_firing, string_agg(d.outcome, ',' ORDER BY d.key) "
            "FROM alerts a JOIN deliveries d ON d.alert_id = a.id GROUP BY a.key"
        )
        found: dict[str, Kept] = {}
        for row in rows.splitlines():
            incident_id, alert_id, fires, outcomes = row.split("|")
            assert incident_id not in found, f"{incident_id} has two alerts"
            found[incident_id] = Kept(alert_id, fires == "t", tuple(outcomes.split(",")))
        return found


def start_replica(
    start_gateway: Callable[..., Gateway], database: Database, address: str = ""
) -> Gateway:
    gateway = start_gateway(**database.settings(address))
    gateway.secrets |= database.secrets
    return gateway
