"""A disk that hangs and works again on demand, below the real gateway and the real SQLite."""

import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("slow_disk.c")


class SlowDisk:
    """Settings for a gateway whose fsync waits while `hang` was called last."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        library = directory / "slow_disk.so"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE)], check=True
        )
        self._file = directory / "hanging"
        self.settings = {"LD_PRELOAD": str(library), "SLOW_DISK_FILE": str(self._file)}

    def hang(self) -> None:
        self._file.touch()

    @property
    def is_waited_for(self) -> bool:
        return self._file.exists() and self._file.stat().st_size > 0

    def work_again(self) -> None:
        self._file.unlink(missing_ok=True)
