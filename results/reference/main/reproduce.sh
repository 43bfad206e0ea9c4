#!/bin/sh
# Repeats this run: same cells, same order, same windows.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF BENCH]]; the run was made with commit
# 81949cfb7b4c138f038919a903104ed463f6b9c6
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in $checkout: name it" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" bench --strategies racing,wakeone,fdpass,mutex --workers 2,8,32,64 \
    --connections 16 --requests-per-connection 1 \
    --rounds 5 --window 1s --warmup 200ms --seed 1 "$@"
