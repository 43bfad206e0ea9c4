# megapipe: of a kernel that was changed for it; what is compared is what has come of it since.
# Varied: one listener for all, or one for each CPU.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="listening per core, with batched calls, is several times faster for short connections"
setting="8 cores, short connections, a changed Linux kernel"
figure="up to +582 %"
source="Han et al., OSDI 2012"
here="reuseport against racing, a worker per CPU, one request a connection"
differs="SO_REUSEPORT in the place of their kernel; calls are not batched"
ceiling="direction only"
servers="racing reuseport"
cpus=8
cpus_why="as many as were measured"
rounds=30
parts="claim|reuseport / racing, requests per second|more|6.82|2.61|46.5|1"

measure() {
    run_bench bench --strategies racing,reuseport --reference racing --split half --workers 1/cpu --connections 8/cpu --window 200ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim reuseport racing
}
