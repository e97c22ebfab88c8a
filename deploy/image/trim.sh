#!/bin/sh
# Removes from an environment what its program never loads: trim.sh ENVIRONMENT PROGRAM
set -eu
program=${2:?program}
cd "${1:?environment}"

for script in xapp e2sim trainer; do
  [ "$script" = "$program" ] || rm -f "bin/$script"
done

cd lib/python3.*/site-packages

# onnxruntime: tools of people who make models, and the shared library for C programs (the Python
# module has the runtime linked in).
if [ -d onnxruntime ]; then
  rm -rf onnxruntime/backend onnxruntime/datasets onnxruntime/quantization onnxruntime/tools \
    onnxruntime/transformers onnxruntime/capi/libonnxruntime.so.*
fi

# numpy and numba: their own tests, and what is needed to compile against them.
for package in numpy numba; do
  [ ! -d "$package" ] || find "$package" -type d -name tests -prune -exec rm -rf {} +
done
rm -rf numpy/_core/include
find . -type f \( -name '*.a' -o -name '*.pyi' -o -name '*.pxd' \) -delete

# Symbols that only a debugger reads, where they weigh most (12 MB of uvloop's 14). Libraries whose
# wheel carries others along have rewritten headers, which strip would destroy: not those.
for package in uvloop httptools hiredis yaml; do
  [ ! -d "$package" ] || find "$package" -type f -name '*.so' -exec strip --strip-unneeded {} +
done
