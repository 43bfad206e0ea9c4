#!/bin/sh
# Measures this run's plan again, the same configurations in the same order, and compares the two.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF reproduce]]
# It was made with commit 5f2f8c7e3c2f910116291ca1dcdfa220f313be37
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: no checkout in $checkout: name its directory" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" reproduce "$(dirname "$0")" "$@"
