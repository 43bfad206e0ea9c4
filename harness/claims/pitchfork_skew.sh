# pitchfork_skew: few workers do all the work.
# Varied: nothing; beside it a worker that moves to the end of the line after each connection.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="EPOLLEXCLUSIVE loads few of many workers"
setting="pitchfork with 16 workers, wrk -c4 -t4"
figure="49131 46997 44023 38420 14945 1742 91 12 0 0 0 1 0 0 0 0 requests: Jain's index 0.289"
source="Shopify/pitchfork 127"
here="16 workers, 4 connections, one request each; Jain's index of the requests of each (1 = all the same)"
servers="wakeone wakeone-readd"
rounds=25
parts="claim|Jain's index, wakeone|less|0.289|0.084|0.538|1
readd|beside it: Jain's index, wakeone-readd|-|-|-|-|-"

measure() {
    run_bench bench --strategies wakeone,wakeone-readd --workers 16 --connections 4 --window 200ms
}

samples() {
    values bench/trials.csv jain >"$work/values"
    against claim wakeone 1 <"$work/values"
    against readd wakeone-readd 1 <"$work/values"
}
