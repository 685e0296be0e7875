"""Run a command where there is no network but the loopback device.

    python3 .ci/offline.py COMMAND [ARGUMENT ...]

Linux only. Where the system does not permit it, a line says so and the command runs
with the network as it is; with ``--require`` first, that is an error (exit status 77).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSIDE = "--inside"
NOT_PERMITTED = 77
# As root, or as root of a user namespace of our own.
WAYS = (["unshare", "--net"], ["unshare", "--net", "--map-root-user"])


def permitted() -> list[str] | None:
    """Return how to leave the network, or None."""
    if not shutil.which("unshare"):
        return None
    for way in WAYS:
        tried = subprocess.run([*way, "true"], check=False, capture_output=True)
        if tried.returncode == 0:
            return way
    return None


def raise_loopback() -> None:
    """Bring up ``lo``, which a new network namespace has down."""
    import fcntl  # There is none on Windows.
    import socket
    import struct

    flags_of, set_flags, up = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        request = struct.pack("16sh14x", b"lo", 0)
        answer = fcntl.ioctl(device, flags_of, request)
        flags = struct.unpack("16sh14x", answer)[1] | up
        fcntl.ioctl(device, set_flags, struct.pack("16sh14x", b"lo", flags))


def main(arguments: list[str]) -> None:
    """Replace this process by the command."""
    if arguments[:1] == [INSIDE]:
        raise_loopback()
        os.execvp(arguments[1], arguments[1:])
    required = arguments[:1] == ["--require"]
    command = arguments[1:] if required else arguments
    way = permitted()
    if way:
        inner = [sys.executable, str(Path(__file__).resolve()), INSIDE, *command]
        os.execvp(way[0], [*way, *inner])
    print("No network namespace can be made here.", file=sys.stderr, flush=True)
    if required:
        sys.exit(NOT_PERMITTED)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
