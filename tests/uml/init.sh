#!/bin/bash
# Process 1 of a guest in which the two ends of `exchange.py` talk.
. "$(dirname "$0")/guest.sh"

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
