"""The PRB quota of slices: control style 2, action 6 (O-RAN E2SM-RC 7.6.3.1, 8.4.3.6).

The parameters are a tree that follows TS 28.541 4.3.36:

    1 RRM policy ratio list
        3 RRM policy                    (its parent, 2, is not on the wire)
            5 RRM policy member list
                7 PLMN identity         (its parent, 6, is not on the wire)
                8 S-NSSAI
                    9 SST   10 SD
        11 minimum, 12 maximum, 13 dedicated PRB policy ratio, %

Peers differ twice, and both forms are read. Some number the tree without the gap that the
specification leaves at 4, as 1, 3, 4, 6, 7, 8, 9, 10, 11, 12: the id of the member list tells
which. Some write PLMN, SST and SD as text ("00101", "1", "000001") instead of 3, 1 and 3 octets:
the length of the PLMN identity tells which.
"""

from dataclasses import dataclass
from typing import Final

from oran.e2.common.plmn import plmn_octets
from oran.e2.common.ueid import GnbUeId, Guami
from oran.e2.errors import brief
from oran.e2.per.string import Bits
from oran.e2.rc.control import ControlHeader, ControlMessage
from oran.e2.rc.parameter import Element, KeyElement, Parameter, ParameterList, Structure, ValueType
from oran.snssai import Snssai

STYLE: Final = 2
"""Control style: radio resource allocation control."""

ACTION: Final = 6
"""Control action: slice-level PRB quota."""

_PLMN_OCTETS: Final = 3
_SD_OCTETS: Final = 3


@dataclass(frozen=True, slots=True)
class Numbering:
    """Parameter ids of the tree, from the list of policies to the dedicated ratio."""

    ratio_list: int = 1
    policy: int = 3
    member_list: int = 5
    plmn: int = 7
    snssai: int = 8
    sst: int = 9
    sd: int = 10
    minimum: int = 11
    maximum: int = 12
    dedicated: int = 13


STANDARD: Final = Numbering()
COMPACT: Final = Numbering(1, 3, 4, 6, 7, 8, 9, 10, 11, 12)


@dataclass(frozen=True, slots=True)
class SliceMember:
    """A slice of a network: PLMN identity, 3 octets, and S-NSSAI."""

    plmn: bytes
    snssai: Snssai


@dataclass(frozen=True, slots=True)
class SliceQuota:
    """PRBs of the slices that share one policy.

    Attributes:
        members: the slices, one or more.
        minimum, maximum, dedicated: ratios, % of the cell's PRBs.
    """

    members: tuple[SliceMember, ...]
    minimum: int
    maximum: int
    dedicated: int


def quota_header(plmn: bytes) -> ControlHeader:
    """The header of a quota message: the UE field is mandatory, so it names none."""
    nobody = GnbUeId(0, Guami(plmn, Bits(0, 8), Bits(0, 10), Bits(0, 6)))
    return ControlHeader(nobody, STYLE, ACTION)


def quota_message(quotas: tuple[SliceQuota, ...], ids: Numbering = STANDARD) -> ControlMessage:
    """The message that sets the quotas."""
    items = tuple(
        Structure(
            (
                Parameter(ids.policy, Structure((_members(quota, ids),))),
                Parameter(ids.minimum, Element(quota.minimum)),
                Parameter(ids.maximum, Element(quota.maximum)),
                Parameter(ids.dedicated, Element(quota.dedicated)),
            )
        )
        for quota in quotas
    )
    return ControlMessage((Parameter(ids.ratio_list, ParameterList(items)),))


def _members(quota: SliceQuota, ids: Numbering) -> Parameter:
    items = []
    for member in quota.members:
        parts = [Parameter(ids.sst, Element(bytes((member.snssai.sst,))))]
        if member.snssai.sd is not None:
            parts.append(Parameter(ids.sd, Element(member.snssai.sd.to_bytes(3, "big"))))
        plmn = Parameter(ids.plmn, Element(member.plmn))
        items.append(Structure((plmn, Parameter(ids.snssai, Structure(tuple(parts))))))
    return Parameter(ids.member_list, ParameterList(tuple(items)))


def slice_quotas(message: ControlMessage) -> tuple[SliceQuota, ...]:
    """The quotas of a message, in either numbering and either form of the identities.

    Ratios that are left out are those of TS 28.541 4.4.1: minimum and dedicated 0, maximum 100.

    Raises:
        ValueError: the tree has another form; the text names the parameter.
    """
    top = _child(message.parameters, STANDARD.ratio_list, "the message")
    return tuple(
        _quota(item, f"policy ratio {i}")
        for i, item in enumerate(_items(top, "the policy ratio list"))
    )


def _quota(item: Structure, at: str) -> SliceQuota:
    ratios = item.parameters or ()
    policy = _parts(_child(ratios, STANDARD.policy, at), f"{at}, policy")
    compact = any(parameter.id == COMPACT.member_list for parameter in policy)
    ids = COMPACT if compact else STANDARD
    members = _items(_child(policy, ids.member_list, f"{at}, policy"), f"{at}, member list")
    return SliceQuota(
        tuple(_member(m, ids, f"{at}, member {i}") for i, m in enumerate(members)),
        _ratio(ratios, ids.minimum, 0, f"{at}, minimum"),
        _ratio(ratios, ids.maximum, 100, f"{at}, maximum"),
        _ratio(ratios, ids.dedicated, 0, f"{at}, dedicated"),
    )


def _member(item: Structure, ids: Numbering, at: str) -> SliceMember:
    parts = item.parameters or ()
    plmn = _octets(_child(parts, ids.plmn, at), f"{at}, PLMN identity")
    snssai = _parts(_child(parts, ids.snssai, at), f"{at}, S-NSSAI")
    sst = _octets(_child(snssai, ids.sst, f"{at}, S-NSSAI"), f"{at}, SST")
    sd = None
    if any(parameter.id == ids.sd for parameter in snssai):
        sd = _octets(_child(snssai, ids.sd, at), f"{at}, SD")
    try:
        if len(plmn) != _PLMN_OCTETS:  # text; the number of SD is hexadecimal (TS 23.003 28.4.2)
            hexadecimal = None if sd is None else int(sd, 16)
            return SliceMember(plmn_octets(plmn.decode("ascii")), Snssai(int(sst), hexadecimal))
        if len(sst) != 1 or (sd is not None and len(sd) != _SD_OCTETS):
            raise ValueError(f"SST {sst.hex()} needs 1 octet, SD {sd and sd.hex()} needs 3")
        number = None if sd is None else int.from_bytes(sd, "big")
        return SliceMember(plmn, Snssai(sst[0], number))
    except ValueError as error:
        raise ValueError(f"{at}: {error}") from None


def _child(parameters: tuple[Parameter, ...], wanted: int, at: str) -> ValueType:
    for parameter in parameters:
        if parameter.id == wanted:
            return parameter.value
    raise ValueError(f"{at}: needs parameter {wanted}, has {[p.id for p in parameters]}")


def _items(value: ValueType, at: str) -> tuple[Structure, ...]:
    if not isinstance(value, ParameterList):
        raise ValueError(f"{at}: needs a list, got a {type(value).__name__}")
    return value.items


def _parts(value: ValueType, at: str) -> tuple[Parameter, ...]:
    if not isinstance(value, Structure):
        raise ValueError(f"{at}: needs a structure, got a {type(value).__name__}")
    return value.parameters or ()


def _octets(value: ValueType, at: str) -> bytes:
    if isinstance(value, Element | KeyElement) and isinstance(value.value, bytes):
        return value.value
    raise ValueError(f"{at}: needs an element with octets, got {brief(value)}")


def _ratio(parameters: tuple[Parameter, ...], wanted: int, absent: int, at: str) -> int:
    value = next((p.value for p in parameters if p.id == wanted), Element(absent))
    if isinstance(value, Element | KeyElement) and type(value.value) is int:
        return value.value
    raise ValueError(f"{at}: needs an element with an integer, got {brief(value)}")
