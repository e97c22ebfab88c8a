"""Settings of the core driver, a part of `xapp.settings`."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from xapp.core.options import CoreOptions
from xapp.decision.core_rules import CORE_RULES
from xapp.decision.core_shield import CoreLimits


def _check_url(value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    try:
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number, or out of range
        good = False
    if not good or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise ValueError(f"{value!r} is not http(s)://HOST[:PORT], such as http://127.0.0.1:8081")
    return value.rstrip("/")


class CoreSettings(BaseModel):
    """The core driver: sites and splits of UPFs by the core control API, see docs/core.md.

    Attributes:
        url: `http(s)://HOST[:PORT]` of the API; without it, the core is not driven.
        period_ms: time between two looks at a cell's report, and so of decisions, ms.
        rule: who proposes, a name of `xapp.decision.core_rules.CORE_RULES`.
        timeout_ms: longest wait for an answer, ms; after it allocations are held.
        stale_ms: a report that no newer one follows for so long is stale, ms.
        migration_ms: longest time that a UPF may take to arrive, ms of the core.
        min_stay_ms, min_gain: bounds of the shield, as of `CoreLimits`.
        max_cells: most cells that are driven.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str | None, AfterValidator(_check_url)] = None
    period_ms: Annotated[int, Field(ge=10, le=60_000)] = 100
    rule: Literal["hysteretic-site", "least-delay", "balanced-split", "nearest-site"] = (
        "hysteretic-site"
    )
    timeout_ms: Annotated[int, Field(ge=10, le=60_000)] = 1_000
    stale_ms: Annotated[int, Field(ge=10, le=3_600_000)] = 2_000
    migration_ms: Annotated[int, Field(ge=10, le=3_600_000)] = 5_000
    min_stay_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 3_000
    min_gain: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    max_cells: Annotated[int, Field(ge=1, le=1_024)] = 16

    def options(self) -> CoreOptions | None:
        """The nouns behind the settings; None where the core is not driven."""
        if self.url is None:
            return None
        return CoreOptions(
            url=self.url,
            rule=self.rule,
            made=CORE_RULES[self.rule],
            limits=CoreLimits(self.min_stay_ms, self.min_gain),
            period_s=self.period_ms / 1e3,
            timeout_s=self.timeout_ms / 1e3,
            stale_s=self.stale_ms / 1e3,
            migration_ms=self.migration_ms,
            max_cells=self.max_cells,
        )
