# cloudflare_reuseport: what users feel of how a listener is shared, when requests take CPU time.
# Varied: one queue for all (wakeone), or a listener each (reuseport); absolute latencies are the machine's, their
# spread is the strategy's.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="with reuseport the latency is wide"
setting="nginx with 12 workers, requests that take CPU time, 200 connections, 100,000 requests"
figure="mean 31.37 ms, standard deviation 25.27 ms, at most 144.55 ms"
source="cloudflare-blog 2017-10-accept-balancing"
here="a worker per CPU, 17 connections per worker as there, one request of 2 ms CPU time each, windows of 2 s"
differs="our servers, which do nothing else; the client shares their CPUs"
servers="wakeone reuseport"
rounds=12
parts="claim|standard deviation / mean of the latency, reuseport to wakeone|more|15.5|3.94|-|1
most|beside it: highest / mean latency, reuseport to wakeone|-|1.93|-|-|-"

measure() {
    run_spread shared=wakeone own=reuseport
}

samples() {
    values spread.csv mean_per_sd | pairs claim shared own
    values spread.csv max_per_mean | pairs most own shared
}
