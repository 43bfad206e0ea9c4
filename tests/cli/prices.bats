#!/usr/bin/env bats
# prices: costs on this machine. The measuring programs and qemu are mocks; the real programs are run with
# batches too small for a result.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
bats_require_minimum_version 1.5.0

setup() {
    unset HWLOC_SYNTHETIC HWLOC_XMLFILE HWLOC_THISSYSTEM
    built "$build"/bin/{path,pingpong,stats}
    mocks=$BATS_TEST_TMPDIR/mocks
    mkdir -p "$mocks"
    export WAKEONE_PRICES=$mocks
    mock_path 20000 19900 20100
    mock_pairs "0 1 node"
}

# mock_path MEDIAN LOW HIGH: a request
mock_path() {
    {
        echo '#!/bin/sh'
        printf "printf 'what\\\\tmedian_ns\\\\tlow_ns\\\\thigh_ns\\\\nrequest\\\\t%s\\\\t%s\\\\t%s\\\\n'\n" "$@"
    } >"$mocks/path"
    chmod +x "$mocks/path"
}

# mock_pairs "WRITER READER PLACE [ADDED [SPREAD]]"...: a miss of 60 ns, an upgrade of 50, a turn of 70, plus ADDED; low and high
# are SPREAD / 2 away. pingpong's arguments are in $mocks/arguments.
mock_pairs() {
    local pair
    printf 'writer\treader\tplace\twhat\tmedian_ns\tlow_ns\thigh_ns\n' >"$mocks/pairs"
    for pair; do
        for price in turn:70 miss:60 upgrade:50; do
            echo "$pair" | awk -v OFS='\t' -v what="${price%:*}" -v ns="${price#*:}" '{ ns += $4; s = ($5 == "" ? 1 : $5) / 2; print $1, $2, $3, what, ns, ns - s, ns + s }'
        done
    done >>"$mocks/pairs"
    printf '#!/bin/sh\necho "$*" >%s/arguments\ncat %s/pairs\n' "$mocks" "$mocks" >"$mocks/pingpong"
    chmod +x "$mocks/pingpong"
}

# two_cpus: simulates a host with two CPUs
two_cpus() {
    printf '#!/bin/sh\necho "pid 1s current affinity list: %s"\n' "${1:-0,1}" >"$mocks/taskset"
    chmod +x "$mocks/taskset"
}

prices() {
    BUILT=1 PATH="$mocks:$PATH" ./run.sh prices --no-guest "$@"
}

# price WHAT FIELD: of the JSON in $output
price() {
    jq ".prices.$1.$2 + 0" <<<"$output" # as a number: jq 1.7 prints one as it was written
}

# instructions FIELD-NUMBER: of the committed count
instructions() {
    awk -F '\t' -v n="$1" 'NR == 2 { print $n }' harness/lab/prices/instructions.tsv
}

# ---- the command ----

@test "prices: a cost is a ratio, its quartiles combine both; the line fits the table" {
    two_cpus
    run --separate-stderr prices --json --name my-machine
    [ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
    [ "$(price instruction ns)" = "$(awk "BEGIN { printf \"%.3f\", 20000 / $(instructions 2) }" | jq ". + 0")" ]
    [ "$(price instruction low)" = "$(awk "BEGIN { printf \"%.3f\", 19900 / $(instructions 4) }" | jq ". + 0")" ]
    [ "$(price instruction high)" = "$(awk "BEGIN { printf \"%.3f\", 20100 / $(instructions 3) }" | jq ". + 0")" ]
    [ "$(price miss ns),$(price upgrade ns),$(price turn ns)" = 60,50,70 ]
    [ "$(jq -c '[.name, .too_wide, .instructions.instructions + 0, .request.median_ns + 0]' <<<"$output")" = "[\"my-machine\",[],$(instructions 2),20000]" ]
    jq -r .line <<<"$output" | awk -F '\t' -v n="$(price instruction ns)" 'NF != 6 || $1 != "my-machine" || $2 != n || $3 != 60 || $4 != 50 || $5 !~ /measured/ || $6 !~ /run.sh prices/ { exit 1 }'
}

@test "prices: the printed table has the same values, and the line to add" {
    two_cpus
    run --separate-stderr prices --name my-machine --cpus 0,1
    [ "$status" -eq 0 ]
    [[ "$output" == *"miss "*"60.0  59.5 to 60.5"*"1.7 %"* ]]
    [[ "$output" == *"a request: 20000 ns of CPU time here; $(instructions 2) instructions"* ]]
    grep -q "^my-machine	" <<<"$output"
    [ "$(cat "$mocks/arguments")" = "--cpus 0,1" ]
}

@test "prices: the median over all pairs counts, SMT siblings only if there are no other pairs" {
    two_cpus 0-3
    mock_pairs "0 1 siblings -50" "0 2 node 0" "0 3 nodes 100" "1 2 node 10"
    run --separate-stderr prices --json
    [ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
    [ "$(price miss ns),$(price miss least),$(price miss most)" = 70,60,160 ]
    mock_pairs "0 1 siblings -50"
    run --separate-stderr prices --json
    [ "$(price miss ns)" = 10 ]
    [[ "$stderr" == *"SMT siblings"* ]]
}

@test "prices: a spread above 10 % is reported, and the status is 3" {
    two_cpus
    mock_pairs "0 1 node 0 5.5"
    run --separate-stderr prices --json
    [ "$status" -eq 3 ]
    [ "$(jq -c .too_wide <<<"$output")" = '["upgrade"]' ]
    [[ "$stderr" == *"spread above 10 %, not to be trusted: upgrade; stop other programs"* ]]
    mock_pairs "0 1 node"
    mock_path 20000 18000 21000
    run --separate-stderr prices
    [ "$status" -eq 3 ]
    [[ "$stderr" == *"spread above 10 %, not to be trusted: instruction;"* ]]
}

@test "prices: with one CPU there is only the cost of an instruction, no line, and status 3" {
    two_cpus 0
    run --separate-stderr prices --json
    [ "$status" -eq 3 ]
    [[ "$stderr" == *"only one CPU is available"* ]]
    [ "$(jq -c '[(.prices | keys), .line]' <<<"$output")" = '[["instruction"],null]' ]
}

@test "prices: usage errors: one line, status 2, nothing is measured" {
    for words in "--nosuch" "word" "--name" "--name a/b" "--cpus" "--kernel"; do
        run prices $words
        failed_in_one_line 2
    done
    [ ! -e "$mocks/arguments" ]
}

@test "prices: an invalid --cpus is a usage error of pingpong; a program that fails ends the command" {
    two_cpus
    printf '#!/bin/sh\necho "pingpong: --cpus takes two CPUs or more" >&2\nexit 2\n' >"$mocks/pingpong"
    run prices --cpus 0
    [ "$status" -eq 2 ]
    printf '#!/bin/sh\necho "path: no loopback" >&2\nexit 1\n' >"$mocks/path"
    run prices
    [ "$status" -eq 1 ]
    [[ "$output" == *"path: no loopback" ]]
}

# ---- counting in a guest ----

# for_guest KERNEL: roots with mocks instead of downloads; its QEMU counts 40000 instructions
for_guest() {
    local roots=$BATS_TEST_TMPDIR/lab/roots
    export WAKEONE_LAB=$BATS_TEST_TMPDIR/lab
    built "$build"/bin/{trial,selftest} "$build"/epoll/racing "$build"/kqueue/racing "$build"/kqueue-check/suite "$build/lib/virtual.so"
    mkdir -p "$roots/qemu-trixie/usr/lib/x86_64-linux-gnu" "$roots/arm64-bookworm/bin" "$roots/arm64-bookworm/lib"
    touch "$roots"/arm64-bookworm/bin/{busybox,jq} "$roots/arm64-bookworm/lib/ld-linux-aarch64.so.1"
    cat >"$roots/qemu-trixie/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" <<'END'
#!/bin/sh
log=
while [ $# -gt 0 ]; do
    case $1 in
    -initrd) place=$(dirname "$2") ;;
    -smp) echo "smp $2" >>"$FAKE_LOG" ;;
    -plugin) echo "$2" | sed 's/.*\(price=[0-9]*\).*/\1/' >>"$FAKE_LOG" ;;
    -serial) [ -n "$log" ] && results=${2#file:} || log=${2#file:} ;;
    esac
    shift
done
out=$place/mock.$$ # goes with the place where the mock is killed
mkdir "$out"
[ -e "$place/job/job/path" ] && [ -e "$place/job/job/sysctls" ] || exit 1
if [ "${FAKE_FAILS:-}" ]; then
    echo "path failed: see the log" >"$out/failed"
else
    printf 'what\tmedian_ns\tlow_ns\thigh_ns\nrequest\t40000.00\t39990.00\t40010.00\n' >"$out/path.tsv"
fi
tar -C "$out" -czf "$results" .
printf 'wakeone-guest-end %s %s\r\n' "$(wc -c <"$results")" "$(sha256sum "$results" | cut -d' ' -f1)" >"$log"
rm -rf "$out"
END
    chmod +x "$roots/qemu-trixie/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    printf '#!/bin/sh\n' >"$mocks/aarch64-linux-gnu-readelf"
    printf '#!/bin/sh\ncat >/dev/null\n' >"$mocks/busybox"
    # as taskset and chrt: the command after their options
    printf '#!/bin/sh\n[ "$1" != -cp ] || { echo "list: 0,1" && exit; }\nshift 2\nexec "$@"\n' >"$mocks/taskset"
    printf '#!/bin/sh\nshift 2\nexec "$@"\n' >"$mocks/chrt"
    chmod +x "$mocks"/*
    export FAKE_LOG=$BATS_TEST_TMPDIR/boots
    {
        head -c 56 /dev/zero
        printf 'ARMd'
        head -c 60 /dev/zero
        printf 'Linux version 6.12.0-test (test) #1\n'
    } >"$BATS_TEST_TMPDIR/kernel"
}

in_guest() {
    BUILT=1 GUEST_BUILD=$build PATH="$mocks:$PATH" ./run.sh prices --kernel "$BATS_TEST_TMPDIR/kernel" "$@"
}

@test "prices: instructions are counted in a guest of 1 CPU in which each takes 1 ns" {
    for_guest
    run --separate-stderr in_guest --json
    [ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
    [[ "$(paste -sd ' ' "$FAKE_LOG")" == *"price=1000"* ]] && grep -q '^smp 1,' "$FAKE_LOG" || { cat "$FAKE_LOG"; return 1; }
    [ "$(jq -c '[.instructions.kernel, .instructions.instructions + 0, .prices.instruction.ns + 0]' <<<"$output")" = '["6.12.0-test",40000,0.5]' ]
}

@test "prices: a guest without a count is status 1, with its reason" {
    for_guest
    FAKE_FAILS=1 run in_guest
    [ "$status" -eq 1 ]
    [[ "$output" == *"prices: 6.12.0-test: no instructions were counted: path failed: see the log" ]]
}

# ---- the programs ----

@test "path: a row; batches and requests are as requested" {
    run "$build/bin/path" --batches 3 --requests 2
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = $'what\tmedian_ns\tlow_ns\thigh_ns' ]
    [[ "${lines[1]}" =~ ^request$'\t'[0-9.]+$'\t'[0-9.]+$'\t'[0-9.]+$ ]]
    for words in "--batches 0" "--requests 0" "--requests x" "--nosuch" "word"; do
        run "$build/bin/path" $words
        failed_in_one_line 2
    done
}

@test "pingpong: three rows for a pair" {
    [ "$(allowed_cpus | wc -l)" -ge 2 ] || skip "one CPU here"
    pair=$(allowed_cpus | head -n 2 | paste -sd ,)
    run "$build/bin/pingpong" --cpus "$pair" --batches 1
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [ "$(cut -f4 <<<"$output" | paste -sd ' ')" = "what turn miss upgrade" ]
    [ "$(sed 1d <<<"$output" | cut -f1,2 | sort -u | tr '\t' '\n' | sort -n | paste -sd ,)" = "$pair" ]
}

@test "pingpong: one CPU is too few" {
    HWLOC_SYNTHETIC='core:1 pu:1' run "$build/bin/pingpong"
    failed_in_one_line 1
    [[ "$output" == *"two CPUs are needed"* ]]
}

# ---- the table ----

@test "prices.tsv: six columns, costs that guests accept, each with its source" {
    run awk -F '\t' '
        /^#/ { next }
        !header++ { if ($0 != "name\tprice_ns\tmiss_ns\tupgrade_ns\twhat\tsource") print "header: " $0; next }
        NF != 6 || $1 !~ /^[a-z0-9][a-z0-9.-]*$/ || seen[$1]++ || $5 == "" || $6 == "" { print "row: " $0 }
        $2 < 0.01 || $2 > 1000 { print "price: " $0 }
        { for (i = 2; i <= 4; i++) if ($i !~ /^[0-9]+(\.[0-9]([0-9][0-9]?)?)?$/) print "number: " $0 }
        { rows++ }
        END { if (!rows) print "no rows" }' harness/lab/prices.tsv
    [ -z "$output" ] || { echo "$output"; return 1; }
}
