#!/bin/sh
# Measures this run's plan again, the same cells in the same order, and compares the two.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF reproduce]]
# It was made with commit 227f667ca4ba8511657ec60032a134724c9d5ce7
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in $checkout: name it" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" reproduce "$(dirname "$0")" "$@"
