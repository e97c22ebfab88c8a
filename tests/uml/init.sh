#!/bin/bash
# Process 1 of a guest whose kernel has SCTP. From the kernel's command line come LAB, the folder
# of the guest's prelude, PYTHON, the interpreter, and REPO, the checkout.
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
wait_for() { # LOG COUNT TEXT
  for _ in $(seq 240); do
    [ "$(grep -c "$3" "$TMPDIR/$1.log")" -ge "$2" ] && return
    sleep 0.2
  done
  finish "has not seen '$3' $2 times in $1.log"
}
exchange() { # SCHEME: set-up to control, a cut of the link, a reconnect, an orderly end
  local ric="$1-ric" node="$1-node" pid
  touch "$TMPDIR/$ric.log" "$TMPDIR/$node.log"
  mkfifo "$TMPDIR/$1-stop"
  sleep 1000 >"$TMPDIR/$1-stop" &
  ip netns exec ric "$PYTHON" -m tests.uml.exchange ric "$1://10.9.0.2" \
    <"$TMPDIR/$1-stop" >"$TMPDIR/$ric.log" 2>&1 &
  wait_for "$ric" 1 'ric: listening'
  ip netns exec node "$PYTHON" -m tests.uml.exchange node "$1://10.9.0.2" \
    >"$TMPDIR/$node.log" 2>&1 &
  pid=$!
  wait_for "$ric" 1 'each followed by a control'
  echo "INIT $1: exchanged"
  ip -n node link set v0 down
  wait_for "$ric" 1 'ric: lost'
  wait_for "$node" 1 'node: retry'
  echo "INIT $1: both ends noticed the cut"
  ip -n node link set v0 up
  wait_for "$ric" 2 'each followed by a control'
  echo "INIT $1: reconnected"
  echo stop >"$TMPDIR/$1-stop"
  wait_for "$node" 1 'has closed the association'
  wait_for "$ric" 1 'streams and identifiers'
  kill "$pid"
  echo "INIT $1: closed in order"
}

netns_pair
exchange sctp
exchange tcp
"$PYTHON" -m pytest -q -n0 -p no:cacheprovider -k sctp tests/oran/e2_connection
echo "INIT loopback tests ended with $?"
finish done
