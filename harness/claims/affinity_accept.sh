# affinity_accept: of a kernel that was changed for it; what is compared is what has come of it since.
# Varied: one listener for all, or one for each CPU.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="an accept queue per core makes apache faster"
setting="48 cores, apache, a changed Linux kernel"
figure="+24 %"
source="Pesterev et al., EuroSys 2012"
here="reuseport-cpu against racing, a worker per CPU"
differs="SO_REUSEPORT chosen by the packet's CPU, in the place of their kernel, and our server in that of apache"
ceiling="direction only"
servers="racing reuseport-cpu"
cpus=48
cpus_why="as many as were measured"
rounds=30
parts="claim|reuseport-cpu / racing, requests per second|more|1.24|1.114|1.538|1"

measure() {
    run_bench bench --strategies racing,reuseport-cpu --reference racing --split half --workers 1/cpu --connections 8/cpu --window 200ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim reuseport-cpu racing
}
