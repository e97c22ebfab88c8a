# Sourced first by a guest's INIT. From the kernel's command line come LAB, the folder of the
# guest's prelude, PYTHON, the interpreter, and REPO, the checkout.
. "$LAB/uml_prelude.sh"
# The prelude covers /tmp, where checkout and interpreter may stand: what is written goes elsewhere.
umount /tmp
export TMPDIR=/run/guest
mkdir "$TMPDIR"
if ! grep -q '^sctp ' /proc/modules; then
  # The host may have no /lib/modules for the prelude to mount over: look for modules elsewhere,
  # here and where the kernel itself asks for them (SCTP needs a hash for its cookies).
  mkdir -p /run/kernel/lib/modules
  ln -s "/usr/lib/uml/modules/$(uname -r)" "/run/kernel/lib/modules/$(uname -r)"
  printf '#!/bin/sh\nexec /usr/sbin/modprobe -d /run/kernel "$@"\n' >/run/modprobe
  chmod +x /run/modprobe
  echo /run/modprobe >/proc/sys/kernel/modprobe
  /run/modprobe -a sctp veth
fi
cd "$REPO" || exit 1
export PYTHONDONTWRITEBYTECODE=1 HYPOTHESIS_STORAGE_DIRECTORY="$TMPDIR/hypothesis"

finish() { # LINE: the end of the guest, with all that was said
  cat "$TMPDIR"/*.log
  echo "INIT $1"
  echo o >/proc/sysrq-trigger
  sleep 60
}
