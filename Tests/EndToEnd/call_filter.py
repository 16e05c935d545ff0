"""The system calls that a unit leaves to its process, as a filter that kills for any other.

systemd answers some of them with EPERM instead; a program that runs under this one needs none.
The library is the one that systemd itself uses. Source: seccomp_rule_add(3), systemd.exec(5), and
systemd's src/shared/seccomp-util.c for what stands behind each setting.
"""

import ctypes
import errno
import socket
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from unit_file import Unit

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
FAIL_AS_UNKNOWN = 0x00050000 | errno.ENOSYS
# SCMP_CMP_MASKED_EQ.
MASKED_EQUAL = 7

WRITE, EXECUTE = 2, 4
SHARED_EXECUTE = 0o100000
CREATE = 0o100
SET_ID_BITS = 0o6000
# CLONE_NEWTIME to CLONE_NEWNET.
NAMESPACES = 0x7E020080
PERSONALITY_QUERY = 0xFFFFFFFF


class Comparison(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    ]


@dataclass(frozen=True)
class Condition:
    """An argument's bits under a mask have this value."""

    argument: int
    mask: int
    value: int = 0

    @property
    def comparison(self) -> Comparison:
        return Comparison(self.argument, MASKED_EQUAL, self.mask, self.value)


@cache
def library() -> ctypes.CDLL:
    loaded = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    loaded.seccomp_init.restype = ctypes.c_void_p
    loaded.seccomp_init.argtypes = [ctypes.c_uint32]
    loaded.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
    ]  # fmt: skip
    loaded.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]
    loaded.seccomp_release.argtypes = [ctypes.c_void_p]
    return loaded


@cache
def calls_of(name: str) -> frozenset[str]:
    """The calls that a name in `SystemCallFilter=` stands for."""
    if not name.startswith("@"):
        return frozenset([name])
    command = ["systemd-analyze", "--no-pager", "syscall-filter", name]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    names = [line.strip() for line in lines if line.startswith("    ")]
    assert names, f"systemd knows no {name}"
    found = [calls_of(item) for item in names if not item.startswith("#")]
    return frozenset().union(*found)


def allowed_calls(unit: Unit) -> set[str]:
    first, *rest = unit.all("SystemCallFilter")
    assert not first.startswith("~"), "the first line says what is allowed"
    # systemd always leaves these to a unit.
    allowed = set(calls_of("@default"))
    for line in [first, *rest]:
        for name in line.removeprefix("~").split():
            calls = calls_of(name)
            allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def conditions(unit: Unit) -> dict[str, list[list[Condition]]]:
    """For calls that are left for some arguments only: each list is a way to be let through."""
    found: dict[str, list[list[Condition]]] = {}
    if unit.is_on("MemoryDenyWriteExecute"):
        found["mmap"] = [[Condition(2, WRITE)], [Condition(2, EXECUTE)]]
        found["mprotect"] = found["pkey_mprotect"] = [[Condition(2, EXECUTE)]]
        found["shmat"] = [[Condition(2, SHARED_EXECUTE)]]
    if unit.is_on("RestrictNamespaces"):
        found["clone"] = found["unshare"] = [[Condition(0, NAMESPACES)]]
        found["setns"] = []
    if unit.is_on("RestrictSUIDSGID"):
        found["chmod"] = found["fchmod"] = found["mknod"] = [[Condition(1, SET_ID_BITS)]]
        found["fchmodat"] = found["mknodat"] = [[Condition(2, SET_ID_BITS)]]
        found["open"] = [[Condition(1, CREATE)], [Condition(2, SET_ID_BITS)]]
        found["openat"] = [[Condition(2, CREATE)], [Condition(3, SET_ID_BITS)]]
    if unit.is_on("LockPersonality"):
        everything = 0xFFFFFFFF
        found["personality"] = [
            [Condition(0, everything)], [Condition(0, everything, PERSONALITY_QUERY)]
        ]  # fmt: skip
    families = unit.one("RestrictAddressFamilies").split()
    found["socket"] = [
        [Condition(0, 0xFFFFFFFF, int(getattr(socket, family)))] for family in families
    ]
    return found


def write(unit: Unit, path: Path) -> None:
    """Leaves the filter in a file, as the kernel takes it."""
    context = library().seccomp_init(KILL_PROCESS)
    assert context, "no memory for a filter"
    special = conditions(unit)
    for name in sorted(allowed_calls(unit)):
        number = library().seccomp_syscall_resolve_name(name.encode())
        # Below zero are those that this architecture has not.
        if number < 0:
            continue
        if name in ("clone3", "openat2"):
            # Their flags are in memory, where no filter can look; the C library goes another way.
            add(context, FAIL_AS_UNKNOWN, number, [])
        elif name in special:
            for way in special[name]:
                add(context, ALLOW, number, way)
        else:
            add(context, ALLOW, number, [])
    with path.open("wb") as file:
        assert library().seccomp_export_bpf(context, file.fileno()) == 0
    library().seccomp_release(context)


def add(context: int, action: int, number: int, way: list[Condition]) -> None:
    array = (Comparison * len(way))(*(condition.comparison for condition in way))
    status = library().seccomp_rule_add_array(context, action, number, len(way), array)
    assert status == 0, f"call {number}: {errno.errorcode.get(-status, status)}"
