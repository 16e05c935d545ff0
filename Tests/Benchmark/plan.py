"""What all stages of the benchmark are told, and how long each may take."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Plan:
    binary: str
    peer_binary: str
    # Results, and stores that are worth keeping from one run to the next.
    place: Path
    rounds: int
    # Of each run of load.
    seconds: int
    is_quick: bool
    # What the stages of rates compare.
    peers: tuple[str, ...]
    connections: int

    @property
    def sweep(self) -> tuple[int, ...]:
        return (1, 64) if self.is_quick else (1, 4, 16, 64, 256)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Stored alerts."""
        return (10_000, 100_000) if self.is_quick else (10_000, 100_000, 1_000_000)

    @property
    def side_rounds(self) -> int:
        """Of all stages but the first."""
        return min(self.rounds, 3)

    @property
    def side_seconds(self) -> int:
        return min(self.seconds, 3)

    @property
    def loaded_alerts(self) -> int:
        return 20_000 if self.is_quick else 200_000

    @property
    def idle_connections(self) -> int:
        return 1_000 if self.is_quick else 10_000

    @property
    def starts(self) -> int:
        return 3 if self.is_quick else 12
