# trials.csv: Jain's index of bursts of 100 connections, five to a round.
# shellcheck shell=sh disable=SC2154 # variables of commands/claims.sh

# SPDX-License-Identifier: BSD-2-Clause

# Each window has one burst.
measure() {
    mkdir -p "$dir/hist" || return 1
    rm -f "$dir/trials.csv" "$dir/workers.csv"
    for trial in $(seq $((5 * rounds))); do
        "$top/${BUILD:-build}/bin/trial" --strategy racing --workers 5 --burst 100 --every 500ms --warmup 10ms \
            --window 600ms --instrument ctxsw --trial "$trial" --round $(((trial + 4) / 5)) --out "$dir" \
            -- --accept drain >&2
        [ $? -ne 1 ] || return 1
    done
}
