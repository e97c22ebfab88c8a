"""The core network of the twin: UPF sites, transport links, migration; see docs/core.md.

Pure: a period is a function of state, offered traffic, allocation, health and seeds.
"""
