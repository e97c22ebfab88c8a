#!/bin/bash
# Process 1 of a guest in which emulator and xApp close the loop over SCTP. From the kernel's command
# line comes NUMBA too, a cache of the twin's kernels, which is copied since numba wants to write.
. "$(dirname "$0")/guest.sh"
cp -r --preserve=timestamps "$NUMBA" "$TMPDIR/numba"
export NUMBA_CACHE_DIR="$TMPDIR/numba" ORT_DISABLE_TELEMETRY=1

netns_pair
ip netns exec ric "$PYTHON" -m tests.uml.loop "$TMPDIR"
finish "the loop ended with $?"
