# exclusive_order: whom EPOLLEXCLUSIVE prefers.
# Varied: the order in which workers register with the listener.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="of idle workers under EPOLLEXCLUSIVE the earliest registered gets every connection"
setting="idle workers, one connection at a time"
figure="called LIFO by several; the earliest registered, as the source reads"
source="fs/eventpoll.c and kernel/sched/wait.c of Linux"
here="8 workers, all asleep, 40 connections one at a time; started in order, and in reverse order"
servers="wakeone"
rounds=5
parts="in-order|share of the connections that the earliest registered gets, started in order|more|1|0.95|-|0.125
reversed|the same, started in reverse order|more|1|0.95|-|0.125"

# earliest NUMBER [OPTIONS OF THE SERVER]: how many of its connections worker NUMBER got, as a share
earliest() {
    number=$1
    shift
    "$top/${BUILD:-build}/bin/selftest" --strategy wakeone --workers 8 ${1:+-- "$@"} |
        awk -F '\t' -v number="$number" '{ n = split($7, winner, ","); for (i = 1; i <= n; i++) won += winner[i] == number; print (won + 0.5) / (n + 0.5) }'
}

measure() {
    {
        echo round,strategy,share
        for round in $(seq "$rounds"); do
            echo "$round,in-order,$(earliest 0)"
            echo "$round,reversed,$(earliest 7 --reverse)"
        done
    } >"$dir/order.csv"
}

samples() {
    values order.csv share >"$work/values"
    against in-order in-order 1 <"$work/values"
    against reversed reversed 1 <"$work/values"
}
