#!/bin/sh
# Repeats this run: same cells, same order, same windows.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF BENCH]]; the run was made with commit
# 85f9830f2369419e091b3d78cd5e43236598a7f6
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in $checkout: name it" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" bench --strategies racing,wakeone,fdpass,mutex --workers 2,8,32 \
    --connections 16 --requests-per-connection 1 \
    --rounds 3 --window 500ms --warmup 200ms --instrument ctxsw --seed 1 --wire "$@"
