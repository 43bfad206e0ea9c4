# stalled_worker: what becomes of the others' work when one worker is busy.
# Varied: whether the one who passes connections on looks at who is busy (fdpass-least-loaded: the gate) or not
# (fdpass). One of two workers is stopped for the window, as a request of 12 s would do.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of commands/claims.sh
claim="a busy worker that keeps accepting ruins the rest"
setting="puma, 2 workers, one request of 12 s"
figure="6.94 become 2,321 requests per second with a gate"
source="puma 3969"
here="2 workers, one of them stopped, 16 connections, one request each; answers in 1 s with a gate / without"
differs="passed descriptors in the place of puma's own queue; the size depends on how long it is looked at"
ceiling="direction only"
servers="fdpass fdpass-least-loaded wakeone reuseport"
rounds=8
parts="claim|fdpass-least-loaded / fdpass, answers in a second|more|334|18.3|111556|1
reuseport|beside it: wakeone / reuseport, answers in a second|-|-|-|-|-"

# answers NAME: in a second, of which the first started of its workers sees nothing (an acceptor is the last)
answers() {
    start_server "$1" "$top/${BUILD:-build}/epoll/$1" --workers 2
    stalled=$(pgrep -o -P "$(cat "$work/$1.pid")")
    kill -STOP "$stalled"
    "$top/${BUILD:-build}/bin/load" --connections 16 --duration 1s --timeout 20s --json="$work/answers" \
        "http://127.0.0.1:$(cat "$work/$1.port")/" >/dev/null 2>&1
    kill -CONT "$stalled"
    stop_servers
    jq -er .summary.requests "$work/answers"
}

# None counts as half a one.
measure() {
    {
        echo round,strategy,answers
        for round in $(seq "$rounds"); do
            for name in $(shuffled "$round" "$servers"); do
                count=$(answers "$name") || return 1
                echo "$round,$name,$count"
            done
        done
    } >"$dir/answers.csv"
}

samples() {
    values answers.csv answers | awk -F '\t' -v OFS='\t' '{ print $1, $2, $3 + 0.5 }' >"$work/values"
    pairs claim fdpass-least-loaded fdpass <"$work/values"
    pairs reuseport wakeone reuseport <"$work/values"
}
