"""Commands as a person or a script runs them, beside a gateway or alone."""

import json
import subprocess
from pathlib import Path
from typing import Any

from gateway import Gateway
from processes import environment


class CommandLine:
    """Runs commands against one gateway, by the two variables that name it."""

    def __init__(self, binary: str, directory: Path, gateway: Gateway | None = None) -> None:
        self.binary = binary
        self.directory = directory
        self.settings = {}
        if gateway is not None:
            self.settings = {
                "GATEWAY_URL": f"http://127.0.0.1:{gateway.port}",
                "GATEWAY_ADMIN_TOKEN": gateway.token,
            }

    def run(self, *arguments: str, stdin: str = "", **settings: str) -> Any:
        return subprocess.run(
            [self.binary, *arguments],
            cwd=self.directory,
            env=environment(self.directory, self.settings | settings),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def said(self, *arguments: str) -> str:
        """What a command that works prints."""
        result = self.run(*arguments)
        assert result.returncode == 0, result
        return result.stdout

    def json(self, *arguments: str, stdin: str = "") -> Any:
        result = self.run(*arguments, "--json", stdin=stdin)
        assert result.returncode == 0, result
        return json.loads(result.stdout)
