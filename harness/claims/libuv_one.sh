# libuv_one: why libuv accepts one connection a wakeup.
# Varied: the load: below capacity, and as fast as it goes.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="a second accept after one that succeeded finds nothing"
setting="libuv; analysis of many real programs"
figure="99.9 % of the time"
source="libuv 3696, 2022"
here="one worker that accepts all there are; Poisson arrivals, 1,000 connections a second; share of second accepts that find one"
differs="a synthetic load: how often connections come together depends on the users"
servers="wakeone"
rounds=15
parts="claim|share of accepts after a successful one that find another, 1,000 a second|less|0.001|-|0.0316|0.5
few|beside it: the same at 100 a second|-|-|-|-|-
full|beside it: the same with 16 connections as fast as they go|-|-|-|-|-"

# at NAME OPTIONS: one worker at that load
at() {
    load_name=$1
    shift
    run_bench "$load_name" --strategies none --also "drain=wakeone --accept drain" --workers 1 "$@"
}

measure() {
    at low --rate 1000 --arrivals poisson --window 500ms &&
        at few --rate 100 --arrivals poisson --window 500ms &&
        at full --window 100ms
}

# The only worker is woken only when there is one: it tries again after each success, and an EAGAIN is the end of a turn.
found() {
    values "$1/trials.csv" conns eagain | awk -F '\t' -v OFS='\t' '{ more = $3 - $4; print $1, $2, ((more > 0 ? more : 0) + 0.5) / ($3 + 1) }' |
        against "$2" drain 1
}

samples() {
    found low claim
    found few few
    found full full
}
