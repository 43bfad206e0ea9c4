# ev_wakeone: the claim this suite is named after; its code and outputs are lost.
# Varied: whether all workers are woken (racing) or one (wakeone: on Linux, EPOLLEXCLUSIVE in the place of EV_WAKEONE).
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="waking one listener beats waking all"
setting="2-core SMP, pre-forked kqueue server, apachebench"
figure="16 % faster, no accept errors"
source="S. J. Greear, kernel@ list of DragonFly BSD, 2010"
here="8 workers on 2 CPUs, ab with 16 connections, one request each"
differs="epoll with EPOLLEXCLUSIVE, not a kqueue; the number of workers is not known of the original"
servers="racing wakeone"
tools=ab
rounds=40
parts="claim|wakeone / racing, requests per second|more|1.16|1.077|1.346|1"

measure() {
    on_two_cpus
    run_client ab 16 0 8 "$servers" ""
}

samples() {
    values clients.csv throughput_rps | pairs claim wakeone racing
}
