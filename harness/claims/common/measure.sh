# What claims are measured with: the engine's bench, the clients of others, a burst, a stopped worker. Each writes CSV
# with the columns round, strategy, ..., and perhaps verdict or failed, to $dir, the claim's own directory. Sourced by
# commands/claims.sh, which sets $dir, $work and $rounds.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the claims
: "${top:?must be set by the caller}"

# run_bench NAME OPTIONS OF bench...: a run, in $dir/NAME. That rows are not ok is seen in the rows.
run_bench() {
    part=$1
    shift
    rm -rf "${dir:?}/$part"
    sh "$top/harness/commands/bench.sh" --no-figures --rounds "$rounds" --out "$dir/$part" "$@" >/dev/null &
    bench_pid=$!
    wait "$bench_pid"
    part_status=$?
    bench_pid=
    [ "$part_status" -eq 0 ] || [ "$part_status" -eq 3 ]
}

bench_pid=

# end_bench: if one is at work
end_bench() {
    [ -z "$bench_pid" ] || { kill -TERM "$bench_pid" 2>/dev/null; wait "$bench_pid"; }
}

# run_client ab|wrk CONNECTIONS KEPT WORKERS "STRATEGIES" "PEERS": $rounds rounds, in $dir/clients.csv
run_client() {
    CLIENTS=$1
    CLIENT_CONNECTIONS=$2
    workers=$4
    strategies=$5
    peers=$6
    client_rounds=$rounds
    {
        echo "$CLIENT_COLUMNS"
        measure_clients "$3"
    } >"$dir/clients.csv"
}

# on_two_cpus: of the CPUs there are only two from now on, for all that is started
on_two_cpus() {
    [ "$(nproc)" -gt 2 ] || return 0
    two=$("$top/${BUILD:-build}/bin/placement" --cpus 2 --split shared | cut -f2)
    taskset -cp "$two" "$(exec sh -c 'echo $PPID')" >/dev/null
}

# ---- from CSV to pairs ----

# values FILE COLUMN...: "strategy TAB round TAB value..." of the rows that may be believed
values() {
    file=$1
    shift
    awk -f "$top/harness/claims/common/values.awk" -v columns="$*" "$dir/$file"
}

# pairs KEY A B < lines of values: "KEY TAB a TAB b" of each round that has both
pairs() {
    awk -F '\t' -v OFS='\t' -v key="$1" -v a="$2" -v b="$3" '
        $1 == a { of_a[$2] = $3; round[++n] = $2 }
        $1 == b { of_b[$2] = $3 }
        END { for (i = 1; i <= n; i++) if (round[i] in of_b) print key, of_a[round[i]], of_b[round[i]] }'
}

# against KEY A NUMBER < lines of values: the same to a number that is known
against() {
    awk -F '\t' -v OFS='\t' -v key="$1" -v a="$2" -v b="$3" '$1 == a { print key, $3, b }'
}

# with_floor KEY A B < lines of values: the pairs, and those of B against itself, which are the noise floor
with_floor() {
    cat >"$work/values"
    pairs "$1" "$2" "$3" <"$work/values"
    pairs "$1-floor" "$3-again" "$3" <"$work/values"
}

# ---- what bench has no column for ----

# run_spread NAME=STRATEGY...: latencies of requests that take 2 ms of CPU time; the spread of each trial, from its
# histogram, in $dir/spread.csv. The first is the reference.
run_spread() {
    reference=${1%%=*}
    for server in "$@"; do
        set -- "$@" --also "$server --service-us 2000"
        shift
    done
    run_bench bench --strategies none "$@" --reference "$reference" --workers 1/cpu --connections 17/cpu --window 2s --warmup 200ms || return 1
    {
        echo round,strategy,mean_per_sd,max_per_mean
        values bench/trials.csv trial | while IFS=$TAB read -r name round trial; do
            awk -v OFS=, -v name="$name" -v round="$round" '
                /^#.Mean/ { gsub(/[^0-9. ]/, ""); mean = $1; sd = $2 }
                /^#.Max/ { gsub(/[^0-9. ]/, ""); most = $1 }
                END { if (sd > 0 && mean > 0) print round, name, mean / sd, most / mean }' "$dir/bench/hist/$trial.hgrm"
        done
    } >"$dir/spread.csv"
}
