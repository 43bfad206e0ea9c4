# fastsocket: of a kernel that was changed for it; what is compared is what has come of it since.
# Varied: one listener for all, or one for each CPU.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="a listen table per core is many times faster for short connections"
setting="24 cores, short connections, a changed Linux kernel"
figure="20.4 times"
source="Lin et al., ASPLOS 2016"
here="reuseport-cpu against racing, a worker per CPU, one request a connection"
differs="SO_REUSEPORT chosen by the packet's CPU, in the place of their kernel"
ceiling="direction only"
servers="racing reuseport-cpu"
cpus=24
cpus_why="as many as were measured"
rounds=30
parts="claim|reuseport-cpu / racing, requests per second|more|20.4|4.52|416|1"

measure() {
    run_bench bench --strategies racing,reuseport-cpu --reference racing --split half --workers 1/cpu --connections 8/cpu --window 200ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim reuseport-cpu racing
}
