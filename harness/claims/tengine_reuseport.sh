# tengine_reuseport: reuseport against both other ways of nginx.
# Varied: nginx's accept_mutex on, off, or a listener for each worker.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="reuseport is far ahead of the accept mutex, and ahead of none"
setting="Tengine, ab with 100 to 1000 connections"
figure="+200 % against the accept mutex, +60 % against none"
source="Tengine's page of benchmarks"
here="nginx with 8 workers, ab with 100 connections, one request each"
differs="nginx, which has taken this over from Tengine's ideas; the machine is not known of the original"
ceiling="direction only"
servers="nginx-on nginx-off nginx-reuseport"
tools=ab
rounds=40
parts="mutex|nginx-reuseport / nginx-on, requests per second|more|3|1.73|9|1
none|nginx-reuseport / nginx-off, requests per second|more|1.6|1.265|2.56|1"

measure() {
    run_client ab 100 0 8 "" "$servers"
}

samples() {
    values clients.csv throughput_rps >"$work/values"
    pairs mutex nginx-reuseport nginx-on <"$work/values"
    pairs none nginx-reuseport nginx-off <"$work/values"
}
