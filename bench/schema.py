"""What asn1tools, a general ASN.1 library, needs to read and write the report that is timed.

The schema says in words of our own what the octets hold, with the parts that the report uses; parts
that it leaves out stand as NULL where their place takes a bit. Its octets are those of E2SM-KPM.
"""

from typing import Any, Final

import asn1tools

MESSAGE: Final = "Message"
"""Name of the type."""

_NARROWINGS: Final = ", ".join(f"narrowing{i} NULL OPTIONAL" for i in range(1, 21))
_TEXT: Final = f"""
Report DEFINITIONS AUTOMATIC TAGS ::= BEGIN

Message ::= SEQUENCE {{ body CHOICE {{ one Table, two NULL, ... }}, ... }}

Table ::= SEQUENCE {{
    rows SEQUENCE (SIZE (1..65535)) OF Row,
    columns SEQUENCE (SIZE (1..65535)) OF Column OPTIONAL,
    milliseconds INTEGER (1..4294967295) OPTIONAL,
    ...
}}

Row ::= SEQUENCE {{
    cells SEQUENCE (SIZE (1..2147483647)) OF Cell,
    partial ENUMERATED {{ true, ... }} OPTIONAL,
    ...
}}

Cell ::= CHOICE {{ whole INTEGER (0..4294967295), real REAL, empty NULL, ... }}

Column ::= SEQUENCE {{
    title CHOICE {{
        text PrintableString (SIZE (1..150, ...)),
        number INTEGER (1..65536, ...),
        ...
    }},
    views SEQUENCE (SIZE (1..2147483647)) OF SEQUENCE {{ view View, ... }},
    ...
}}

View ::= SEQUENCE {{ everything ENUMERATED {{ true, ... }} OPTIONAL, {_NARROWINGS}, ... }}

END
"""


def compiled() -> Any:
    """The schema, with `encode(MESSAGE, value)` and `decode(MESSAGE, octets)`."""
    return asn1tools.compile_string(_TEXT, "per")
