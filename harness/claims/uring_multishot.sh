# uring_multishot: what multishot accept was merged with.
# Varied: one accept for all connections (uring-multishot), or a new one for each (uring).
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="multishot accept is a little faster than single shot"
setting="10,000 clients, echo of 128 bytes, same host, 20 runs"
figure="1.65 %"
source="Linux commit 4e86a2c98013, 2022"
here="1 worker, 64 connections, one request each"
differs="HTTP with a reply of 13 bytes, and 64 connections at a time: what is compared is an accept per connection all the same"
servers="uring uring-multishot"
rounds=100
parts="claim|uring-multishot / uring, requests per second|more|1.0165|1.008|1.033|1"

measure() {
    run_bench bench --strategies uring,uring-multishot --workers 1 --connections 64 --window 100ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim uring-multishot uring
}
