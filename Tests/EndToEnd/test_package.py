"""The Debian package: what is in it, and its life on a machine."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import promtool
import runbook
from chroot import NOBODY, REPOSITORY, Chroot
from gateway import Gateway
from handbook import Operator
from http_client import request
from processes import Process
from stub import Stub
from test_demo import STORY
from unit_file import SERVICE, Unit

SECRETS = ("master-key", "admin-token")
DEFAULTS = "/etc/default/bigpanda-gateway"
ENABLED = "/etc/systemd/system/multi-user.target.wants/bigpanda-gateway.service"
SOCKET_ENABLED = "/etc/systemd/system/sockets.target.wants/bigpanda-gateway.socket"
DATABASE = "/var/lib/private/bigpanda-gateway/gateway.db"


@pytest.fixture(scope="session")
def package(binary: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed from the binary under test, as `make deb` does."""
    directory = tmp_path_factory.mktemp("package")
    command = [REPOSITORY / "deploy/debian/build-package", binary, directory]
    # Compressing takes most of the time; the file is read here only.
    settings = os.environ | {"DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"}
    subprocess.run(command, check=True, timeout=300, env=settings)
    (found,) = directory.iterdir()
    return found


@pytest.fixture(scope="session")
def tree(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tree")
    subprocess.run(["dpkg-deb", "--extract", package, directory], check=True, timeout=60)
    return directory


def test_lintian_finds_nothing(package: Path) -> None:
    command = ["lintian", "--allow-root", "--fail-on", "error,warning", package]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0 and not result.stdout, result.stdout + result.stderr


def test_what_watches_the_gateway_is_in_it(tree: Path) -> None:
    directory = tree / "usr/share/bigpanda-gateway/observability"
    origin = promtool.DIRECTORY
    names = {"alerts.yaml", "grafana-dashboard.json", "write-rules"}
    assert {path.name for path in directory.iterdir()} == names
    for name in names:
        assert (directory / name).read_bytes() == (origin / name).read_bytes()
    rules = subprocess.check_output([directory / "write-rules", "https://example.com/runbook"])
    assert b"runbook_url: https://example.com/runbook#gatewaydown\n" in rules
    [runbook_file] = (tree / "usr/share/doc/bigpanda-gateway").glob("runbook.md*")
    command = ["gzip", "-dcf", runbook_file]
    assert b"## GatewayDown\n" in subprocess.check_output(command)


def test_every_command_has_a_manual(tree: Path, binary: str, tmp_path: Path) -> None:
    pages = sorted((tree / "usr/share/man/man1").iterdir())
    names = {page.name.removesuffix(".1.gz") for page in pages}
    program = runbook.program(binary)
    assert len(program.commands) > 10, program
    assert names == {"bigpanda-gateway"} | {f"bigpanda-gateway-{name}" for name in program.commands}
    for page in pages:
        text = subprocess.check_output(["gzip", "-dc", page])
        words = formatted(text)
        assert re.search(rf"^NAME\s+{page.name.removesuffix('.1.gz')} - ", words, re.MULTILINE)
        below = program.commands.get(page.name.removeprefix("bigpanda-gateway-")[: -len(".1.gz")])
        for name, command in (below.commands if below else {}).items():
            title = page.name.removesuffix(".1.gz").replace("bigpanda-gateway-", "")
            assert f"bigpanda-gateway {title} {name}" in words, (page.name, name)
            assert all(option in words for option in command.options), (page.name, name)
        if page.name.startswith("bigpanda-gateway-serve"):
            assert "--max-body-bytes" in words and "GATEWAY_MAX_BODY_BYTES" in words, words


def formatted(text: bytes) -> str:
    # All warnings of the formatter; none is expected.
    command = ["groff", "-man", "-Tutf8", "-ww"]
    result = subprocess.run(command, input=text, capture_output=True, timeout=30)
    assert result.returncode == 0 and not result.stderr, (text[:100], result.stderr)
    return re.sub(r"\x1b\[[0-9]*m|.\x08", "", result.stdout.decode())


def test_odd_words_reach_the_manual_as_they_are(tmp_path: Path) -> None:
    odd = [r".de is no \request", "'tis neither \\", '"quoted" --flag-name']
    command = {"commandName": "odd", "abstract": "Odd.", "discussion": "\n".join(odd)}
    shown = {"shouldDisplay": True, "arguments": [], "subcommands": []}
    program = {"commandName": "x", "abstract": "X.", "subcommands": [command | shown]} | {
        "shouldDisplay": True
    }
    script = REPOSITORY / "deploy/debian/manual-pages"
    text = json.dumps({"command": program}).encode()
    subprocess.run([script, tmp_path], input=text, check=True, timeout=30)
    words = formatted((tmp_path / "bigpanda-gateway-odd.1").read_bytes())
    assert " ".join(odd) in " ".join(words.replace("’", "'").split()), words


def test_completions_know_every_command(tree: Path, binary: str) -> None:
    path = tree / "usr/share/bash-completion/completions/bigpanda-gateway"
    zsh = (tree / "usr/share/zsh/vendor-completions/_bigpanda-gateway").read_text()
    fish = (tree / "usr/share/fish/vendor_completions.d/bigpanda-gateway.fish").read_text()
    assert zsh.startswith("#compdef bigpanda-gateway"), zsh[:100]
    assert "complete -c 'bigpanda-gateway'" in fish
    program = runbook.program(binary)
    parts = [("", program), *((n, it) for n, it in program.commands.items() if it.commands)]
    assert len(parts) > 5, parts
    # What bash would offer behind the name, and behind each command that has others below it.
    script = """
        source "$0" && complete -p bigpanda-gateway
        for word in "$@"; do
            COMP_WORDS=(bigpanda-gateway $word '') COMPREPLY=()
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _bigpanda-gateway bigpanda-gateway '' "$word"
            echo "${COMPREPLY[@]}"
        done"""
    command = ["bash", "-euc", script, path, *(name for name, _ in parts)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result
    offered = result.stdout.splitlines()[1:]
    for (name, part), words in zip(parts, offered, strict=True):
        assert part.commands.keys() <= set(words.split()), (name, words)
        for word in part.commands:
            assert word in zsh and f"'{word}'" in fish, word


class Installed(Gateway):
    """The service as the package installs it."""

    def __init__(self, chroot: Chroot, directory: Path) -> None:
        self._chroot = chroot
        super().__init__("", directory)
        token = chroot.path("/etc/bigpanda-gateway/admin-token")
        self.settings["GATEWAY_ADMIN_TOKEN_FILE"] = str(token)

    def _launch(self) -> Process:
        listen = f"127.0.0.1:{self.port}"
        return self._chroot.serve(Unit(SERVICE), self.directory, GATEWAY_LISTEN=listen)


def newer(package: Path, directory: Path) -> Path:
    """The same package as a later version, with other defaults."""
    tree = directory / "newer"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True, timeout=60)
    control = (tree / "DEBIAN/control").read_text()
    version = re.search(r"^Version: (.*)$", control, re.MULTILINE)
    assert version
    text = control.replace(version.group(0), f"Version: {version.group(1)}+next1")
    (tree / "DEBIAN/control").write_text(text)
    with (tree / DEFAULTS[1:]).open("a") as file:
        file.write("# A later default.\n")
    target = directory / "newer.deb"
    subprocess.run(["dpkg-deb", "-Znone", "-b", tree, target], check=True, timeout=60)
    return target


@pytest.fixture
def chroot(package: Path, tmp_path: Path) -> Iterator[Chroot]:
    chroot = Chroot(tmp_path, package)
    yield chroot
    chroot.close()


@pytest.mark.root
def test_install_upgrade_remove_purge(
    chroot: Chroot, package: Path, stub: Stub, tmp_path: Path
) -> None:
    before = chroot.names()
    chroot.install(package)
    assert_installed(chroot)
    secrets = {name: chroot.path(f"/etc/bigpanda-gateway/{name}").read_bytes() for name in SECRETS}
    told = chroot.run("bigpanda-gateway", "demo")
    assert all(word.lower() in told.lower() for word in STORY), told

    gateway = Installed(chroot, tmp_path / "service")
    try:
        alert_id = work(gateway, stub)
        change_what_an_administrator_may(chroot)
        chroot.install(newer(package, tmp_path))
        assert_upgraded(chroot, secrets)
        gateway.start_again()
        assert gateway.close_of(alert_id)["state"] == "confirmed", "the store is kept"
        recover(chroot, gateway)
        assert gateway.close_of(alert_id)["state"] == "confirmed", "the backup has it"
        assert gateway.stop() == 0
    finally:
        gateway.kill()

    chroot.apt("remove", "bigpanda-gateway")
    assert not chroot.path("/usr/bin/bigpanda-gateway").exists()
    assert not chroot.path("/lib/systemd/system/bigpanda-gateway.service").exists()
    assert chroot.path(DATABASE).exists() and chroot.path(DEFAULTS).exists()
    assert_no_key_is_made_for_a_store_that_has_one(chroot, package, secrets)
    chroot.apt("purge", "bigpanda-gateway")
    assert chroot.names() == before, "purge leaves things behind"


def work(gateway: Gateway, stub: Stub) -> str:
    """An alert that was closed all the way; its id. The gateway has ended then."""
    gateway.wait_until_ready()
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    source = gateway.create_source(answer.json()["id"])
    stub.send_webhooks(source.callback_url, source.secret)
    incident_id = stub.create(share=False)
    alert_id = source.fire({"incident": {"id": incident_id, "status": "critical", "active": True}})
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "confirmed")
    assert gateway.stop() == 0
    return alert_id


def recover(chroot: Chroot, gateway: Gateway) -> None:
    """On a new machine, and with other secrets, as the operations handbook has it. What root makes
    there is for the service's user to read."""

    def run(line: str, settings: dict[str, str]) -> str:
        variables = [f"{name}={value}" for name, value in settings.items()]
        return chroot.run("env", *variables, "sh", "-euc", line)

    operator = Operator(gateway, run)
    operator.follow("Backup")
    assert gateway.stop() == 0
    for path in chroot.path(DATABASE).parent.iterdir():
        path.unlink()
    operator.follow("Restore")
    operator.follow("Change the master key")
    old = gateway.token
    operator.follow("Change the admin token")
    assert request(gateway.address, "GET", "/v1/alerts", token=old).status == 401
    (integration,) = gateway.items("/v1/integrations")
    answer = gateway.api("POST", f"/v1/integrations/{integration['id']}/check")
    assert answer.json()["state"] == "connected", "its key can be opened"


def assert_installed(chroot: Chroot) -> None:
    assert "0.1.0" in chroot.run("bigpanda-gateway", "version")
    sections = chroot.run("sh", "-c", "od -A n -c /usr/bin/bigpanda-gateway | head -1")
    assert "E   L   F" in sections
    assert os.path.lexists(chroot.path(ENABLED)), "the service is enabled, as is custom"
    assert not os.path.lexists(chroot.path(SOCKET_ENABLED)), "nobody asked for the socket"
    directory = chroot.path("/etc/bigpanda-gateway")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {path.name for path in directory.iterdir()} == set(SECRETS)
    for path in directory.iterdir():
        status = path.stat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o600, 0), path
        assert len(path.read_text().strip()) == 44, "32 bytes in base64"
    # All that its file links is there, and the packages that bring it are what it depends on.
    assert "not found" not in chroot.run("ldd", "/usr/bin/bigpanda-gateway")


def change_what_an_administrator_may(chroot: Chroot) -> None:
    with chroot.path(DEFAULTS).open("a") as file:
        file.write("GATEWAY_RETENTION_DAYS=7\n")
    chroot.path(ENABLED).unlink()


def assert_upgraded(chroot: Chroot, secrets: dict[str, bytes]) -> None:
    assert "+next1" in chroot.run("dpkg-query", "-W", "-f", "${Version}", "bigpanda-gateway")
    assert "GATEWAY_RETENTION_DAYS=7\n" in chroot.path(DEFAULTS).read_text()
    assert "# A later default." in chroot.path(DEFAULTS + ".dpkg-dist").read_text()
    assert not os.path.lexists(chroot.path(ENABLED)), "it was disabled by hand"
    for name, content in secrets.items():
        assert chroot.path(f"/etc/bigpanda-gateway/{name}").read_bytes() == content, name
    assert chroot.path(DATABASE).stat().st_uid == NOBODY


def assert_no_key_is_made_for_a_store_that_has_one(
    chroot: Chroot, package: Path, secrets: dict[str, bytes]
) -> None:
    for name in SECRETS:
        chroot.path(f"/etc/bigpanda-gateway/{name}").unlink()
    chroot.install(package, "--allow-downgrades")
    assert not chroot.path("/etc/bigpanda-gateway/master-key").exists()
    token = chroot.path("/etc/bigpanda-gateway/admin-token").read_bytes()
    assert token != secrets["admin-token"], "a token is made anew"
