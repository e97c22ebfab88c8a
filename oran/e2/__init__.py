"""The E2 interface: E2AP and its service models, from octets to typed messages and back.

Everything below is a pure function of its arguments. Reading is tolerant where peers are known to
differ, writing is canonical, and any octets whatever give a message or a `DecodeError`.

    per     aligned Packed Encoding Rules (ITU-T X.691): reader, writer, and a small set of types
    e2ap    the application protocol: one dataclass per message, `encode` and `decode`
    common  information elements the service models share (O-RAN E2SM)
    kpm     E2SM-KPM, the measurements
    rc      E2SM-RC, the control of slices
    spc     a RAN function of this project for what E2SM-RC has no action for
    servicemodel  which types the octets of E2AP's fields have, by RAN function
    actuation  allocations as control messages and back
    naming     names of nodes and cells, made of their identities
    jsonform   every message as a JSON document and back
"""
