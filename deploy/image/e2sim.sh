#!/bin/sh
# Starts the emulator with the kernels that came compiled with the image. They are copied, once a
# build, to where the compiler may add its own: those of the image fit the processor it was built on.
set -eu
read -r build _ < /opt/slicepilot/build
cache=${NUMBA_CACHE_DIR:?}/$build
[ -d "$cache" ] || cp -R /opt/slicepilot/kernels "$cache"
export NUMBA_CACHE_DIR="$cache"
exec e2sim "$@"
