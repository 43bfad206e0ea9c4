# epollexclusive: what EPOLLEXCLUSIVE was merged with.
# Varied: EPOLLEXCLUSIVE, with many workers asleep.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="EPOLLEXCLUSIVE is many times faster than none"
setting="a modified Enduro/X, many processes at one queue's descriptor"
figure="860 s become 24 s"
source="Linux commit df0108c5da56, 2016"
here="128 workers at one listening socket, 16 connections, one request each"
differs="a listening socket, not a message queue, and a server that does something: the size cannot be compared"
ceiling="direction only"
servers="racing wakeone"
rounds=20
parts="claim|wakeone / racing, requests per second|more|35.8|5.99|1284|1"

measure() {
    run_bench bench --strategies racing,wakeone --workers 128 --window 100ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim wakeone racing
}
