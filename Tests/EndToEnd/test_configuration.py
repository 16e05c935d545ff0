"""Settings: what is read, what is refused, and what is made when nothing is set."""

import base64
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway import Gateway
from http_client import request
from processes import environment, free_port
from waiting import eventually

# The exit status for bad configuration, EX_CONFIG of sysexits.h.
BAD_CONFIGURATION = 78

WRONG = [
    ("GATEWAY_LISTEN", "nonsense"),
    ("GATEWAY_LISTEN", "127.0.0.1:99999"),
    ("GATEWAY_LISTEN", "127.0.0.1:http"),
    ("GATEWAY_LISTEN", "300.0.0.1:8080"),
    ("GATEWAY_LISTEN", "unix:"),
    ("GATEWAY_ADMIN_LISTEN", "nonsense"),
    ("GATEWAY_PUBLIC_URL", "not a url"),
    ("GATEWAY_PUBLIC_URL", "ftp://a"),
    ("GATEWAY_STORE", "mysql://a/b"),
    ("GATEWAY_STORE", "nonsense"),
    ("GATEWAY_STORE", "sqlite:"),
    ("GATEWAY_STORE", "sqlite:/proc/none/gateway.db"),
    ("GATEWAY_MASTER_KEY", "tooshort"),
    ("GATEWAY_MASTER_KEY", "!" * 44),
    ("GATEWAY_MASTER_KEY", base64.b64encode(b"x" * 31).decode()),
    ("GATEWAY_MASTER_KEY", base64.b64encode(b"x" * 33).decode()),
    ("GATEWAY_MAX_BODY_BYTES", "many"),
    ("GATEWAY_MAX_BODY_BYTES", "-1"),
    ("GATEWAY_MAX_BODY_BYTES", "0"),
    ("GATEWAY_MAX_BODY_BYTES", "1e6"),
    ("GATEWAY_MAX_BODY_BYTES", "9" * 30),
    ("GATEWAY_RETENTION_DAYS", "-1"),
    ("GATEWAY_RETENTION_DAYS", "ninety"),
    ("GATEWAY_JOURNAL_BYTES", "1GB"),
    ("GATEWAY_RECONCILE_SECONDS", "often"),
    ("GATEWAY_RECONCILE_SECONDS", "-5"),
    ("GATEWAY_METRICS_OPEN", "maybe"),
    ("GATEWAY_LOG_LEVEL", "loud"),
    ("GATEWAY_LOG_FORMAT", "xml"),
    ("GATEWAY_TRUSTED_PROXIES", "10.0.0.0/33"),
    ("GATEWAY_TRUSTED_PROXIES", "nonsense"),
    ("GATEWAY_ADMIN_TOKEN_FILE", "/nowhere/token"),
    ("GATEWAY_MASTER_KEY_FILE", "/nowhere/key"),
]


def serve(binary: str, directory: Path, settings: dict[str, str], *flags: str) -> Any:
    """Runs `serve`, which is expected to end by itself."""
    defaults = {"GATEWAY_LISTEN": f"127.0.0.1:{free_port()}"}
    return subprocess.run(
        [binary, "serve", *flags],
        cwd=directory,
        env=environment(directory, defaults | settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=10,
    )


def assert_refused(result: Any, variable: str) -> None:
    assert result.returncode == BAD_CONFIGURATION, result
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, lines
    assert variable in lines[0], lines


@pytest.mark.parametrize(("variable", "value"), WRONG)
def test_a_wrong_setting_is_refused_by_name(
    binary: str, tmp_path: Path, variable: str, value: str
) -> None:
    assert_refused(serve(binary, tmp_path, {variable: value}), variable)


def test_a_refused_secret_is_not_repeated(binary: str, tmp_path: Path) -> None:
    result = serve(binary, tmp_path, {"GATEWAY_MASTER_KEY": "not-quite-a-key-but-secret"})
    assert_refused(result, "GATEWAY_MASTER_KEY")
    assert "not-quite-a-key" not in result.stderr + result.stdout


def test_a_token_and_its_file_exclude_each_other(binary: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("from-the-file-0123456789")
    settings = {"GATEWAY_ADMIN_TOKEN": "a" * 32, "GATEWAY_ADMIN_TOKEN_FILE": str(path)}
    assert_refused(serve(binary, tmp_path, settings), "GATEWAY_ADMIN_TOKEN")


def test_a_wrong_flag_is_refused_as_well(binary: str, tmp_path: Path) -> None:
    result = serve(binary, tmp_path, {}, "--listen", "nonsense")
    assert result.returncode == BAD_CONFIGURATION, result
    assert len([line for line in result.stderr.splitlines() if line.strip()]) == 1


def test_a_flag_beats_the_variable(binary: str, start_gateway: Any, tmp_path: Path) -> None:
    gateway = start_gateway()
    port = free_port()
    child = subprocess.Popen(
        [binary, "serve", "--listen", f"127.0.0.1:{port}"],
        cwd=tmp_path,
        env=environment(tmp_path, {"GATEWAY_LISTEN": f"127.0.0.1:{gateway.port}"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        def answers() -> bool:
            try:
                return request(("127.0.0.1", port), "GET", "/readyz").status == 200
            except OSError:
                return False

        eventually(answers, "it listens where the flag says")
    finally:
        child.terminate()
        assert child.wait(timeout=10) == 0


def test_an_address_in_use_is_told(binary: str, gateway: Gateway, tmp_path: Path) -> None:
    directory = tmp_path / "second"
    directory.mkdir()
    result = serve(binary, directory, {"GATEWAY_LISTEN": f"127.0.0.1:{gateway.port}"})
    assert result.returncode != 0
    assert str(gateway.port) in result.stderr or "GATEWAY_LISTEN" in result.stderr


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_generated_is_private(gateway: Gateway) -> None:
    assert mode(gateway.data / "admin-token") == 0o600
    assert mode(gateway.data / "master.key") == 0o600
    assert len(gateway.token) >= 32
    assert len(base64.b64decode((gateway.data / "master.key").read_text().strip())) == 32
    for path in gateway.data.iterdir():
        assert mode(path) & 0o077 == 0, f"{path.name} can be read by others"


def test_the_place_of_the_token_is_printed(gateway: Gateway) -> None:
    assert "admin-token" in gateway.process.said()


def test_two_gateways_generate_different_secrets(start_gateway: Any) -> None:
    first, second = start_gateway(), start_gateway()
    assert first.token != second.token
    keys = {(gateway.data / "master.key").read_bytes() for gateway in (first, second)}
    assert len(keys) == 2


def test_a_given_token_is_used_and_not_written(start_gateway: Any) -> None:
    gateway = start_gateway(GATEWAY_ADMIN_TOKEN="given-" + "0123456789" * 3)
    assert gateway.get("/v1/alerts")["items"] == []
    assert not (gateway.data / "admin-token").exists()


def test_secrets_are_read_from_files(start_gateway: Any, stub: Any, tmp_path: Path) -> None:
    token, key = tmp_path / "token", tmp_path / "key"
    token.write_text("from-a-file-" + "0123456789" * 3 + "\n")
    key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    gateway = start_gateway(
        GATEWAY_ADMIN_TOKEN_FILE=str(token), GATEWAY_MASTER_KEY_FILE=str(key)
    )
    answer = gateway.api("GET", "/v1/alerts", token=token.read_text().strip())
    assert answer.status == 200, answer
    assert not (gateway.data / "master.key").exists()
    assert not (gateway.data / "admin-token").exists()


def test_the_store_goes_where_it_is_told(start_gateway: Any, tmp_path: Path) -> None:
    start_gateway(GATEWAY_STORE=f"sqlite:{tmp_path}/elsewhere/alerts.db")
    names = {path.name for path in (tmp_path / "elsewhere").iterdir()}
    assert {"alerts.db", "admin-token", "master.key"} <= names


def test_a_changed_master_key_is_noticed(binary: str, start_gateway: Any, stub: Any) -> None:
    gateway = start_gateway()
    assert gateway.connect(stub).status == 201
    assert gateway.stop() == 0
    other = base64.b64encode(os.urandom(32)).decode()
    result = serve(binary, gateway.directory, {"GATEWAY_MASTER_KEY": other})
    assert_refused(result, "GATEWAY_MASTER_KEY")


def test_the_log_is_json_when_it_goes_to_a_file(start_gateway: Any) -> None:
    gateway = start_gateway(GATEWAY_LOG_LEVEL="info")
    # Lines are written a moment later than what they tell of.
    eventually(
        lambda: [line for line in gateway.process.said().splitlines() if line.startswith("{")],
        "a line in the log",
    )


def test_the_log_can_be_text(start_gateway: Any) -> None:
    gateway = start_gateway(GATEWAY_LOG_FORMAT="text", GATEWAY_LOG_LEVEL="info")
    assert not re.search(r"^\{", gateway.process.said(), re.MULTILINE)


def test_a_second_gateway_is_kept_off_the_same_store(binary: str, gateway: Gateway) -> None:
    store = next(gateway.directory.rglob("gateway.db"))
    settings = {"GATEWAY_LISTEN": f"127.0.0.1:{free_port()}", "GATEWAY_STORE": f"sqlite:{store}"}
    second = subprocess.run(
        [binary, "serve"], env=environment(gateway.directory, settings),
        capture_output=True, text=True, timeout=10, check=False)
    assert second.returncode == BAD_CONFIGURATION
    assert "GATEWAY_STORE: another gateway uses" in second.stderr
    assert request(gateway.address, "GET", "/readyz").status == 200
