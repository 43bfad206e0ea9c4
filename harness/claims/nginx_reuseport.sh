# nginx_reuseport: what nginx announced reuseport with.
# Varied: a listener for each of nginx's workers, or one for all.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="reuseport multiplies the requests per second"
setting="36-core host, nginx with 4 workers, wrk, loopback"
figure="2 to 3 times"
source="nginx 1.9.1, article on socket sharding, 2015"
here="nginx with 4 workers, wrk with 16 connections, one request each"
servers="nginx-off nginx-reuseport"
tools=wrk
cpus=8
cpus_why="4 workers and as many clients, each on a CPU"
rounds=20
parts="claim|nginx-reuseport / nginx-off, requests per second|more|2.45|1.41|9|1"

measure() {
    run_client wrk 16 0 4 "" "$servers"
}

samples() {
    values clients.csv throughput_rps | pairs claim nginx-reuseport nginx-off
}
