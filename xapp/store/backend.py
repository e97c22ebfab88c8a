"""Backends: Redis, or its in-process stand-in, behind the four things the writer needs."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import fakeredis
import redis.asyncio
from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

EMBEDDED: Final = "embedded://"
SCHEMES: Final = ("redis", "rediss", "unix")
HASH: Final = "slicepilot:cells"
"""The one key in use: a hash with a field for each cell."""

_TIMEOUT_S: Final = 1.0


class StoreError(RuntimeError):
    """The store did not do what it was asked.

    Attributes:
        reason: `unreachable`, `timeout`, `authentication` or `command`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def check_url(url: str) -> str:
    """`url`, if a backend can be made of it.

    Raises:
        ValueError: another scheme, or a part that cannot be read; the message has no password.
    """
    if url == EMBEDDED:
        return url
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(
            f"needs '{EMBEDDED}' or a URL of {', '.join(SCHEMES)}, such as redis://host"
        )
    if parts.scheme != "unix":
        if not parts.hostname:
            raise ValueError("the URL names no host")
        if parts.path not in ("", "/") and not parts.path[1:].isdecimal():
            raise ValueError("the URL's path needs to be the number of a database, such as /0")
    try:
        # Made, not connected: options of the URL that do not exist are found here.
        redis.asyncio.ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError) as error:
        raise ValueError(f"not a Redis URL: {error}") from error
    return url


def redacted(url: str) -> str:
    """`url` without user name and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return url if url == EMBEDDED else f"{parts.scheme}://{host}{parts.path}"


class Backend:
    """Records of cells in one Redis hash.

    Attributes:
        name: the URL without credentials.
        durable: whether records outlive this process.
    """

    def __init__(self, url: str) -> None:
        self.name = redacted(url)
        self.durable = url != EMBEDDED
        self._client: Any
        if self.durable:
            # One try a command: the writer above knows better when to try again.
            self._client = redis.asyncio.Redis.from_url(
                url,
                socket_timeout=_TIMEOUT_S,
                socket_connect_timeout=_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
            )
        else:
            self._client = fakeredis.FakeAsyncRedis()

    async def write(self, records: Mapping[bytes, bytes], removed: Iterable[bytes]) -> None:
        """Set and delete fields.

        Raises:
            StoreError: not all is known to be written; writing it again does no harm.
        """
        try:
            if records:
                await self._client.hset(HASH, mapping=dict(records))
            if gone := list(removed):
                await self._client.hdel(HASH, *gone)
        except (exceptions.RedisError, OSError) as error:
            raise _translated(error, self.name) from error

    async def read(self) -> AsyncIterator[tuple[bytes, bytes]]:
        """Every field and its record, in no order; a field may come twice.

        Raises:
            StoreError: the store stopped answering.
        """
        try:
            async for field, record in self._client.hscan_iter(HASH, count=256):
                yield field, record
        except (exceptions.RedisError, OSError) as error:
            raise _translated(error, self.name) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _translated(error: Exception, name: str) -> StoreError:
    text = str(error).split("\n", maxsplit=1)[0]
    if isinstance(error, exceptions.AuthenticationError) or "NOAUTH" in text or "WRONGPASS" in text:
        return StoreError("authentication", f"{name} refuses the credentials: {text}")
    if isinstance(error, (exceptions.TimeoutError, TimeoutError)):
        return StoreError("timeout", f"{name} did not answer within {_TIMEOUT_S:g} s")
    if isinstance(error, (exceptions.ConnectionError, OSError)):
        return StoreError("unreachable", f"{name} cannot be reached: {text}")
    return StoreError("command", f"{name} refused a command: {text}")
