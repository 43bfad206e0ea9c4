# megapipe: of a kernel that was changed for it; what is compared is what has come of it since.
# Varied: one listener for all, or one for each worker.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="listening per core, with batched calls, is several times faster for short connections"
setting="8 cores, short connections, messages of 64 bytes, a changed Linux kernel"
figure="up to +582 %"
source="Han et al., OSDI 2012"
here="reuseport against racing, 8 workers on a CPU each, 32 CPUs that have the load, 64 connections, one request each"
differs="SO_REUSEPORT in the place of their kernel, and calls are not batched; loopback in that of a network: packets arrive on the load's CPUs"
ceiling="direction only"
servers="racing reuseport"
cpus=64
cpus_why="8 that serve; the load takes 32, and has a half"
rounds=30
virtual_rounds=5
parts="claim|reuseport / racing, requests per second|more|6.82|2.61|46.5|1
reuseport|beside it: reuseport with 8 workers / with one|-|-|-|-|-
racing|beside it: racing with 8 workers / with one|-|-|-|-|-"

# The load's half takes three times what a worker takes for a request, so it has more CPUs than there are workers.
measure() {
    run_halves bench --strategies racing,reuseport --reference racing --workers 1,8 --connections 64
}

samples() {
    values bench/trials.csv workers throughput_rps | by_workers | with_floor claim 8:reuseport 8:racing
    pairs reuseport 8:reuseport 1:reuseport <"$work/values"
    pairs racing 8:racing 1:racing <"$work/values"
}
