# nginx_mutex: why nginx's accept_mutex is off since 1.11.3.
# Varied: accept_mutex; at full load, and where nearly all workers idle.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="accept_mutex does more harm than good"
setting="change of nginx's default"
figure="no number; the direction only"
source="nginx 1.11.3, commit 46dd747c9e2b, 2016"
here="nginx with 8 workers; 16 connections as fast as they go, and 1,000 connections a second, one request each"
servers="nginx-off nginx-on"
rounds=40
parts="throughput|off / on, requests per second at full load|more|-|-|-|1
latency|on / off, 99th percentile of the latency at 1,000 a second|more|-|-|-|1
median|beside it: on / off, median of the latency at 1,000 a second|-|-|-|-|-"

measure() {
    run_bench full --strategies none --peers nginx-off,nginx-on --reference nginx-off --workers 8 --window 100ms &&
        run_bench low --strategies none --peers nginx-off,nginx-on --reference nginx-off --workers 8 --rate 1000 --window 200ms
}

samples() {
    values full/trials.csv throughput_rps | pairs throughput nginx-off nginx-on
    values full/trials.csv throughput_rps | pairs throughput-floor nginx-off-again nginx-off
    values low/trials.csv latency_p99_us | with_floor latency nginx-on nginx-off
    values low/trials.csv latency_p50_us | pairs median nginx-on nginx-off
}
