# fastsocket: of a kernel that was changed for it; what is compared is what has come of it since.
# Varied: one listener for all, or one for each CPU; and how many CPUs serve.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="with a listen table per core short connections scale to 24 cores; with one listener they fall beyond 12"
setting="nginx without accept_mutex, a worker on each of 24 cores, 500 connections at a time for each, one request of 64 bytes each; a changed Linux 2.6.32; 3.13 with SO_REUSEPORT has 283,000, 12 times one core"
figure="20.4 times one core; 470,000 connections per second, where Linux 2.6.32 has 159,000"
source="Lin et al., ASPLOS 2016; fastos/fastsocket, README.md"
here="reuseport-cpu and racing with 1, 12 and 24 workers on a CPU each, 24 CPUs that have the load, 192 connections, one request each"
differs="SO_REUSEPORT chosen by the packet's CPU in the place of their kernel; 90 us of CPU time a request in that of nginx's work and of what \
packets take to arrive, which loopback leaves to the load's CPUs; 8 connections for a worker; one address, where theirs listened at several"
ceiling="direction only"
servers="racing reuseport-cpu wakeone"
cpus=48
cpus_why="24 that serve, and 24 that have the load"
rounds=30
virtual_rounds=5
# 17.3 loses twice of what 20.4 does of 24 (as a ratio); 6.74 is 159,000 of a core's share of 470,000 at 83 % of 24 times.
parts="scales|reuseport-cpu with 24 workers / with one, requests per second|more|20.4|17.3|-|12
ahead|reuseport-cpu / racing, 24 workers|more|2.96|1.72|8.74|1
falls|racing with 24 workers / with 12|less|-|-|-|1
racing|beside it: racing with 24 workers / with one|-|6.74|-|-|-
wakeone|beside it: wakeone with 24 workers / with one|-|-|-|-|-"

# The work of a request is an option of the server's: `iterative` is there since guests take a name, and its trial is short.
measure() {
    run_halves bench --strategies iterative --also "one=racing --service-us 90" --also "each=reuseport-cpu --service-us 90" \
        --also "exclusive=wakeone --service-us 90" --reference one --workers 1,12,24 --connections 192
}

samples() {
    values bench/trials.csv workers throughput_rps | by_workers | with_floor ahead 24:each 24:one
    pairs scales 24:each 1:each <"$work/values"
    pairs falls 24:one 12:one <"$work/values"
    pairs falls-floor 12:one-again 12:one <"$work/values"
    pairs racing 24:one 1:one <"$work/values"
    pairs wakeone 24:exclusive 1:exclusive <"$work/values"
}
