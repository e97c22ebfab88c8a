"""E2SM-RC v1.03, the service model of control: the PRB quota of slices, and reports.

`CONTROL_MESSAGE.decode(octets)` and its like give typed values, `encode` their octets.
"""

from oran.e2.rc.control import (
    CONTROL_HEADER,
    CONTROL_MESSAGE,
    CONTROL_OUTCOME,
    ControlHeader,
    ControlMessage,
    ControlOutcome,
    Decision,
    OutcomeParameter,
)
from oran.e2.rc.definition import (
    FUNCTION_DEFINITION,
)
from oran.e2.rc.function import (
    OID,
    SHORT_NAME,
    ControlAction,
    ControlStyle,
    FunctionDefinition,
    OfferedParameter,
)
from oran.e2.rc.parameter import (
    Element,
    KeyElement,
    Parameter,
    ParameterList,
    Structure,
)
from oran.e2.rc.quota import (
    COMPACT,
    STANDARD,
    Numbering,
    SliceMember,
    SliceQuota,
    quota_header,
    quota_message,
    slice_quotas,
)

__all__ = [
    "COMPACT",
    "CONTROL_HEADER",
    "CONTROL_MESSAGE",
    "CONTROL_OUTCOME",
    "FUNCTION_DEFINITION",
    "OID",
    "SHORT_NAME",
    "STANDARD",
    "ControlAction",
    "ControlHeader",
    "ControlMessage",
    "ControlOutcome",
    "ControlStyle",
    "Decision",
    "Element",
    "FunctionDefinition",
    "KeyElement",
    "Numbering",
    "OfferedParameter",
    "OutcomeParameter",
    "Parameter",
    "ParameterList",
    "SliceMember",
    "SliceQuota",
    "Structure",
    "quota_header",
    "quota_message",
    "slice_quotas",
]
