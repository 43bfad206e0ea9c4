# answers.csv: responses within one second of servers with 2 workers, one of which is stopped.
# shellcheck shell=sh disable=SC2154 # variables of commands/claims.sh

# SPDX-License-Identifier: BSD-2-Clause

# answers NAME: responses within one second while the worker that was started first is stopped (an acceptor is started last)
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
