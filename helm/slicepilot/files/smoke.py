"""Ask a running xApp, by its Service, for everything but a decision.

A decision on an invented cell would stay in the state; a report without any field is refused
instead, which shows that reports arrive. Standard library only: it runs inside the xApp's image.
"""

import json
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

READY_WITHIN_S = 30.0


def ask(request: Request) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer, whatever its status."""
    try:
        with urlopen(request, timeout=5) as answer:  # noqa: S310  # http, by the caller's URL
            return answer.status, answer.headers.get_content_type(), answer.read()
    except HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read()


def wait_ready(base: str) -> str:
    """Wait until the xApp is ready; what is wrong, or nothing."""
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            status, _, body = ask(Request(base + "/readyz"))  # noqa: S310
            wrong = "" if status == 200 else f"status {status}: {body.decode()}"
        except (URLError, OSError) as error:
            wrong = str(error)
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(1)


def check(base: str, path: str, wanted: str, body: bytes | None = None) -> str:
    """What is wrong with the answer to one request, or nothing."""
    headers = {"Content-Type": "application/json"}
    status, kind, answer = ask(Request(base + path, body, headers))  # noqa: S310
    if kind == "application/problem+json":
        document = json.loads(answer)
        right = 400 <= status < 500 and wanted in document
    elif kind == "application/json":
        right = status == 200 and wanted in json.loads(answer)
    else:
        right = status == 200 and wanted.encode() in answer
    return "" if right else f"status {status}, {kind}, without {wanted!r}: {answer[:200]!r}"


def main(base: str) -> int:
    """Print a line for each check; 1 if any failed."""
    results = [("GET /readyz", wait_ready(base))]
    if not results[0][1]:
        results += [
            ("GET /v1/policy", check(base, "/v1/policy", "bundle")),
            ("GET /v1/slices", check(base, "/v1/slices", "cells")),
            ("GET /metrics", check(base, "/metrics", "slicepilot_decisions_total")),
            ("POST /decide", check(base, "/decide", "detail", b"{}")),
        ]
    for name, wrong in results:
        print(f"{'FAILED' if wrong else 'ok':7}{name}{': ' + wrong if wrong else ''}")
    return 1 if any(wrong for _, wrong in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
