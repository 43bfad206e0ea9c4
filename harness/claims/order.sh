# order.csv: the share of connections of the earliest registered of 8 idle workers, started in order and in reverse.
# shellcheck shell=sh disable=SC2154 # variables of commands/claims.sh

# SPDX-License-Identifier: BSD-2-Clause

# earliest NUMBER [OPTIONS OF THE SERVER]: the share of connections of worker NUMBER
earliest() {
    number=$1
    shift
    "$top/${BUILD:-build}/bin/selftest" --strategy wakeone --workers 8 ${1:+-- "$@"} |
        awk -F '\t' -v number="$number" '{ n = split($7, winner, ","); for (i = 1; i <= n; i++) won += winner[i] == number; print (won + 0.5) / (n + 0.5) }'
}

measure() {
    {
        echo round,strategy,share
        for round in $(seq "$rounds"); do
            echo "$round,in-order,$(earliest 0)"
            echo "$round,reversed,$(earliest 7 --reverse)"
        done
    } >"$dir/order.csv"
}
