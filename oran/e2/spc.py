"""E2SM-SPC, "Slicepilot control": a RAN function for what E2SM-RC v1.03 has no action for.

It sets the transmit power offset and the sleep state of a cell, and the MCS backoff and the
admission of each slice. It is this project's own and no standard: its object identifier lies in
the arc of ITU-T X.667 (2.25, then a UUID as a number), where no authority assigns numbers. Its RAN
function id is a default; the set-up message tells the one in use. Values are encoded like those
of the other service models, in the aligned variant of PER. `...` marks where a later version may
add fields:

    function definition   name of the RAN function, power offsets, MCS backoffs, sleep states,
                          cells (1..512) with their slices (1..64), ...
    control header        cell, ...
    control message       power offset OPTIONAL, sleep state OPTIONAL, slices (0..64), ...

A field that is left out leaves what it would set unchanged.

The function definition names the node's cells and their slices, because nothing else of E2 that is
used here does: the definitions of E2SM-KPM and E2SM-RC know neither, and a RIC has to know both
before it can subscribe to the cell's measurements under the labels of its slices.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.common.cell import CGI, S_NSSAI, Cgi
from oran.e2.common.function import RAN_FUNCTION_NAME, RanFunctionName
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.sequence import Sequence
from oran.e2.per.type import Payload
from oran.snssai import Snssai

SHORT_NAME: Final = "SLICEPILOT-E2SM-SPC"
OID: Final = "2.25.278667904939017458074477778959436626128"
"""UUID d1a57c7b-f095-58e0-afb8-2a2bfc8838d0, made from the name `slicepilot.e2sm.spc`."""

RAN_FUNCTION_ID: Final = 200
"""Default; FlexRIC's own functions are 2, 3 and 142 to 148."""

MAX_SLICES: Final = 64

MAX_CELLS: Final = 512
"""Most cells of a node (maxCellingNBDU, TS 38.473 9.4.7)."""


class SleepState(StrEnum):
    """How deeply a cell sleeps (TR 38.864 5.1)."""

    ACTIVE = "active"
    MICRO = "micro"
    LIGHT = "light"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class ServedCell:
    """A cell of the node, and its slices, 1..`MAX_SLICES`, in the order of its reports."""

    cell: Cgi
    slices: tuple[Snssai, ...]


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """What the node lets itself be told.

    Attributes:
        name: of the RAN function.
        lowest_power_offset_db: -30..0; offsets from here to 0 are carried out.
        largest_mcs_backoff: 0..28; backoffs from 0 to here are carried out.
        sleep_states: 1..4; the states that the cells have.
        cells: 1..`MAX_CELLS`.
    """

    name: RanFunctionName
    lowest_power_offset_db: int
    largest_mcs_backoff: int
    sleep_states: tuple[SleepState, ...]
    cells: tuple[ServedCell, ...]


@dataclass(frozen=True, slots=True)
class ControlHeader:
    """Which cell."""

    cell: Cgi


@dataclass(frozen=True, slots=True)
class SliceControl:
    """What changes for a slice.

    Attributes:
        snssai: which slice.
        mcs_backoff: MCS indices below link adaptation's choice, 0..28.
        admission_ratio: % of new flows admitted, 0..100.
    """

    snssai: Snssai
    mcs_backoff: int | None = None
    admission_ratio: int | None = None


@dataclass(frozen=True, slots=True)
class ControlMessage:
    """What changes in the cell.

    Attributes:
        power_offset_db: transmit power against nominal, -30..0 dB.
        sleep_state: how deeply the cell sleeps.
        slices: 0..`MAX_SLICES`.
    """

    power_offset_db: int | None = None
    sleep_state: SleepState | None = None
    slices: tuple[SliceControl, ...] = ()


_POWER_OFFSET: Final = Bounded(-30, 0, extensible=True)
_MCS: Final = Bounded(0, 28, extensible=True)
_SLEEP: Final = Enumerated(SleepState)
_SERVED_CELL: Final = Sequence(
    ServedCell,
    required("cellGlobalID", "cell", CGI),
    required("sliceID-List", "slices", SequenceOf(S_NSSAI, 1, MAX_SLICES)),
)

FUNCTION_DEFINITION: Final = Payload(
    "E2SM-SPC-FunctionDefinition",
    Sequence(
        FunctionDefinition,
        required("ranFunction-Name", "name", RAN_FUNCTION_NAME),
        required("lowestPowerOffset", "lowest_power_offset_db", _POWER_OFFSET),
        required("largestMcsBackoff", "largest_mcs_backoff", _MCS),
        required("sleepState-List", "sleep_states", SequenceOf(_SLEEP, 1, len(SleepState))),
        required("cell-List", "cells", SequenceOf(_SERVED_CELL, 1, MAX_CELLS)),
    ),
)
CONTROL_HEADER: Final = Payload(
    "E2SM-SPC-ControlHeader", Sequence(ControlHeader, required("cellGlobalID", "cell", CGI))
)
CONTROL_MESSAGE: Final = Payload(
    "E2SM-SPC-ControlMessage",
    Sequence(
        ControlMessage,
        optional("powerOffset", "power_offset_db", _POWER_OFFSET),
        optional("sleepState", "sleep_state", _SLEEP),
        required(
            "slice-List",
            "slices",
            SequenceOf(
                Sequence(
                    SliceControl,
                    required("sliceID", "snssai", S_NSSAI),
                    optional("mcsBackoff", "mcs_backoff", _MCS),
                    optional("admissionRatio", "admission_ratio", Bounded(0, 100)),
                ),
                0,
                MAX_SLICES,
            ),
        ),
    ),
)
