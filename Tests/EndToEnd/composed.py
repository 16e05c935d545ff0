"""What `deploy/container` sets up, with real processes in place of containers."""

import random
import re
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from deployed import DEPLOY, load
from gateway import Gateway
from haproxy import listener, program
from http_client import Address
from postgres import Database
from processes import Process, free_port
from waiting import eventually

CONTAINER = DEPLOY / "container"
# Where files with secrets lie in a container.
SECRETS = "/run/secrets/"
# The address that the gateways trust is HAProxy's in the composed network; here it is this one,
# from which the kernel speaks to all others of the loopback network.
PROXY = "127.0.0.1"


class Names:
    """A name server that knows one name, as an engine has for the containers of a service."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address: Address = self._socket.getsockname()
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                query, client = self._socket.recvfrom(4096)
                self._socket.sendto(self._answer(query), client)
            except OSError:
                return

    def _answer(self, query: bytes) -> bytes:
        """Source: RFC 1035, 4.1; whatever else is asked for does not exist."""
        self.asked += 1
        end = query.index(b"\0", 12) + 5
        question = query[12:end]
        is_known = question == b"\7gateway\0" + struct.pack("!HH", 1, 1)
        records = [
            b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + socket.inet_aton(address)
            for address in (self.addresses if is_known else [])
        ]
        head = query[:2] + struct.pack("!HHHHH", 0x8580, 1, len(records), 0, 0)
        return head + question + b"".join(records)


class Composed:
    """Two gateways with the settings of `compose.yaml`, and HAProxy as `haproxy.cfg` has it."""

    def __init__(
        self, directory: Path, database: Database, start_gateway: Callable[..., Gateway]
    ) -> None:
        self.directory = directory
        self._database = database
        # A network of its own, as the gateways of a service have the same ports.
        self._ports = {8080: free_port(), 8081: free_port()}
        self._network = f"127.{random.randrange(2, 255)}.{random.randrange(1, 255)}"
        self.names = Names()
        self._write_secrets()
        self.gateways = [self._start(start_gateway, index) for index in range(2)]
        self.haproxy, self.port = self._start_haproxy()

    def close(self) -> None:
        self.haproxy.kill()
        self.names.close()

    def move(self, index: int) -> None:
        """Gives a gateway that has ended another address, as a new container has one, and waits
        until HAProxy has heard of it; nothing listens there yet, and no check has found out."""
        gateway = self.gateways[index]
        name, old = self._name(index), gateway.host
        self.names.addresses.remove(old)
        gone = rf"Server gateways/{name} .* maintenance \(No IP"
        eventually(lambda: re.search(gone, self._said()), "HAProxy knows that the old one is gone")
        gateway.host = f"{self._network}.{index + 101}"
        for setting in ("GATEWAY_LISTEN", "GATEWAY_ADMIN_LISTEN"):
            gateway.settings[setting] = gateway.settings[setting].replace(old, gateway.host)
        self.names.addresses.append(gateway.host)
        self._name(index)

    def wait_for_traffic(self, index: int, ask: Callable[[], object] = lambda: None) -> None:
        """Until HAProxy sends it another request; `ask` may make some."""
        before = self._served(index)

        def is_served() -> bool:
            ask()
            return self._served(index) > before

        eventually(is_served, f"HAProxy sends requests to gateway {index}")

    def wait_for_down(self, index: int) -> None:
        """Until HAProxy sends it nothing more."""
        name = self._name(index)

        def is_down() -> bool:
            states = re.findall(rf"Server gateways/{name}\b.* (?:is|was) (UP|DOWN)\b", self._said())
            return bool(states) and states[-1] == "DOWN"

        eventually(is_down, f"HAProxy finds gateway {index} gone")

    def reasons_for_down(self) -> list[str]:
        """Why HAProxy took gateways out, oldest first."""
        return re.findall(r"Server gateways/\S+ is DOWN, reason: (.*)", self._said())

    def _said(self) -> str:
        self.haproxy.give_up_if_ended()
        return self.haproxy.out()

    def _name(self, index: int) -> str:
        """What HAProxy calls a gateway: it hands names out as addresses come."""
        host = re.escape(self.gateways[index].host)
        return eventually(
            lambda: re.findall(rf"gateways/(\w+) changed its IP from .* to {host} ", self._said()),
            f"HAProxy knows {host}",
        )[-1]

    def _served(self, index: int) -> int:
        return self._said().count(f" gateways/{self._name(index)} ")

    def _write_secrets(self) -> None:
        self._secrets = self.directory / "secrets"
        self._secrets.mkdir(parents=True)
        for name, text in (
            ("store", self._database.address()),
            ("admin-token", self._database.token),
            ("master.key", self._database.master_key),
            ("tls.pem", certificate()),
        ):
            (self._secrets / name).write_text(text + "\n")
            (self._secrets / name).chmod(0o440)

    def _start(self, start_gateway: Callable[..., Gateway], index: int) -> Gateway:
        """As `compose.yaml` has it, but for addresses and places."""
        settings = dict(load(CONTAINER / "compose.yaml")["services"]["gateway"]["environment"])
        for name, value in settings.items():
            settings[name] = value.replace(SECRETS, f"{self._secrets}/")
        host = f"{self._network}.{index + 1}"
        settings |= {
            "GATEWAY_LISTEN": f"{host}:{self._ports[8080]}",
            "GATEWAY_ADMIN_LISTEN": f"{host}:{self._ports[8081]}",
            "GATEWAY_PUBLIC_URL": "https://gateway.example.org",
            "GATEWAY_TRUSTED_PROXIES": PROXY,
        }
        gateway = start_gateway(**settings)
        gateway.secrets |= self._database.secrets
        self.names.addresses.append(host)
        return gateway

    def _start_haproxy(self) -> tuple[Process, int]:
        with listener() as public, listener() as admin:
            text = (CONTAINER / "haproxy.cfg").read_text()
            for old, new in (
                ("bind :8443", f"bind fd@{public.fileno()}"),
                ("bind :8081", f"bind fd@{admin.fileno()}"),
                (SECRETS, f"{self._secrets}/"),
                ("gateway:8080", f"gateway:{self._ports[8080]}"),
                ("gateway:8081", f"gateway:{self._ports[8081]}"),
                ("check port 8080", f"check port {self._ports[8080]}"),
                ("parse-resolv-conf", "nameserver test {}:{}".format(*self.names.address)),
            ):
                assert text.count(old) == 1, old
                text = text.replace(old, new)
            (self.directory / "haproxy.cfg").write_text(text)
            process = Process(
                [program(), "-db", "-f", "haproxy.cfg"],
                directory=self.directory,
                name="haproxy",
                pass_fds=(public.fileno(), admin.fileno()),
            )
            self.admin: Address = admin.getsockname()
            return process, public.getsockname()[1]


def certificate() -> str:
    """A self-signed one, and its key."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=gateway", "-days", "2", "-keyout", "-", "-out", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
