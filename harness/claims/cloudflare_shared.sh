# cloudflare_shared: what users feel of how a listener is shared, when requests take CPU time.
# Varied: one queue for all (wakeone), or a listener each (reuseport); absolute latencies are the machine's, their
# spread is the strategy's.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="one shared queue has a narrow latency"
setting="nginx with 12 workers, requests that take CPU time, 200 connections, 100,000 requests"
figure="mean 30.39 ms, standard deviation 1.58 ms, at most 72.65 ms"
source="cloudflare-blog 2017-10-accept-balancing"
here="a worker per CPU, 17 connections per worker as there, one request of 2 ms CPU time each, windows of 2 s"
differs="our servers, which do nothing else; the client shares their CPUs"
servers="wakeone"
rounds=12
parts="claim|mean / standard deviation of the latency, wakeone|more|19.2|4.39|-|1
most|beside it: highest / mean latency, wakeone|-|2.39|-|-|-"

measure() {
    run_spread shared=wakeone
}

samples() {
    values spread.csv mean_per_sd >"$work/values"
    against claim shared 1 <"$work/values"
    values spread.csv max_per_mean | against most shared 1
}
