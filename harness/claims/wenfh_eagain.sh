# wenfh_eagain: how often an accept finds nothing.
# Varied: EPOLLEXCLUSIVE.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="with EPOLLEXCLUSIVE a far smaller share of accepts finds nothing"
setting="nginx with 16 workers, accepts counted with strace"
figure="1.5 % against 14.7 % without"
source="wenfh2020's blog on nginx and the thundering herd"
here="16 workers, 16 connections, one request each; accepts that find nothing as a share of all, counted by the server"
differs="our servers, untraced: strace slows a worker down between its wakeup and its accept"
servers="racing wakeone"
rounds=25
parts="claim|share without / with EPOLLEXCLUSIVE|more|9.8|3.13|96|1
without|beside it: the share without|-|0.147|-|-|-
with|beside it: the share with|-|0.015|-|-|-"

measure() {
    run_bench bench --strategies racing,wakeone --workers 16 --window 200ms
}

# None counts as half a one.
samples() {
    values bench/trials.csv eagain conns | awk -F '\t' -v OFS='\t' '{ print $1, $2, ($3 + 0.5) / ($3 + $4 + 1) }' >"$work/values"
    pairs claim racing wakeone <"$work/values"
    against without racing 1 <"$work/values"
    against with wakeone 1 <"$work/values"
}
