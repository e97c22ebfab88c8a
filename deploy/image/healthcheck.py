"""Whether the container's program does its work: `healthcheck.py xapp` or `healthcheck.py e2sim`.

Runs without site packages, every few seconds, so it imports little. Prints one line; the engine
keeps it (`docker inspect`). Exits with 1 where the answer is no.
"""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Final

_TIMEOUT_S: Final = 2.0
_ESTABLISHED: Final = "01"
_SCTP_ESTABLISHED: Final = "3"
_E2_PORT: Final = 36421
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "sctp": _E2_PORT, "tcp": _E2_PORT}
_EVERYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def xapp(environment: Mapping[str, str]) -> str:
    """What is wrong with the xApp on this host, empty where it is ready to decide."""
    host = environment.get("XAPP_HOST", "")
    address = (_EVERYWHERE.get(host, host), int(environment.get("XAPP_PORT", "8080")))
    request = b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"
    try:
        with socket.create_connection(address, _TIMEOUT_S) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
    except OSError as error:
        return f"{address[0]}:{address[1]}: {error.strerror or error}"
    status, _, body = answer.partition(b"\r\n\r\n")
    line = status.split(b"\r\n", 1)[0].decode("ascii", "replace")
    return "" if line.split(" ")[1:2] == ["200"] else f"{line} {body.decode(errors='replace')}"


def connections(tables: Sequence[str]) -> set[int]:
    """Remote ports of established connections, from the text of /proc/net/tcp and tcp6."""
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return {int(row[2].rsplit(":", 1)[1], 16) for row in rows if row[3] == _ESTABLISHED}


def associations(tables: Sequence[str]) -> set[int]:
    """Remote ports of established SCTP associations, from the text of /proc/net/sctp/assocs."""
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return {int(row[12]) for row in rows if row[4] == _SCTP_ESTABLISHED}


def e2sim(environment: Mapping[str, str], tcp: Sequence[str], sctp: Sequence[str] = ()) -> str:
    """What is wrong with the emulator, empty where its link to the RIC or to the xApp is up.

    The container has a network of its own, so a connection to the target's port is the link. A
    kernel that has not loaded SCTP has no table of it, and no association either.
    """
    target = environment.get("E2SIM_RIC") or environment.get("E2SIM_TARGET", "")
    scheme, found, rest = target.partition("://")
    if not found:
        return ""  # reports go to a file; the program ends where it cannot write
    authority = rest.split("/", 1)[0]
    digits = authority.rpartition("]")[2].rpartition(":")[2] if ":" in authority else ""
    port = int(digits) if digits.isdigit() else _DEFAULT_PORTS.get(scheme, 80)
    there = associations(sctp) if scheme == "sctp" else connections(tcp)
    return "" if port in there else f"no connection to {target}"


def _tables(*paths: str) -> list[str]:
    """What stands in those of the files that there are."""
    tables = []
    for path in paths:
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                tables.append(file.read())
    return tables


def main(program: str) -> str:
    """The answer for one of the two programs."""
    if program == "xapp":
        return xapp(os.environ)
    tcp = _tables("/proc/net/tcp", "/proc/net/tcp6")
    return e2sim(os.environ, tcp, _tables("/proc/net/sctp/assocs"))


if __name__ == "__main__":
    wrong = main(sys.argv[1])
    print(wrong or "ok")
    sys.exit(bool(wrong))
