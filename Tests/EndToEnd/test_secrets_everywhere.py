"""One run in which every secret enters by every way there is, also the wrong ones, and a search of
everything that comes out: log, answers, journal, files, arguments, environment, commands."""

import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gateway import Gateway, Source
from http_client import Response, request
from payloads import EPOCH, closed, incident, new, new_id
from processes import environment
from raw_socket import RawClient
from secret_search import Search, entry, key
from stub import Stub
from waiting import eventually


class Planter:
    """Brings secrets in by every way, right and wrong, and searches what is answered."""

    def __init__(self, gateway: Gateway, stub: Stub, search: Search, directory: Path) -> None:
        self._gateway = gateway
        self._stub = stub
        self._search = search
        self._directory = directory
        self._named = ""
        self._signing: list[str] = []
        self._good = [key() for _ in range(4)]
        self._bad = [key() for _ in range(2)]
        gateway.secrets |= {*self._good, *self._bad}
        stub.allow_keys(*self._good, forbidden=(self._bad[1],))

    def command(self, *arguments: str, stdin: str = "", status: int | None = 0) -> None:
        gateway = self._gateway
        settings = {
            "GATEWAY_URL": f"http://127.0.0.1:{gateway.port}", "GATEWAY_ADMIN_TOKEN": gateway.token
        }
        result = subprocess.run(
            [gateway.binary, *arguments], cwd=self._directory, input=stdin.encode(),
            env=environment(self._directory, settings), capture_output=True, timeout=30,
        )
        assert status is None or result.returncode == status, result
        self._search.absent(result.stdout + result.stderr, f"the output of {arguments[:2]}")

    def keys(self) -> str:
        """By the API and the commands, accepted and refused; the integration's id."""
        gateway, stub = self._gateway, self._stub
        fields = {"name": "by-api", "base_url": stub.base_url}
        made = gateway.api("POST", "/v1/integrations", fields | {"api_key": self._good[0]})
        assert made.status == 201, made
        path = f"/v1/integrations/{made.json()['id']}"
        assert gateway.api("PATCH", path, {"api_key": self._good[1]}).status == 200
        for bad in self._bad:
            assert gateway.api("PATCH", path, {"api_key": bad}).status == 422
            refused = gateway.api("POST", "/v1/integrations", fields | {"api_key": bad})
            assert refused.status == 422, refused
        connect = ("integration", "connect", "--base-url", stub.base_url, "--name")
        self.command(*connect, "by-stdin", stdin=self._good[2] + "\n")
        file = self._directory / "given-key"
        file.write_text(self._good[3])
        self.command(*connect, "by-file", "--key-file", str(file))
        self.command(*connect, "refused", stdin=self._bad[0], status=1)
        return made.json()["id"]

    def tokens(self) -> None:
        """Named tokens, by the API and the commands: used, wrong for what is asked, revoked."""
        gateway = self._gateway
        for name in ("by-api", "to-revoke"):
            made = request(
                gateway.address, "POST", "/v1/tokens", json={"name": name, "role": "viewer"},
                token=gateway.token,
            ).json()
            gateway.secrets.add(made["token"])
            if name == "by-api":
                self._named = made["token"]
        self.knock("/v1/alerts", {}, token=self._named)
        self.knock("/v1/sources", {}, token=self._named, json={"name": made["token"]})
        wrong = {"name": "x", "role": self._named}
        self.knock("/v1/tokens", {}, token=gateway.token, json=wrong)
        signed = request(gateway.address, "POST", "/v1/session", json={"token": self._named})
        assert signed.status == 200, signed
        gateway.secrets.add((signed.header("Set-Cookie") or "").split("=", 1)[1].split(";")[0])
        gateway.secrets.add(signed.json()["csrf_token"])
        self.command("token", "revoke", made["id"])
        self.command("token", "list")
        self.command("audit", "list", "--json")

    def endpoints(self) -> None:
        """What webhooks to an endpoint are signed with, and were before."""
        fields = {"name": "paging", "url": "https://hooks.invalid/"}
        address, token = self._gateway.address, self._gateway.token
        made = request(address, "POST", "/v1/webhook-endpoints", json=fields, token=token).json()
        path = f"/v1/webhook-endpoints/{made['id']}"
        rotated = request(address, "POST", path + "/rotate-secret", token=token).json()
        self._signing = [made["secret"], rotated["secret"]]
        self._gateway.secrets |= set(self._signing)
        # Nobody is there to be told.
        assert self._gateway.api("PATCH", path, {"enabled": False}).status == 200

    def addresses(self) -> None:
        """Passwords in the addresses of BigPanda."""
        password = secrets.token_urlsafe(24)
        self._gateway.secrets.add(password)
        for url in (
            f"http://user:{password}@127.0.0.1:{self._stub.port}",
            f"https://{password}@127.0.0.1", f"https://127.0.0.1/?key={password}",
            f"https://127.0.0.1/#{password}", f"ftp://user:{password}@127.0.0.1",
        ):
            body = {"name": "a", "api_key": self._good[0], "base_url": url}
            assert 400 <= self._gateway.api("POST", "/v1/integrations", body).status < 500
            connect = ("integration", "connect", "--name", "a", "--base-url", url)
            self.command(*connect, stdin=self._good[0], status=None)

    def source(self, integration_id: str) -> Source:
        """A source whose first secret was replaced and works no longer."""
        gateway = self._gateway
        first = gateway.create_source(integration_id)
        self.webhooks(first)
        answer = gateway.api(
            "POST", f"/v1/sources/{first.id}/rotate-secret", {"overlap_seconds": 0}
        )
        assert answer.status == 200, answer
        gateway.secrets.add(answer.json()["secret"])
        assert first.post(new(new_id())).status == 401
        return Source(gateway, first.id, answer.json()["secret"], first.callback_url)

    def webhooks(self, source: Source) -> None:
        """Right ones, and the secret in bodies of every kind and in what is refused."""
        source.deliver(new(new_id(), EPOCH))
        # Those that it holds; a key that was replaced is known to it no more.
        held = [source.secret, self._gateway.token, *self._good[1:], *self._signing]
        if self._named:
            held.append(self._named)
        for secret in held:
            text = f"see {secret} there"
            source.deliver(new(new_id(), description=text, title=secret))
            body = incident(new_id(), incidentTags=[{"name": secret, "tag_value": secret}])
            source.deliver({"incident": body, secret: secret, "note": {"x": [secret]}})
            for broken in (f'{{"{secret}', secret, f'["{secret}"]', f'{{"id":["{secret}"]}}'):
                assert source.post(broken.encode()).status == 400
            for media_type in ("text/plain", f"text/{secret}"):
                answer = source.post(f'"{secret}"'.encode(), headers={"Content-Type": media_type})
                assert answer.status == 415, answer
        # Inside a word only the secret that was shown is known as such.
        source.deliver(new(new_id(), description=f"x{source.secret}y"))

    def wrong_places(self, source: Source) -> None:
        """Paths, queries and header fields, of requests let in and turned away."""
        held = (self._gateway.token, source.secret, self._good[1], self._named)
        for secret in (*held, *self._signing):
            shown = quote(secret, safe="")
            headers = {"User-Agent": secret, "X-Api-Key": secret}
            headers |= {"Referer": f"http://a/?k={secret}"}
            headers |= {"Cookie": f"session={secret}", "X-Note": f"key: {secret}; x"}
            self.knock(source.path, headers, token=source.secret, json=new(new_id()))
            for path in (
                f"/{shown}", f"/v1/alerts?token={shown}", f"/v1/alerts/{shown}",
                f"/webhooks/bigpanda/{shown}", f"{source.path}?secret={shown}",
                f"/v1/{shown}/x?cursor={shown}",
            ):
                self.knock(path, headers, token=self._gateway.token)
                for value in (f"Basic {secret}", f"Bearer {secret}x", secret):
                    self.knock(path, headers | {"Authorization": value}, json=new(new_id()))

    def failed_logins(self, source: Source) -> None:
        """Tokens that open nothing: somebody may have mistyped the right one."""
        for _ in range(3):
            stranger = secrets.token_urlsafe(32)
            self._gateway.secrets.add(stranger)
            self.knock("/v1/alerts", {}, token=stranger)
            self.knock(source.path, {"Cookie": stranger}, token=stranger, json=new(new_id()))
            with RawClient(self._gateway.address, seconds=5) as client:
                head = f"GET /v1/alerts HTTP/1.1\r\nAuthorization: {stranger}\r\n\r\n"
                client.send(head.encode())
                client.half_close()
                self._search.absent(client.read_until_close(), "an answer")

    def knock(self, path: str, headers: dict[str, str], **options: Any) -> Response:
        method = "POST" if "json" in options else "GET"
        answer = request(self._gateway.address, method, path, headers=headers, **options)
        fields = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        self._search.absent(fields.encode() + answer.body, f"the answer to {method}")
        return answer

    def closes(self, source: Source) -> None:
        """Closes that fail in several ways before they are made."""
        stub, gateway = self._stub, self._gateway
        for fault in ({"kind": "status", "status": 401}, {"kind": "garbage"}, {"kind": "drop"}):
            incident_id = stub.create(share=False)
            alert_id = source.fire(new(incident_id, EPOCH))
            stub.fault("resolve", **fault)
            gateway.resolve(alert_id)
            # An attempt counts when it begins; what came of it is told when it is over.
            eventually(lambda: gateway.close_of(alert_id)["last_error"], "a failure", 30)
            integration = gateway.items("/v1/integrations")[0]
            path = f"/v1/integrations/{integration['id']}"
            if fault.get("status") == 401:
                eventually(lambda: gateway.get(path)["state"] == "key_rejected", "a pause")
            path += "/check"
            gateway.api("POST", path)
            if fault.get("status") == 401:
                # Else it could meet the next fault in the place of the next close.
                eventually(lambda: gateway.close_of(alert_id)["sent_at"], "the close is sent")
        source.deliver(closed(new_id(), EPOCH + 1))


@pytest.mark.parametrize("kind", ["variables", "files", "flags"])
@pytest.mark.root
def test_no_secret_is_found_anywhere(
    start_gateway: Callable[..., Gateway], stub: Stub, tmp_path: Path, kind: str
) -> None:
    given, own = entry(kind, tmp_path)
    # A proxy that refuses, with a password: no call gets through it to another machine.
    password = secrets.token_urlsafe(24)
    proxy = f"http://user:{password}@127.0.0.1:9"
    given.in_environment.add(password)
    gateway = start_gateway(*given.flags, https_proxy=proxy, HTTPS_PROXY=proxy, **given.settings)
    gateway.secrets |= own | {password}
    search = Search(gateway, given)
    planter = Planter(gateway, stub, search, tmp_path)
    integration_id = planter.keys()
    unreachable = {"name": "a", "api_key": key(), "base_url": "https://bigpanda.invalid"}
    gateway.secrets.add(unreachable["api_key"])
    assert gateway.api("POST", "/v1/integrations", unreachable).status == 503
    planter.addresses()
    planter.tokens()
    planter.endpoints()
    source = planter.source(integration_id)
    planter.webhooks(source)
    planter.wrong_places(source)
    planter.failed_logins(source)
    planter.closes(source)
    for arguments in (("list",), ("list", "--json")):
        for command in ("integration", "source", "alert", "close", "delivery"):
            planter.command(command, *arguments)
    planter.command("doctor", status=None)
    # Refused deliveries are stored a moment after their answer.
    eventually(lambda: is_settled(gateway), "all deliveries are stored")
    search.everything()
    gateway.kill_and_restart()
    search.everything()
    assert search.searched > 100, "too little was searched"


def is_settled(gateway: Gateway) -> bool:
    counts = [len(gateway.items("/v1/deliveries?limit=500")) for _ in range(2)]
    refused = gateway.items("/v1/deliveries?outcome=refused&limit=500")
    return counts[0] == counts[1] and len(refused) > 20
