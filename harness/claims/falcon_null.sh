# falcon_null: that it may not matter at all.
# Varied: one listener for all, or a listener each; connections are kept, so that it is seldom used.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="reuseport makes no difference"
setting="falcon, wrk with 128 connections that are kept"
figure="58,520 requests per second without, 57,292 with"
source="the-benchmarker/web-frameworks 802"
here="racing and reuseport with a worker per CPU, 128 connections that are kept; no difference is less than 5 %"
servers="racing reuseport"
rounds=40
parts="claim|reuseport / racing, requests per second|none|0.979|0.952|1.05|1"

measure() {
    run_bench bench --strategies racing,reuseport --workers 1/cpu --connections 128 --requests-per-connection 0 --window 200ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim reuseport racing
}
