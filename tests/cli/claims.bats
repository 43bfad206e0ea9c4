#!/usr/bin/env bats
# claims: verdicts of published results. The samples are simulated for each of them, so that each verdict is tested; that they can
# be measured is tested by .ci/run.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    built "$build/bin/runs" "$build/tests/fake_trial"
    dir=$BATS_TEST_TMPDIR/claims
    mkdir -p "$dir"
    echo '{"utc": "2026-01-02T03:04:05Z", "commit": "0123456789abcdef", "machine": "metal", "kernel": "6.1",
        "cpu": {"model": "Some CPU"}, "facts": {"cpus": "2"}}' >"$dir/env.json"
}

# rows FILE COLUMNS NAME=VALUES...: twelve rounds, each value scattered by at most 1 %; columns and values are comma-separated
rows() {
    local file=$dir/$id/$1 columns=$2
    shift 2
    mkdir -p "$(dirname "$file")"
    {
        echo "round,strategy,$columns,verdict"
        printf '%s\n' "$@" | awk -F '[=,]' -v OFS=, '{ for (r = 1; r <= 12; r++) {
            line = r OFS $1
            for (i = 2; i <= NF; i++) line = line OFS $i * (1 + ((r * 7 + NR * 3) % 11 - 5) / 500)
            print line, "ok" } }'
    } >"$file"
    touch "$dir/$id/measured"
}

# shares FILES BUSY...: the accepts of the busiest workers of blocking, reuseport and racing; the least is 100
shares() {
    mkdir -p "$dir/$id/bench"
    printf '%s\n' "$@" | awk -v trials="$dir/$id/bench/trials.csv" -v workers="$dir/$id/bench/workers.csv" '
        BEGIN { print "trial,round,strategy,verdict" >trials; print "trial,strategy,workers,worker,role,accepts" >workers }
        { split($1, part, "=")
          for (r = 1; r <= 8; r++) {
            print ++t, r, part[1], "ok" >trials
            print t, part[1], 2, 0, "worker", 100 >workers
            print t, part[1], 2, 1, "worker", int(part[2] * (100 + r % 3)) >workers } }' OFS=,
    touch "$dir/$id/measured"
}

# runs_of LEAST MOST: each of five runs has the one index, the others have the other
runs_of() {
    mkdir -p "$dir/$id"
    awk -v low="$1" -v high="$2" 'BEGIN { print "round,strategy,jain,verdict"
        for (r = 1; r <= 8; r++) for (i = 1; i <= 5; i++) print r ",racing," (i == 3 ? low * (1 + r % 3 / 100) : high) ",ok" }' >"$dir/$id/trials.csv"
    touch "$dir/$id/measured"
}

# by_workers MACHINE "NAME WORKERS REQUESTS_PER_SECOND"...: rows with that column machine, which may be virtual; `measured` has its clock
by_workers() {
    local machine=$1 clock=
    shift
    [ "$machine" != virtual ] || clock="Linux 6.12, model flat, price ns 1"
    mkdir -p "$dir/$id/bench"
    printf '%s\n' "$@" | awk -v OFS=, -v machine="$machine" 'BEGIN { print "round,machine,strategy,workers,throughput_rps,verdict" }
        { for (r = 1; r <= 12; r++) print r, machine, $1, $2, $3 * (1 + ((r * 7 + NR * 3) % 11 - 5) / 500), "ok" }' >"$dir/$id/bench/trials.csv"
    printf %s "$clock" >"$dir/$id/measured"
}

clients() { rows clients.csv throughput_rps "$@"; }
bench() { rows bench/trials.csv throughput_rps "$@"; }

# judged EXPECTED FUNCTION ROWS...: the verdict of the result $id with these rows. Each case is in a directory of its own,
# together with cases of other results, so that few commands evaluate all of them (judge_all).
judged() {
    local expected=$1 n=1
    shift
    while [ -e "$BATS_TEST_TMPDIR/$n/$id" ]; do n=$((n + 1)); done
    dir=$BATS_TEST_TMPDIR/$n
    mkdir -p "$dir"
    cp "$BATS_TEST_TMPDIR/claims/env.json" "$dir/"
    "$@"
    printf '%s\t%s\n' "$id" "$expected" >>"$dir/expected"
}

# told TEXT: fails without the expected text about the parts of the last case
told() {
    printf '%s\t%s\n' "$id" "$1" >>"$dir/told"
}

# judge_all: checks the verdicts in the table and in both documents, and the expected texts
judge_all() {
    local expected text ids
    for expected in "$BATS_TEST_TMPDIR"/*/expected; do
        dir=${expected%/expected}
        mapfile -t ids < <(cut -f1 "$expected")
        run ./run.sh claims --judge "$dir" "${ids[@]}"
        [ "$status" -eq 0 ] || { echo "$output" && return 1; }
        diff "$expected" <(cut -f1,2 "$dir/verdicts.tsv")
        diff <(cut -f2 "$expected") <(sed -n 's/^  Verdict: \([a-z ]*[a-z]\).*/\1/p' <<<"$output")
        diff <(cut -f2 "$expected") <(sed -n 's/^- \*\*Verdict: \([a-z ]*[a-z]\).*/\1/p' "$dir/claims.md")
        [ ! -e "$dir/told" ] || while IFS=$'\t' read -r id text; do
            grep "^$id	" "$dir/parts.tsv" | grep -qF -- "$text" || { echo "$id: not told: $text" && return 1; }
        done <"$dir/told"
    done
}

R=reproduced D="direction only" N="not reproduced"

both() {
    rows full/trials.csv throughput_rps "nginx-off=$1" nginx-on=1000 nginx-off-again="$1"
    rows low/trials.csv latency_p99_us,latency_p50_us "nginx-on=$2,50" nginx-off=100,50 nginx-off-again=100,50
}

alone() {
    rows low/trials.csv conns,eagain "drain=100000,$1"
    rows few/trials.csv conns,eagain drain=10000,9990
    rows full/trials.csv conns,eagain drain=100000,40000
}

@test "each result is reproduced by the published numbers, and gets lesser verdicts for smaller effects" {
    # ev_wakeone: 16 % is reproduced, 60 % is another size, none and the opposite are not
    id=ev_wakeone
    judged "$R" clients wakeone=1160 racing=1000
    judged "$D" clients wakeone=1600 racing=1000
    judged "$N" clients wakeone=1000 racing=1000
    told "no significant difference; smallest detectable difference"
    judged "$N" clients wakeone=860 racing=1000
    told "the opposite direction"
    # lighttpd_apache: ahead of both, of one, of none
    id=lighttpd_apache
    judged "$R" clients racing=1000 lighttpd=800 apache-prefork=700
    judged "$D" clients racing=1000 lighttpd=1300 apache-prefork=700
    judged "$N" clients racing=1000 lighttpd=1300 apache-prefork=1700
    # epollexclusive: a large ratio is the direction only, since this is not a message queue; no difference is not reproduced
    id=epollexclusive
    judged "$D" bench racing=100 wakeone=3500
    judged "$D" bench racing=100 wakeone=200
    judged "$N" bench racing=100 wakeone=100
    # reuseport_skew: three times as uneven, slightly, equal
    id=reuseport_skew
    judged "$R" shares blocking=3 reuseport=1 racing=4
    judged "$D" shares blocking=1.4 reuseport=1 racing=4
    judged "$N" shares blocking=1 reuseport=1 racing=4
    # uring_multishot: 1.65 % is reproduced, 20 % is another size, the opposite is not
    id=uring_multishot
    judged "$R" bench uring=1000 uring-multishot=1017
    judged "$D" bench uring=1000 uring-multishot=1200
    judged "$N" bench uring=1000 uring-multishot=980
    # nginx_reuseport: twice, a tenth, no difference
    id=nginx_reuseport
    judged "$R" clients nginx-reuseport=2200 nginx-off=1000
    judged "$D" clients nginx-reuseport=1100 nginx-off=1000
    judged "$N" clients nginx-reuseport=1000 nginx-off=1000
    # cloudflare_shared: a narrow, a wider, a wide distribution of latency
    id=cloudflare_shared
    judged "$R" rows spread.csv mean_per_sd,max_per_mean shared=20,2.4
    judged "$D" rows spread.csv mean_per_sd,max_per_mean shared=2,2.4
    judged "$N" rows spread.csv mean_per_sd,max_per_mean shared=0.8,2.4
    # cloudflare_reuseport: much wider than with one queue, twice as wide, equal
    id=cloudflare_reuseport
    judged "$R" rows spread.csv mean_per_sd,max_per_mean shared=20,2.4 own=1.3,4.6
    judged "$D" rows spread.csv mean_per_sd,max_per_mean shared=20,2.4 own=10,4.6
    judged "$N" rows spread.csv mean_per_sd,max_per_mean shared=20,2.4 own=20,4.6
    # exclusive_order: the earliest registered in both orders, more often than by chance, by chance
    id=exclusive_order
    judged "$R" rows order.csv share in-order=1 reversed=1
    judged "$D" rows order.csv share in-order=0.5 reversed=0.5
    judged "$D" rows order.csv share in-order=1 reversed=0.02
    judged "$N" rows order.csv share in-order=0.02 reversed=0.02
    # pitchfork_skew: few workers, nearly all, all equally
    id=pitchfork_skew
    judged "$R" rows bench/trials.csv jain wakeone=0.29 wakeone-readd=1
    judged "$D" rows bench/trials.csv jain wakeone=0.8 wakeone-readd=1
    judged "$N" rows bench/trials.csv jain wakeone=1 wakeone-readd=1
    # gunicorn_variance: runs that differ as published, less, and not more than by chance
    id=gunicorn_variance
    judged "$R" runs_of 0.22 1.0
    judged "$D" runs_of 0.7 0.9
    judged "$N" runs_of 0.9 0.92
    # dragonfly_reuseport: on Linux at most the direction
    id=dragonfly_reuseport
    judged "$D" bench nginx-off=1000 nginx-reuseport=1333
    judged "$D" bench nginx-off=1000 nginx-reuseport=1050
    judged "$N" bench nginx-off=1000 nginx-reuseport=930
    # tengine_reuseport: at most the direction; compared with both, one, none
    id=tengine_reuseport
    judged "$D" clients nginx-reuseport=3000 nginx-on=1000 nginx-off=1900
    judged "$D" clients nginx-reuseport=3000 nginx-on=1000 nginx-off=3000
    judged "$N" clients nginx-reuseport=900 nginx-on=1000 nginx-off=1000
    # nginx_mutex: slower in both, in one, in none; a difference within the noise threshold is no difference
    id=nginx_mutex
    judged "$R" both 1200 150
    judged "$D" both 900 150
    judged "$N" both 900 90
    judged_floor() {
        both 1060 90
        rows full/trials.csv throughput_rps nginx-off=1060 nginx-on=1000 nginx-off-again=1200
    }
    judged "$N" judged_floor
    told "within the noise threshold"
    # libuv_one: a second accept finds nothing, sometimes something, mostly something
    id=libuv_one
    judged "$R" alone 98800
    judged "$D" alone 90000
    judged "$N" alone 30000
    # wenfh_eagain: a tenth of the share, half of it, the same
    id=wenfh_eagain
    judged "$R" rows bench/trials.csv eagain,conns racing=1470,8530 wakeone=150,9850
    judged "$D" rows bench/trials.csv eagain,conns racing=1470,8530 wakeone=800,9200
    judged "$N" rows bench/trials.csv eagain,conns racing=1470,8530 wakeone=1470,8530
    # falcon_null: no difference within 5 %, one that cannot be excluded, a significant one
    id=falcon_null
    judged "$R" bench racing=1000 reuseport=1010
    judged "$N" bench racing=1000 reuseport=1200
    wide() {
        bench racing=1000 reuseport=1000
        awk -F, -v OFS=, 'NR > 1 && $2 == "reuseport" { $3 *= $1 % 2 ? 0.7 : 1.43 } { print }' "$dir/$id/bench/trials.csv" >"$dir/new"
        mv "$dir/new" "$dir/$id/bench/trials.csv"
    }
    judged "$D" wide
    # stalled_worker: a gate is at most the direction; no effect of a gate is not reproduced
    id=stalled_worker
    judged "$D" rows answers.csv answers fdpass=10 fdpass-least-loaded=4000 wakeone=9000 reuseport=10
    judged "$D" rows answers.csv answers fdpass=0 fdpass-least-loaded=4000 wakeone=9000 reuseport=10
    judged "$N" rows answers.csv answers fdpass=4000 fdpass-least-loaded=4000 wakeone=9000 reuseport=10
    # affinity_accept, megapipe, fastsocket: at most the direction, because the kernel is historical; wakeup_any: two kernels
    id=affinity_accept
    judged "$D" bench racing=1000 reuseport-cpu=1240
    judged "$N" bench racing=1000 reuseport-cpu=900
    id=megapipe
    judged "$D" by_workers vm "racing 8 1000" "reuseport 8 6800"
    judged "$N" by_workers vm "racing 8 1000" "reuseport 8 900"
    id=fastsocket
    judged "$D" by_workers vm "each 1 23" "one 1 23" "one 12 250" "one 24 159" "each 24 470"
    judged "$D" by_workers vm "each 1 23" "one 1 23" "one 12 250" "one 24 450" "each 24 470"
    told "not reproduced: the opposite direction"
    judged "$N" by_workers vm "each 1 23" "one 1 23" "one 12 100" "one 24 159" "each 24 140"
    id=wakeup_any
    judged "$R" rows compare.csv throughput_rps r349220=1100 r349219=1000
    judged "$D" rows compare.csv throughput_rps r349220=1500 r349219=1000
    judged "$N" rows compare.csv throughput_rps r349220=1000 r349219=1000
    judge_all
}

@test "results that were measured in virtual time are marked so, and counted separately" {
    id=fastsocket
    by_workers virtual "each 1 23" "one 1 23" "one 12 250" "one 24 159" "each 24 470"
    id=ev_wakeone
    clients wakeone=1160 racing=1000
    run ./run.sh claims --judge "$dir" fastsocket ev_wakeone
    [ "$status" -eq 0 ]
    [ "$(cat "$dir/verdicts.tsv")" = "fastsocket	$D	-	virtual
ev_wakeone	$R	-	cores" ]
    [[ "$output" == *"Of 2 published results: 1 reproduced; in virtual time 1 direction only."* ]]
    [[ "$output" == *"In virtual time: Linux 6.12, model flat, price ns 1."* ]]
    [ "$(grep -c "direction only, in virtual time" "$dir/claims.md")" -eq 2 ]
    grep -qF "| **direction only, in virtual time** |" "$dir/claims.md"
}

@test "rows measured in virtual time and rows measured on CPUs are never combined" {
    id=megapipe
    by_workers virtual "racing 8 1000" "reuseport 8 6800"
    : >"$dir/$id/measured" # on cores, as it says
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    by_workers vm "racing 8 1000" "reuseport 8 6800"
    echo "Linux 6.12, model flat" >"$dir/$id/measured"
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    grep -q "^megapipe	not measured" "$dir/verdicts.tsv"
}

# invalid VERDICT NAME WORKERS ROUNDS: gives that many rounds of the bench of $id the verdict
invalid() {
    awk -F, -v OFS=, -v verdict="$1" -v name="$2" -v workers="$3" -v rounds="$4" '
        $3 == name && $4 == workers && $1 <= rounds { $NF = verdict } { print }' "$dir/$id/bench/trials.csv" >"$dir/new"
    mv "$dir/new" "$dir/$id/bench/trials.csv"
}

# part KEY: the verdict of that part of $id
part() {
    awk -F '\t' -v id="$id" -v key="$1" '$1 == id && $2 == key { print $NF }' "$dir/parts.tsv"
}

@test "a part with A/A pairs has a noise threshold; one without reports that it has none" {
    id=fastsocket
    by_workers virtual "each 1 23" "one 1 23" "one 12 250" "one-again 12 250" "one 24 159" "one-again 24 159" "each 24 470"
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 0 ]
    [ "$(part scales)" = "reproduced: no A/A control" ]
    [ "$(part ahead)" = reproduced ]
    [ "$(part falls)" = reproduced ]
    [ "$(part racing)" = - ]
    [ "$(awk -F '\t' '$13 != "" { print $2 }' "$dir/parts.tsv" | paste -sd ' ')" = "ahead falls" ]
    grep -q "same size: 17.3 or more): reproduced: no A/A control\.$" "$dir/claims.md"
    # a control whose valid samples are a biased selection is not used
    invalid client-bound one-again 24 3
    run ./run.sh claims --judge "$dir" $id
    [ "$(part ahead)" = "reproduced: no A/A control" ]
}

@test "invalid samples are counted by side; if more than a fifth of a side are invalid, the verdict is not to be trusted, status 3" {
    id=megapipe
    by_workers virtual "racing 1 900" "reuseport 1 900" "racing 8 1000" "racing-again 8 1000" "reuseport 8 6800"
    invalid client-bound racing 8 2
    invalid noisy reuseport 8 1
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 0 ]
    [ "$(cut -f2 "$dir/verdicts.tsv")" = "$D" ]
    [ "$(part claim)" = "reproduced: left out: 0 of 11 of 8:reuseport, 2 of 12 of 8:racing (client-bound)" ]
    [ "$(part racing)" = "-: left out: 2 of 12 of 8:racing, 0 of 12 of 1:racing (client-bound)" ]
    [ "$(part reuseport)" = - ]
    [ "$(awk -F '\t' '$2 == "claim" { print $9 }' "$dir/parts.tsv")" -eq 10 ]
    grep -q "^- also: racing with 8 .* rounds: left out: 2 of 12 of 8:racing" "$dir/claims.md"
    # 2 of 11 rows are less than a fifth, 3 are more
    invalid client-bound reuseport 8 3
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    [ "$(cut -f2,3 "$dir/verdicts.tsv")" = "not to be trusted	more than a fifth of a side was left out" ]
    [ "$(part claim)" = "not to be trusted: more than a fifth of a side was left out; left out: 3 of 12 of 8:reuseport, 2 of 12 of 8:racing (client-bound)" ]
    [[ "$output" == *"in virtual time 1 not to be trusted"* ]]
    [[ "$output" == *"Verdict: not to be trusted, in virtual time: more than a fifth of a side was left out."* ]]
    # the same if all of a side are invalid; a side with only noisy samples was not measured
    invalid errors reuseport 8 12
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    [[ "$(part claim)" == "not to be trusted: "*"12 of 12 of 8:reuseport, 2 of 12 of 8:racing (client-bound, errors)" ]]
    invalid noisy reuseport 8 12
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    [ "$(cut -f2 "$dir/verdicts.tsv")" = "not measured" ]
}

@test "invalid samples of the side that is compared with a number also count" {
    id=pitchfork_skew
    rows bench/trials.csv jain wakeone=0.29 wakeone-readd=1
    awk -F, -v OFS=, '$2 == "wakeone" && $1 <= 3 { $NF = "errors" } { print }' "$dir/$id/bench/trials.csv" >"$dir/new"
    mv "$dir/new" "$dir/$id/bench/trials.csv"
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    [ "$(part claim)" = "not to be trusted: more than a fifth of a side was left out; no A/A control; left out: 3 of 12 of wakeone (errors)" ]
}

# two_cpus: a checkout on a machine with two CPUs and all packages for guests; its `kernels` writes KERNELS_ROWS, as a guest would,
# and its arguments, or fails with KERNELS_SAY, after a boot if KERNELS_BOOTED is set
two_cpus() {
    few=$BATS_TEST_TMPDIR/few
    mkdir -p "$few/build/bin" "$few/tools"
    cp -r run.sh harness servers "$few/"
    echo 'dpkg lab,virtual boots guests' >"$few/deps.txt"
    ln -s "$build/bin/runs" "$few/build/bin/"
    printf '#!/bin/sh\necho 2\n' >"$few/tools/nproc"
    chmod +x "$few/tools/nproc"
    cat >"$few/harness/commands/kernels.sh" <<'END'
while [ "$1" != --out ]; do words="${words:-} $1" && shift; done
mkdir -p "$2"
[ -z "${KERNELS_BOOTED:-}" ] || : >"$2/boot-64.log"
[ -z "${KERNELS_SAY:-}" ] || { echo "$KERNELS_SAY" >&2; exit 1; }
echo "$words $*" >"$KERNELS_ROWS.words"
mkdir -p "$2/6.12.1-arm64"
cp "$KERNELS_ROWS" "$2/6.12.1-arm64/trials.csv"
echo '{"kernel": "6.12.1-arm64", "lab": {"virtual": {"model": "flat", "price_ns": 1, "quantum_us": 2}}}' >"$2/6.12.1-arm64/env.json"
END
    echo "cat '$top/tests/data/run/env.json'" >"$BATS_TEST_TMPDIR/environment"
    export WAKEONE_ENVIRONMENT=$BATS_TEST_TMPDIR/environment KERNELS_ROWS=$BATS_TEST_TMPDIR/rows.csv
    id=megapipe
    by_workers virtual "racing 1 900" "reuseport 1 900" "racing 8 1000" "reuseport 8 6800"
    mv "$dir/$id/bench/trials.csv" "$KERNELS_ROWS"
    rm -rf "$dir"
}

# on_two_cpus OPTIONS of claims...
on_two_cpus() {
    BUILT=1 BUILD=build PATH="$few/tools:$PATH" run "$few/run.sh" claims "$@"
}

@test "a result that needs more CPUs is measured in a guest that has them" {
    [ "$(uname -m)" = x86_64 ] || skip "guests in virtual time take an x86-64 machine"
    two_cpus
    on_two_cpus megapipe --out "$dir"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(cat "$dir/verdicts.tsv")" = "megapipe	$D	-	virtual" ]
    [ "$(cat "$dir/megapipe/measured")" = "Linux 6.12.1-arm64, model flat, price ns 1, quantum us 2: each instruction costs the same, and a cache line of another CPU costs no more" ]
    [[ "$(cat "$KERNELS_ROWS.words")" == *"--rounds 5 "*" cloud --virtual "*" --cpus 64 --split half --strategies racing,reuseport "* ]]
    [ -f "$dir/megapipe/bench/trials.csv" ]
    [ ! -e "$dir/megapipe/guests" ]
}

@test "if a guest is unavailable the result cannot run here, with the requirement; if a guest fails it was not measured" {
    [ "$(uname -m)" = x86_64 ] || skip "guests in virtual time take an x86-64 machine"
    two_cpus
    KERNELS_SAY="kernels: cannot fetch QEMU" on_two_cpus megapipe --out "$dir"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    grep -q "^megapipe	cannot run here	64 CPUs, and this machine has 2: .*; in virtual time: kernels: cannot fetch QEMU	-$" "$dir/verdicts.tsv"
    KERNELS_SAY="kernels: no guest reached its trials" KERNELS_BOOTED=1 on_two_cpus megapipe --resume "$dir"
    [ "$status" -eq 3 ]
    [[ "$output" == *"megapipe could not be measured: kernels: no guest reached its trials"* ]]
    on_two_cpus megapipe --resume "$dir"
    [ "$status" -eq 0 ]
    [ "$(cut -f2,4 "$dir/verdicts.tsv")" = "$D	virtual" ]
}

@test "each published result has a test here, an existing hook, and an explanation" {
    local id file
    for id in $(sed -n "s/^id: //p" harness/claims/claims.txt); do
        grep -q "^    id=$id$" "$BATS_TEST_FILENAME" || { echo "no test of $id" && return 1; }
        grep -B 1 "^id: $id$" harness/claims/claims.txt | grep -q "^# " || { echo "no comment before $id" && return 1; }
    done
    for file in $(sed -n "s/^hook: //p" harness/claims/claims.txt); do [ -f "harness/claims/$file" ]; done
}

# A checkout without third-party servers and available strategies, on one CPU
poor_checkout() {
    poor=$BATS_TEST_TMPDIR/poor
    mkdir -p "$poor/build/epoll" "$poor/build/bin" "$BATS_TEST_TMPDIR/bin"
    cp -r run.sh harness servers "$poor/"
    echo 'no-such-qemu lab,virtual boots guests' >"$poor/deps.txt"
    awk -F '\t' -v OFS='\t' '!/^#/ { $4 = "no-such-" $4 } { print }' harness/peers/peers.tsv >"$poor/harness/peers/peers.tsv"
    printf '#!/bin/sh\necho "not available on this kernel: it is too old"\n' >"$poor/build/server"
    chmod +x "$poor/build/server"
    for name in $(all_strategies); do ln -s ../server "$poor/build/epoll/$name"; done
    ln -s "$build/bin/runs" "$poor/build/bin/"
    printf '#!/bin/sh\necho 1\n' >"$BATS_TEST_TMPDIR/bin/nproc"
    chmod +x "$BATS_TEST_TMPDIR/bin/nproc"
}

@test "each result that cannot run here reports what it requires" {
    poor_checkout
    BUILD=build PATH="$BATS_TEST_TMPDIR/bin:$PATH" run "$poor/run.sh" claims --judge "$dir"
    [ "$status" -eq 0 ]
    [ "$(grep -c "^[a-z_]*	cannot run here	..*" "$dir/verdicts.tsv")" -eq "$(grep -c "^id: " harness/claims/claims.txt)" ]
    grep -q "^ev_wakeone	cannot run here	racing: not available on this kernel: it is too old	-$" "$dir/verdicts.tsv"
    grep -q "^lighttpd_apache	cannot run here	racing" "$dir/verdicts.tsv"
    grep -q "^nginx_mutex	cannot run here	nginx-off: there is no no-such-nginx: apt-get install nginx-light	-$" "$dir/verdicts.tsv"
    grep -q "^affinity_accept	cannot run here	48 CPUs, and this machine has 1: as many as were measured	-$" "$dir/verdicts.tsv"
    grep -q "^megapipe	cannot run here	64 CPUs, and this machine has 1: .*; in virtual time: packages are missing; .*no-such-qemu" "$dir/verdicts.tsv"
    grep -q "^wakeup_any	cannot run here	FreeBSD" "$dir/verdicts.tsv"
    grep -q "Verdict: cannot run here: needs 64 CPUs" "$dir/claims.md"
}

@test "results that were not measured, or cannot be read, are reported, status 3; the others are evaluated" {
    id=ev_wakeone
    clients wakeone=1160 racing=1000
    id=pitchfork_skew
    mkdir -p "$dir/$id/bench"
    printf 'round,strategy,jain,verdict\n1,wakeone,0.2\n' >"$dir/$id/bench/trials.csv"
    touch "$dir/$id/measured"
    run ./run.sh claims --judge "$dir" ev_wakeone pitchfork_skew exclusive_order
    [ "$status" -eq 3 ]
    [[ "$output" == *"trials.csv: line 2: 3 fields, the header has 4"* ]]
    [ "$(cut -f1,2 "$dir/verdicts.tsv")" = "ev_wakeone	reproduced
pitchfork_skew	not measured
exclusive_order	not measured" ]
}

@test "invalid samples are not used; of a single round there is no verdict" {
    id=ev_wakeone
    clients wakeone=1160 racing=1000
    awk -F, -v OFS=, 'NR > 1 && $1 > 1 { $4 = "noisy" } { print }' "$dir/$id/clients.csv" >"$dir/new"
    mv "$dir/new" "$dir/$id/clients.csv"
    run ./run.sh claims --judge "$dir" $id
    [ "$status" -eq 3 ]
    [[ "$output" == *"not measured: fewer than two valid rounds"* ]]
}

@test "commands that only read install and build nothing: they report what is missing" {
    mkdir -p "$BATS_TEST_TMPDIR/bare"
    cp -r run.sh harness servers deps.txt "$BATS_TEST_TMPDIR/bare/"
    unset BUILT BUILD
    for options in --list "--judge $dir"; do
        run "$BATS_TEST_TMPDIR/bare/run.sh" claims $options
        failed_in_one_line 1
        [[ "$output" == "claims: missing: "*"build/epoll/racing; ./run.sh setup installs the packages and builds" ]]
    done
    [ ! -e "$BATS_TEST_TMPDIR/bare/build" ]
    [ "$(ls "$dir")" = env.json ]
}

@test "a result is measured, evaluated and printed; one that failed is measured again with --resume" {
    echo "cat '$top/tests/data/run/env.json'" >"$BATS_TEST_TMPDIR/environment"
    export WAKEONE_ENVIRONMENT=$BATS_TEST_TMPDIR/environment
    rm -rf "$dir"
    WAKEONE_EXECUTOR=/bin/false run ./run.sh claims epollexclusive --rounds 4 --out "$dir"
    [ "$status" -eq 3 ]
    [[ "$output" == *"epollexclusive could not be measured"* ]]
    WAKEONE_EXECUTOR=$build/tests/fake_trial FAKE_SD=0.01 FAKE_SLOW=wakeone:7 run ./run.sh claims epollexclusive --rounds 4 --resume "$dir"
    [ "$status" -eq 0 ]
    [ "$(cut -f2 "$dir/verdicts.tsv")" = "$D" ]
    [ "$(cut -f9,13 "$dir/parts.tsv" | tr '\t' ' ')" = "4 $(cut -f13 "$dir/parts.tsv")" ]
    [ "$(grep -c ,wakeone, "$dir/epollexclusive/bench/trials.csv")" -eq 4 ]
    run ./run.sh claims epollexclusive --resume "$dir" # there is nothing left to do
    [ "$status" -eq 0 ]
}

@test "docs/published-results.md matches results/reference/claims" {
    cp -r results/reference/claims/. "$dir/"
    run ./run.sh claims --judge "$dir" --document "$BATS_TEST_TMPDIR/published-results.md"
    [ "$status" -eq 0 ]
    cmp docs/published-results.md "$BATS_TEST_TMPDIR/published-results.md"
}

@test "a malformed table: one line with file, line and reason, before anything is measured" {
    mkdir -p "$BATS_TEST_TMPDIR/broken/build/bin"
    cp -r run.sh harness servers deps.txt "$BATS_TEST_TMPDIR/broken/"
    ln -s "$build/bin/runs" "$BATS_TEST_TMPDIR/broken/build/bin/"
    ln -s "$build/epoll" "$BATS_TEST_TMPDIR/broken/build/"
    sed -i '/^id: megapipe/,/^$/s/^source: /sauce: /' "$BATS_TEST_TMPDIR/broken/harness/claims/claims.txt"
    line=$(sed -n '/^sauce: /=' "$BATS_TEST_TMPDIR/broken/harness/claims/claims.txt")
    for options in --list "--judge $dir" "--out $dir.new"; do
        BUILT=1 BUILD=build run "$BATS_TEST_TMPDIR/broken/run.sh" claims $options
        failed_in_one_line 1
        [[ "$output" == "claims: "*"/harness/claims/claims.txt: line $line: unknown key 'sauce'" ]]
    done
    [ "$(ls "$dir")" = env.json ]
    [ ! -e "$dir.new" ]
}

@test "usage errors: one line with what to do, status 2" {
    run ./run.sh claims no_such_claim
    [ "$status" -eq 2 ]
    [[ "$output" == *"there is no claim 'no_such_claim'; there are: affinity_accept"* ]]
    run ./run.sh claims --rounds 1
    [ "$status" -eq 2 ]
    run ./run.sh claims --judge "$BATS_TEST_TMPDIR/nowhere"
    [ "$status" -eq 2 ]
    [[ "$output" == *"is not a run of claims"* ]]
    run ./run.sh claims --judge "$dir" --resume "$dir"
    [ "$status" -eq 2 ]
    run ./run.sh claims --out "$dir"
    [ "$status" -eq 2 ]
    [[ "$output" == *"exists"* ]]
    run ./run.sh claims --no-such-option
    [ "$status" -eq 2 ]
    run ./run.sh claims --list
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq "$(grep -c "^id: " harness/claims/claims.txt)" ]
}
