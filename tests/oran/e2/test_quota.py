"""The PRB quota of slices: its tree in either numbering, and either form of the identities."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.e2 import rc
from oran.snssai import Snssai

PLMN = b"\x00\xf1\x10"


def _ids(parameters: tuple[rc.Parameter, ...]) -> list[int]:
    found = []
    for parameter in parameters:
        found.append(parameter.id)
        if isinstance(parameter.value, rc.Structure):
            found += _ids(parameter.value.parameters or ())
        elif isinstance(parameter.value, rc.ParameterList):
            found += [n for item in parameter.value.items for n in _ids(item.parameters or ())]
    return found


@pytest.mark.parametrize(
    ("ids", "numbers"),
    [
        (rc.STANDARD, [1, 3, 5, 7, 8, 9, 10, 11, 12, 13]),
        (rc.COMPACT, [1, 3, 4, 6, 7, 8, 9, 10, 11, 12]),
    ],
)
def test_parameter_ids_of_the_quota(ids: rc.Numbering, numbers: list[int]) -> None:
    quota = rc.SliceQuota((rc.SliceMember(PLMN, Snssai(1, 2)),), 5, 60, 7)
    assert _ids(rc.quota_message((quota,), ids).parameters) == numbers


@given(
    st.lists(
        st.builds(
            rc.SliceQuota,
            st.lists(
                st.builds(
                    rc.SliceMember,
                    st.binary(min_size=3, max_size=3),
                    st.builds(Snssai, st.integers(0, 255), st.none() | st.integers(0, 0xFFFFFF)),
                ),
                min_size=1,
                max_size=3,
            ).map(tuple),
            st.integers(0, 100),
            st.integers(0, 100),
            st.integers(0, 100),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    st.sampled_from((rc.STANDARD, rc.COMPACT)),
)
def test_quota_comes_back_in_either_numbering(
    quotas: tuple[rc.SliceQuota, ...], ids: rc.Numbering
) -> None:
    octets = rc.CONTROL_MESSAGE.encode(rc.quota_message(quotas, ids))
    message = rc.CONTROL_MESSAGE.decode(octets)
    assert isinstance(message, rc.ControlMessage)
    assert rc.slice_quotas(message) == quotas


def _policy(plmn: Any, sst: Any, sd: Any, *ratios: rc.Parameter) -> rc.ControlMessage:
    parts = [rc.Parameter(9, rc.Element(sst))]
    if sd is not None:
        parts.append(rc.Parameter(10, rc.Element(sd)))
    member = rc.Structure(
        (
            rc.Parameter(7, rc.KeyElement(plmn)),
            rc.Parameter(8, rc.Structure(tuple(parts))),
        )
    )
    members = rc.Parameter(5, rc.ParameterList((member,)))
    policy = rc.Parameter(3, rc.Structure((members,)))
    return rc.ControlMessage(
        (rc.Parameter(1, rc.ParameterList((rc.Structure((policy, *ratios)),))),)
    )


@pytest.mark.parametrize(
    ("plmn", "sst", "sd", "member"),
    [
        (b"00101", b"1", b"00000a", rc.SliceMember(PLMN, Snssai(1, 10))),
        (b"310410", b"128", None, rc.SliceMember(b"\x13\x00\x14", Snssai(128))),
        (PLMN, b"\x31", b"\0\0\1", rc.SliceMember(PLMN, Snssai(0x31, 1))),
    ],
)
def test_identities_as_text_or_octets(
    plmn: bytes, sst: bytes, sd: bytes | None, member: rc.SliceMember
) -> None:
    message = _policy(plmn, sst, sd, rc.Parameter(12, rc.Element(40)))
    assert rc.slice_quotas(message) == (rc.SliceQuota((member,), 0, 40, 0),)


NO_QUOTA = [
    (rc.ControlMessage(()), "the message: needs parameter 1, has"),
    (rc.ControlMessage((rc.Parameter(1, rc.Element(1)),)), "needs a list, got a Element"),
    (
        rc.ControlMessage(
            (rc.Parameter(1, rc.ParameterList((rc.Structure((rc.Parameter(3, rc.Element(1)),)),))),)
        ),
        "policy ratio 0, policy: needs a structure, got a Element",
    ),
    (
        rc.ControlMessage((rc.Parameter(1, rc.ParameterList((rc.Structure(),))),)),
        "policy ratio 0: needs parameter 3, has",
    ),
    (
        rc.ControlMessage(
            (
                rc.Parameter(
                    1,
                    rc.ParameterList((rc.Structure((rc.Parameter(3, rc.Structure()),)),)),
                ),
            )
        ),
        "policy ratio 0, policy: needs parameter 5",
    ),
    (_policy(5, b"1", None), "PLMN identity: needs an element with octets, got Element|KeyElement"),
    (_policy(b"0010x", b"1", None), "member 0: '0010x' is not a PLMN"),
    (_policy(b"001\xff1", b"1", None), "member 0: 'ascii' codec"),
    (_policy(b"00101", b"256", None), "member 0: sst: 256 is outside"),
    (_policy(b"00101", b"1", b"fffffff"), "member 0: sd: .* is outside"),
    (_policy(PLMN, b"12", None), "member 0: SST 3132 needs 1 octet"),
    (_policy(PLMN, b"1", b"\0"), "SD 00 needs 3"),
    (
        _policy(PLMN, b"1", None, rc.Parameter(11, rc.Element(b"5"))),
        "minimum: needs an element with an integer",
    ),
    (_policy(PLMN, b"1", None, rc.Parameter(13, rc.Structure())), "dedicated: needs an element"),
]


@pytest.mark.parametrize(("message", "reason"), NO_QUOTA, ids=range(len(NO_QUOTA)))
def test_message_that_sets_no_quota(message: rc.ControlMessage, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        rc.slice_quotas(message)
