"""Running schemathesis, which makes requests up from an OpenAPI document, in a venv of its own."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway import Source
from processes import environment

DEFAULT_PROGRAM = Path(__file__).parents[2] / ".build/venv-schemathesis/bin/schemathesis"
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")

CONFIGURATION = """
hooks = "{hooks}"

[auth.openapi.adminToken]
bearer = "{token}"

[auth.openapi.webhookSecret]
bearer = "{secret}"

[generation]
database = "none"

# Good in form and yet refused: what it names is not there, or does not allow it now.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 404, 409, 422, 429]

[checks.negative_data_rejection]
expected-statuses = ["4xx"]
"""


@dataclass(frozen=True)
class Outcome:
    status: int
    said: str
    counts: dict[str, int]

    @property
    def requests(self) -> int:
        return sum(self.counts.values())


def program() -> str:
    path = os.environ.get("SCHEMATHESIS", str(DEFAULT_PROGRAM))
    assert os.access(path, os.X_OK), f"{path} is not there; run: make e2e"
    return path


def run(
    directory: Path, url: str, source: Source, aim: dict, *flags: str, seconds: float
) -> Outcome:
    """Lets it test what is served at `url`, with the secrets of a source and its gateway."""
    directory.mkdir()
    configuration, counts = directory / "schemathesis.toml", directory / "counts.json"
    configuration.write_text(
        CONFIGURATION.format(hooks=HOOKS, token=source.gateway.token, secret=source.secret)
    )
    settings = {"FUZZ_AIM": json.dumps(aim), "FUZZ_COUNTS": str(counts)}
    command = [program(), "--config-file", str(configuration), "run", f"{url}/openapi.json"]
    command += ["--no-color", "--checks", "all", "--warnings", "off", *flags]
    # An answer without an end; test_stream.py reads it.
    command += ["--exclude-path", "/v1/stream"]
    ended = subprocess.run(
        command,
        cwd=directory,
        env=environment(directory, settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
    )
    # It holds the token; the gateway's files are searched for that afterwards.
    configuration.unlink()
    made = json.loads(counts.read_text()) if counts.exists() else {}
    return Outcome(ended.returncode, ended.stdout.decode(errors="replace"), made)
