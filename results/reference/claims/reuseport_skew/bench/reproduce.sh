#!/bin/sh
# Measures this run's plan again, the same cells in the same order, and compares the two.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF reproduce]]
# It was made with commit aaaea2267495c6fc7564fe55032c25a8391759b1
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in $checkout: name it" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" reproduce "$(dirname "$0")" "$@"
