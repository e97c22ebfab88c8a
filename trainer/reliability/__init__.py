"""Reliability: probabilities too small for long runs, estimated by splitting (docs/reliability.md).

A packet in 1e5 or 1e6 that is late takes 1e7 packets to be told to a tenth by playing on.
Splitting plays the moments that may lead there again and again instead: walkers whose packets grow
old are copied, with new randomness, and carry a part of their original's weight; the others are
thinned out, and those that stay carry more.
"""
