# dragonfly_reuseport: reuseport where it came from.
# Varied: a listener for each of nginx's workers, or one for all.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="reuseport makes nginx on a kqueue faster"
setting="DragonFly BSD, nginx, httperf"
figure="37,386 become 49,852 requests per second: 33 %"
source="nginx-devel 2013-07-26"
here="nginx with 8 workers, 16 connections, one request each"
differs="Linux, where reuseport chooses by a hash as well but the others wait in an epoll each, exclusively"
ceiling="direction only"
servers="nginx-off nginx-reuseport"
rounds=60
parts="claim|nginx-reuseport / nginx-off, requests per second|more|1.333|1.155|1.778|1"

measure() {
    run_bench bench --strategies none --peers nginx-off,nginx-reuseport --reference nginx-off --workers 8 --window 100ms
}

samples() {
    values bench/trials.csv throughput_rps | with_floor claim nginx-reuseport nginx-off
}
