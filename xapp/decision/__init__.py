"""The decision core: pure functions from a report to an allocation.

What is trained is what is served: training environments and the xApp call the same
`observe`, `to_allocation` and `project`. Nothing here does I/O, reads a clock or draws a random
number. All functions work on batches of N cells with S slice places (`oran.batch`).
"""
