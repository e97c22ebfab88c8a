"""Driving the core network: reports in, UPF sites and splits out, by the core control API."""
