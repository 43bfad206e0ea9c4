#!/bin/sh
# Measures this run's plan again, the same cells in the same order, and compares the two.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF reproduce]]
# It was made with commit 8a6d457d15d9fc4b625146272d4c4b7f8bf015a3
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in $checkout: name it" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" reproduce "$(dirname "$0")" "$@"
