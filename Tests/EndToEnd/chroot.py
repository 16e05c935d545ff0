"""A directory with a fresh distribution in it, for packages to come and go."""

import os
import subprocess
from pathlib import Path

from processes import Process
from unit_file import Unit

REPOSITORY = Path(__file__).parents[2]
# The one that others are copies of; it takes minutes to make, so that it stays.
ORIGINAL = Path(os.environ.get("GATEWAY_CHROOT", REPOSITORY / ".build/chroot"))
NOBODY = 65534


class Chroot:
    def __init__(self, directory: Path, package: Path) -> None:
        subprocess.run([REPOSITORY / ".ci/chroot", ORIGINAL, package], check=True, timeout=900)
        self.root = directory / "root"
        self._is_mounted = self._lay_over(directory)
        if not self._is_mounted:
            # Where no layers can be had, as within most containers.
            copy = ["cp", "-a", "--reflink=auto", f"{ORIGINAL / 'root'}/.", self.root]
            subprocess.run(copy, check=True, timeout=120)

    def _lay_over(self, directory: Path) -> bool:
        """The original under what is written here: less for the disk than a copy."""
        layers = {"lowerdir": ORIGINAL / "root"}
        for name, kind in (("upper", "upperdir"), ("work", "workdir")):
            layers[kind] = directory / name
            layers[kind].mkdir()
        self.root.mkdir()
        options = ",".join(f"{kind}={path}" for kind, path in layers.items())
        command = ["mount", "-t", "overlay", "-o", options, "overlay", self.root]
        return subprocess.run(command, capture_output=True, timeout=30).returncode == 0

    def close(self) -> None:
        if self._is_mounted:
            subprocess.run(["umount", self.root], check=True, timeout=30)

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def command(self, *options: str) -> list[str]:
        """What a program's words go behind: with a /proc, where Swift finds them, and no traces."""
        mount = 'mount -t proc proc "$1/proc" && shift && exec "$@"'
        private = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh"]
        return [*private, str(self.root), "chroot", *options, str(self.root)]

    def run(self, *arguments: str, status: int = 0) -> str:
        """What a command in here printed, which must end with `status`."""
        result = subprocess.run(
            [*self.command(), *arguments],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
            | {"HOME": "/tmp", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert result.returncode == status, f"{arguments}: {result}"
        return result.stdout

    def install(self, package: Path, *options: str) -> None:
        self.path(package.name).write_bytes(package.read_bytes())
        # Without waiting for the disk: this one is thrown away.
        keep = ["-o", "Dpkg::Options::=--force-unsafe-io", "-o", "Dpkg::Options::=--force-confold"]
        command = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *keep]
        self.run(*command, *options, "/" + package.name)
        self.path(package.name).unlink()

    def apt(self, *arguments: str) -> None:
        self.run("apt-get", "-qq", "-y", *arguments)

    def names(self) -> set[str]:
        """Everything that bears the program's name, but for what ends with the service."""
        places = ["find", "/", "-xdev", "-path", "/run", "-prune", "-o"]
        found = self.run(*places, "-name", "*bigpanda-gateway*", "-print")
        return set(found.split())

    def serve(self, unit: Unit, directory: Path, **settings: str) -> Process:
        """The service, with the files that systemd would give it. Source: systemd.exec(5)."""
        state = self.path("/var/lib/private/bigpanda-gateway")
        credentials = self.path("/run/credentials/bigpanda-gateway.service")
        state.mkdir(parents=True, exist_ok=True)
        credentials.mkdir(parents=True, exist_ok=True)
        # systemd leaves it closed, and takes the service there in a way of its own.
        state.parent.chmod(0o711)
        state.chmod(0o700)
        os.chown(state, NOBODY, NOBODY)
        link = self.path("/var/lib/bigpanda-gateway")
        if not link.is_symlink():
            link.symlink_to("private/bigpanda-gateway")
        for name, source in unit.credentials().items():
            target = credentials / name
            target.write_bytes(self.path(str(source)).read_bytes())
            os.chown(target, NOBODY, NOBODY)
        files = unit.environment(
            state=Path("/var/lib"), credentials=Path("/") / credentials.relative_to(self.root)
        )
        return Process(
            self.command(f"--userspec={NOBODY}:{NOBODY}") + unit.one("ExecStart").split(),
            directory=directory,
            name="gateway",
            settings=files | settings,
        )
