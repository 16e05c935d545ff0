"""What a unit file says, as systemd reads it."""

from pathlib import Path

SYSTEMD = Path(__file__).parents[2] / "deploy/systemd"
SERVICE = SYSTEMD / "bigpanda-gateway.service"
SOCKET = SYSTEMD / "bigpanda-gateway.socket"


class Unit:
    def __init__(self, path: Path) -> None:
        self._values: dict[str, list[str]] = {}
        for line in path.read_text().splitlines():
            name, separator, value = line.partition("=")
            if separator and not line.startswith("#"):
                self._values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        return self._values[name]

    def one(self, name: str) -> str:
        (value,) = self._values[name]
        return value

    def is_on(self, name: str) -> bool:
        return self.one(name) == "yes"

    def environment(self, *, state: Path, credentials: Path) -> dict[str, str]:
        """Its variables, with `%S` and `%d` as given. Source: systemd.unit(5), specifiers."""
        expanded = [
            value.replace("%S", str(state)).replace("%d", str(credentials))
            for value in self.all("Environment")
        ]
        assert not any("%" in value for value in expanded), expanded
        return dict(value.split("=", 1) for value in expanded)

    def credentials(self) -> dict[str, Path]:
        """The files that it hands over, by name."""
        pairs = (value.split(":", 1) for value in self.all("LoadCredential"))
        return {name: Path(path) for name, path in pairs}
