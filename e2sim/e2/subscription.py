"""Subscriptions: which are served, and why others are not (O-RAN E2SM-KPM 7.3, 7.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from e2sim.e2.column import NotMeasuredError, cell_columns, user_columns
from e2sim.e2.condition import NotTestableError, matcher
from e2sim.e2.refusal import RefusedError
from e2sim.e2.reporter import CellContent, Naming, Reporter, UserContent
from oran.e2 import e2ap
from oran.e2.common.cell import NrCgi
from oran.e2.common.ueid import UeId
from oran.e2.e2ap import CauseRicRequest
from oran.e2.errors import DecodeError
from oran.e2.kpm import (
    ACTION_DEFINITION,
    EVENT_TRIGGER,
    ActionDefinition,
    ActionFormat1,
    ActionFormat4,
    EventTrigger,
)
from oran.snssai import Snssai

CELL_STYLE: Final = 1
"""Report style "E2 node measurement": action format 1, message format 1."""

USER_STYLE: Final = 4
"""Report style "common condition-based, UE-level": action format 4, message format 3."""

MAX_PERIODS: Final = 1_000
"""Most periods of the twin in one report; they are held until it is due."""

MAX_VALUES: Final = 65_536
"""Most values in one report: with 10 octets each they fit the largest packet."""

_UNSUPPORTED: Final = CauseRicRequest.ACTION_NOT_SUPPORTED


@dataclass(frozen=True, slots=True)
class Measured:
    """What a subscription can be about.

    Attributes:
        cell: the node's only cell.
        snssais: its slices.
        period_ms: the twin's period.
        users: how many users the cell has.
        ue_id: identity of a user by its number.
        names: whether reports repeat the names of what they carry.
        uplink: whether the cell has an uplink to measure.
    """

    cell: NrCgi
    snssais: tuple[Snssai, ...]
    period_ms: int
    users: int
    ue_id: Callable[[int], UeId]
    names: bool = False
    uplink: bool = False


def reporting_period(event_trigger: bytes, period_ms: int) -> int:
    """The reporting period of an event trigger, ms.

    Raises:
        RefusedError: the octets are no such trigger, or the twin cannot keep that period.
    """
    try:
        trigger = EVENT_TRIGGER.decode(event_trigger)
    except DecodeError as error:
        raise RefusedError(CauseRicRequest.UNSPECIFIED, str(error)) from error
    if not isinstance(trigger, EventTrigger):
        raise RefusedError(CauseRicRequest.UNSPECIFIED, "event triggers have format 1 here")
    wanted = trigger.reporting_period_ms
    if wanted % period_ms:
        raise RefusedError(
            CauseRicRequest.UNSPECIFIED,
            f"a reporting period of {wanted} ms is no multiple of the cell's, {period_ms} ms",
        )
    if wanted > period_ms * MAX_PERIODS:
        raise RefusedError(
            CauseRicRequest.FUNCTION_RESOURCE_LIMIT,
            f"a reporting period of {wanted} ms; {period_ms * MAX_PERIODS} ms at most",
        )
    return wanted


def reporter(action: e2ap.Action, reporting_ms: int, measured: Measured) -> Reporter:
    """The reporter that serves an action.

    Args:
        action: what the RIC asks for.
        reporting_ms: the reporting period.
        measured: what it can ask for.

    Raises:
        RefusedError: it cannot be served.
    """
    if action.type is not e2ap.ActionType.REPORT:
        raise RefusedError(_UNSUPPORTED, f"actions of type {action.type}; only reports are made")
    if action.definition is None:
        raise RefusedError(_UNSUPPORTED, "the action has no definition")
    try:
        definition = ACTION_DEFINITION.decode(action.definition)
        content, granularity_ms = _content(definition, measured)
    except (DecodeError, NotMeasuredError, NotTestableError) as error:
        raise RefusedError(_UNSUPPORTED, str(error)) from error
    if granularity_ms % measured.period_ms or reporting_ms % granularity_ms:
        raise RefusedError(
            _UNSUPPORTED,
            f"a granularity period of {granularity_ms} ms is no multiple of the cell's, "
            f"{measured.period_ms} ms, or no part of the reporting period, {reporting_ms} ms",
        )
    records = reporting_ms // granularity_ms
    values = records * len(content.columns)
    if isinstance(content, UserContent):
        values *= measured.users
    if values > MAX_VALUES:
        raise RefusedError(
            CauseRicRequest.FUNCTION_RESOURCE_LIMIT,
            f"up to {values:,} values in a report; {MAX_VALUES:,} at most",
        )
    return Reporter(content, granularity_ms // measured.period_ms, records)


def _content(
    definition: ActionDefinition, measured: Measured
) -> tuple[CellContent | UserContent, int]:
    """What an action asks for, and its granularity period, ms."""
    match definition.style, definition.format:
        case 1, ActionFormat1() as asked:
            _check(asked, measured)
            columns = cell_columns(asked.measurements, measured.snssais, uplink=measured.uplink)
            return CellContent(columns, _naming(asked, measured)), asked.granularity_ms
        case 4, ActionFormat4(conditions, asked):
            _check(asked, measured)
            matches = matcher(conditions)
            of_user = user_columns(asked.measurements)
            naming = _naming(asked, measured)
            return UserContent(of_user, matches, measured.ue_id, naming), asked.granularity_ms
    raise RefusedError(
        _UNSUPPORTED,
        f"style {definition.style} with {type(definition.format).__name__}; "
        f"style {CELL_STYLE} with format 1 and style {USER_STYLE} with format 4 are served",
    )


def _check(asked: ActionFormat1, measured: Measured) -> None:
    if asked.cell is not None and asked.cell != measured.cell:
        raise RefusedError(_UNSUPPORTED, f"{asked.cell} is no cell of this node")
    if asked.distributions is not None:
        raise RefusedError(_UNSUPPORTED, "distributions in bins are not measured")


def _naming(asked: ActionFormat1, measured: Measured) -> Naming:
    return Naming(asked.measurements, asked.granularity_ms) if measured.names else Naming()
