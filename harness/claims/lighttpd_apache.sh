# lighttpd_apache: the minimal server beside real ones.
# Varied: the server; and beside it the client, since ab, which has one thread, is the limit itself on two CPUs.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="the minimal server is ahead of lighttpd and of apache 1.3 under a nearly identical workload"
setting="the machine of ev_wakeone"
figure="figures lost; the order only"
source="S. J. Greear, kernel@ list of DragonFly BSD, 2010"
here="racing, lighttpd and apache's prefork with 8 workers on 2 CPUs, ab with 16 connections, one request each"
differs="apache 2.4, since 1.3 is gone; its prefork is what 1.3 was"
servers="racing lighttpd apache-prefork"
tools=ab
rounds=40
parts="lighttpd|racing / lighttpd, requests per second|more|-|-|-|1
apache|racing / apache-prefork, requests per second|more|-|-|-|1
lighttpd-load|beside it: racing / lighttpd, with the load generator of this suite, which has two threads|-|-|-|-|-
apache-load|beside it: racing / apache-prefork, the same|-|-|-|-|-"

measure() {
    on_two_cpus
    run_client ab 16 0 8 racing "lighttpd apache-prefork" &&
        run_bench load --strategies racing --peers lighttpd,apache-prefork --workers 8 --window 100ms
}

samples() {
    values clients.csv throughput_rps >"$work/values"
    pairs lighttpd racing lighttpd <"$work/values"
    pairs apache racing apache-prefork <"$work/values"
    values load/trials.csv throughput_rps >"$work/values"
    pairs lighttpd-load racing lighttpd <"$work/values"
    pairs apache-load racing apache-prefork <"$work/values"
}
