"""Replay of recordings from real testbeds: files in, reports in the standard's names out."""
