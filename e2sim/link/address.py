"""Addresses: what `--target` may name."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class AddressError(ValueError):
    """The text names neither an xApp nor a file that can be written."""


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """An xApp's HTTP endpoint.

    Attributes:
        url: as the user wrote it.
        host: name or address, without brackets.
        port: 1..65535.
        path: path of the decision resource, with the base path of the URL before it.
        tls: whether the scheme is https.
    """

    url: str
    host: str
    port: int
    path: str
    tls: bool

    @property
    def authority(self) -> str:
        """The value of the Host field (RFC 9110 7.2): the default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A file of JSON lines; None is the standard output."""

    path: Path | None


def parse_url(text: str) -> HttpAddress:
    """The address of an xApp: `http://host:port` or `https://host/base`.

    Raises:
        AddressError: the text is no such URL.
    """
    # Checked first: urlsplit drops line ends, and what was typed is not what would be used.
    if any(c <= " " or c > "~" for c in text):
        raise AddressError(f"target {text!r}: only printable ASCII without blanks")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"target {text!r}: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressError(f"target {text!r}: needs a URL such as 'http://127.0.0.1:8000'")
    if parts.query or parts.fragment or parts.username is not None:
        raise AddressError(f"target {text!r}: a query, fragment or user name has no meaning here")
    if port == 0:
        raise AddressError(f"target {text!r}: port 0 cannot be connected to")
    tls = parts.scheme == "https"
    path = parts.path.rstrip("/").removesuffix("/decide") + "/decide"
    return HttpAddress(text, parts.hostname, port or (443 if tls else 80), path, tls)


def parse_address(text: str) -> HttpAddress | FileAddress:
    """The address of an xApp, a path that ends in `.jsonl`, or `-` for the standard output.

    Raises:
        AddressError: the text is none of these, or the file's folder is absent.
    """
    if text == "-":
        return FileAddress(None)
    if text.endswith(".jsonl") and "://" not in text:
        path = Path(text)
        if not path.parent.is_dir():
            raise AddressError(f"target {text!r}: there is no folder {str(path.parent)!r}")
        return FileAddress(path)
    if "://" not in text:
        raise AddressError(
            f"target {text!r}: needs a URL such as 'http://127.0.0.1:8000', "
            "a file that ends in '.jsonl', or '-'"
        )
    return parse_url(text)
