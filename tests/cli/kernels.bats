#!/usr/bin/env bats
# kernels: results and failures of guests. qemu is a mock: it does what the name of its kernel requests, and takes no time; that a
# real guest boots is tested by .ci/run, if qemu is installed.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load guests

setup() {
    built "$build"/bin/{stats,trial,selftest,placement,path} "$build"/epoll/{racing,wakeone} "$build"/kqueue/{racing,wakeone,wakeone-{edge,readd,fifo,lifo,rotate}} "$build"/kqueue-check/suite
    tools=$BATS_TEST_TMPDIR/tools
    base=$BATS_TEST_TMPDIR/runs
    mkdir -p "$tools"
    printf '#!/bin/sh\ncat >/dev/null\n' >"$tools/busybox"
    cat >"$tools/qemu-system-x86_64" <<'END'
#!/bin/sh
# Mock QEMU: acts by the kernel's name
case " $* " in *" --version "*) echo "QEMU of the tests"; exit ;; esac
echo "$$" >>"$FAKE_LOG"
log=
while [ $# -gt 0 ]; do
    case $1 in
    -initrd) place=$(dirname "$2") ;;
    -kernel) kernel=$(basename "$2") ;;
    -accel) accelerator=$2 ;;
    -append) echo "append: $2" >>"$FAKE_LOG" ;;
    -smp) echo "smp: $2" >>"$FAKE_LOG" && cpus=$2 ;;
    -plugin) plugin=$2 ;; # virtual time
    -serial) [ -n "$log" ] && results=${2#file:} || log=${2#file:} ;;
    esac
    shift
done
case $accelerator in kvm*) echo "no KVM here" >&2; exit 1 ;; esac
job=$place/job/job
# told NAME: prints the value of an option of the plugin
told() {
    printf '%s' "$plugin" | tr , '\n' | sed -n "s/^$1=//p"
}
[ ! -e "$job/kqueue.ko" ] || echo "module: $(cat "$job/kqueue.ko")" >>"$FAKE_LOG"
out=$place/mock.$$ # goes with the place where the mock is killed
mkdir "$out"
case $kernel in
hang*) echo "[    1.0] waiting for a root device" >"$log"; exec sleep 1000 ;;
late*) echo "[    1.0] waiting for a root device" >"$log"; exit 124 ;; # the status of timeout(1)
stops*) case $cpus in 4*) [ -e "$FAKE_LOG.goes_on" ] || exec sleep 1000 ;; esac ;;
panic*) printf '[    1.000000] Kernel panic - not syncing: VFS: no root\r\n' >"$log"; exit 0 ;;
once*) [ -e "$FAKE_LOG.once" ] || { : >"$FAKE_LOG.once"; echo "int3" >"$log"; exit 0; } ;;
wrong*) echo "wrong counts in the selftest: racing WRONG" >"$out/failed" ;;
esac
echo "begun 1.0" >"$out/stages.txt"
echo "strategy workers expected counted useful blocked order verdict" >"$out/selftest.txt"
for count in $(tr , ' ' <"$job/workers"); do
    echo "racing $count $count.00 $count.00 1.00 0 any ok" >>"$out/selftest.txt"
done
awk -F '\t' -v options="$(cat "$job/trial_options")" 'NR == 1 {
        print "trial,round,position,machine,strategy,backend,workers,cpus,load,connections,rate_offered,requests_per_connection,conns,requests,throughput_rps,wakeups,wakeups_per_conn,jain,instrument,verdict"; next }
    { split(options, option, " "); n = $4 ~ /^racing/ ? $7 : 1
      print $1 "," $2 "," $3 "," option[2] "," $4 ",epoll," $7 "," $8 "," ($13 == "-" ? "closed," $12 "," : "open-constant,," $13) "," $14 ",40,40," (option[2] == "virtual" ? 40 : "") "," 40 * n "," n ",1,bpf," ($20 == "warm-up" ? "warm-up" : "ok") }' \
    "$job/plan.tsv" >"$out/trials.csv"
# Each window of 4 CPUs: 40 us on each side, of which the servers sleep 10, wait 16 (2 misses) for a lock, and 14 are spent in programs
if [ -n "${plugin:-}" ]; then
    echo "host_ms 1" >"$(told counts)"
    printf 'ffff800080001000 queued_spin_lock_slowpath\nffff800080002000 tcp_ack\n' >"$out/symbols"
    case $kernel in unmeasured*) printf 'window\t9\tserver\t1\n' ;; esac >>"$(told profile)"
    awk -F, -v OFS='\t' -v miss="$(told miss)" -v price="$(told price)" 'NR > 1 {
        for (side = 0; side < 2; side++) {
            of = side ? "client" : "server"
            print "window", NR - 1, of, 40000000
            print "asleep", NR - 1, of, 10000000
            print "ffff800080001ff0", NR - 1, of, (16000000 - 2 * miss) / price, 2, 0
            print "0000000000000000", NR - 1, of, 14000000 / price, 0, 0
            print "sample", NR - 1, of, "ffff800080001ff0", "ffff800080002010", 3
        } }' "$out/trials.csv" >>"$(told profile)"
fi
cp "$FAKE_ENV" "$out/env.json"
mkdir "$out/hist"
tar -C "$out" -czf "$results" .
size=$(wc -c <"$results")
sum=$(sha256sum "$results" | cut -d' ' -f1)
case $kernel in
corrupt*) echo noise >>"$results"; sum=$(echo "$sum" | tr 0-9a-f a-f0-9) ;;
esac
printf 'noise [1] wakeone-guest-end %s %s\r\n' "$size" "$sum" >"$log"
# Fills the disk, except 256 KiB, for the next guest
case ${FAKE_FILLS:+$kernel} in fills*) rm "$place/initrd"; cat /dev/zero >"$FAKE_FILLS" 2>/dev/null; truncate -s -256K "$FAKE_FILLS" ;; esac
rm -rf "$out"
END
    chmod +x "$tools"/*
    export FAKE_LOG=$BATS_TEST_TMPDIR/boots FAKE_ENV=$top/tests/data/run/env.json
    echo "cat '$FAKE_ENV'" >"$BATS_TEST_TMPDIR/environment"
    export WAKEONE_ENVIRONMENT=$BATS_TEST_TMPDIR/environment # of the host
    export WAKEONE_KVM=$BATS_TEST_TMPDIR/kvm                 # does not exist
}

# kernel NAME RELEASE: a kernel for this processor
kernel() {
    pc_image "$2 (test) #1" >"$BATS_TEST_TMPDIR/$1"
    echo "$BATS_TEST_TMPDIR/$1"
}

kernels() {
    BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH" ./run.sh kernels "$@"
}

nothing_runs() {
    local pid
    for pid in $(grep -v : "$FAKE_LOG"); do
        ! kill -0 "$pid" 2>/dev/null || return 1
    done
}

@test "each kernel has a run, each number of CPUs a guest; only counts are reported, and the runs are compared" {
    run kernels "$(kernel ok-1 6.1.0-test)" "$(kernel ok-2 7.2.0-test)" --cpus 2,4 --strategies racing,wakeone --out "$base"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"6.1.0-test: 2 of 2 as expected"* ]]
    [[ "$output" == *"2 counts are in more than one run; all are equal"* ]]
    [ "$(jq -c ".known_answers | map(.run + .counted)" "$base/compare/compare.json")" = '["A2.00","A4.00","B2.00","B4.00"]' ]
    for run_dir in "$base/6.1.0-test" "$base/7.2.0-test"; do
        [ "$(awk -F, 'NR > 1 && $2 > 0 { print $4, $8, $NF }' "$run_dir/trials.csv" | sort | uniq -c | tr -s ' ')" = " 3 tcg 2 ok
 3 tcg 4 ok" ]
        [ "$(cut -f1,2 "$run_dir/boots.tsv" | tr '\t' ' ')" = "2 1
4 1" ]
        [ "$(jq -r '.machine, .lab.accelerator, .lab.host.cpus' "$run_dir/env.json" | paste -sd ' ')" = "tcg tcg $(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)" ]
        [ "$(awk -F '\t' '$1 == "latency" { print $4 }' "$run_dir/figures/index.tsv" | sort -u)" = "no latencies: the run has counts only" ]
        [ -s "$run_dir/report.html" ]
        [ -s "$run_dir/figures/wakeups-p2.svg" ]
    done
    nothing_runs
}

@test "a panic, a hang, incomplete results and wrong counts are reported, each with the log's last message; the others continue" {
    run kernels "$(kernel panic 1.0-panic)" "$(kernel late 2.0-late)" "$(kernel corrupt 3.0-corrupt)" "$(kernel wrong 4.0-wrong)" \
        "$(kernel once 5.0-once)" --cpus 2 --strategies racing --no-figures --out "$base"
    [ "$status" -eq 3 ]
    [[ "$output" == *"1.0-panic, 2 CPUs: it crashed in 3 of 3 boots: Kernel panic - not syncing: VFS: no root"* ]]
    [[ "$output" == *"2.0-late, 2 CPUs: timeout after 10m: waiting for a root device"* ]]
    [[ "$output" == *"3.0-corrupt, 2 CPUs: it crashed in 3 of 3 boots: "* ]]
    [[ "$output" == *"4.0-wrong, 2 CPUs: wrong counts in the selftest: racing WRONG"* ]]
    [ "$(cd "$base" && ls -d [0-9]*/)" = "5.0-once/" ] # no rows, no run
    [ "$(cut -f1,2 "$base/5.0-once/boots.tsv" | tr '\t' ' ')" = "2 2" ] # boots that crashed are counted
    nothing_runs
}

# bats test_tags=slow
@test "a guest that hangs is killed after the timeout" {
    run kernels "$(kernel hang 2.0-hang)" --cpus 2 --strategies racing --time-limit 1s --no-figures --out "$base"
    [ "$status" -eq 1 ]
    [[ "$output" == *"2.0-hang, 2 CPUs: timeout after 1s: waiting for a root device"* ]]
    nothing_runs
}

@test "settings are compared: a run for each --append and --sysctl; topology is passed to qemu" {
    run kernels "$(kernel ok 6.1.0-test)" --cpus 4 --strategies racing --append plain --append mitigations=off --sysctl net.core.somaxconn=128 \
        --topology sockets=2,nodes=2 --no-figures --out "$base"
    [ "$status" -eq 0 ]
    [ "$(cd "$base" && echo 6*)" = "6.1.0-test-mitigations-off-net.core.somaxconn-128 6.1.0-test-net.core.somaxconn-128" ]
    grep -q "^append: console=ttyS0 .* mitigations=off$" "$FAKE_LOG"
    grep -q "^smp: 4,sockets=2,cores=2,threads=1$" "$FAKE_LOG"
    grep -q "'--append' 'mitigations=off'" "$base/6.1.0-test-mitigations-off-net.core.somaxconn-128/reproduce.sh"
    ! grep -q -- --out "$base/6.1.0-test-mitigations-off-net.core.somaxconn-128/reproduce.sh" || return 1
}

@test "SIGTERM in mid-boot: no qemu is left, no run that looks complete" {
    hanging=$(kernel hang 2.0-hang)
    BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH" ./run.sh kernels "$hanging" --cpus 2 --strategies racing --out "$base" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    command=$!
    wait_until grep -q smp "$FAKE_LOG"
    kill -TERM $command
    status=0
    wait $command || status=$?
    [ "$status" -eq 1 ]
    grep -q "kernels: interrupted" "$BATS_TEST_TMPDIR/said"
    nothing_runs
    [ -z "$(ls "$base")" ]
}

@test "usage errors and missing files: one line, before anything is booted" {
    echo text >"$BATS_TEST_TMPDIR/text"
    good=$(kernel ok 6.1.0-test)
    for words in "" "$good --cpus 128" "$good --topology sockets=3 --cpus 4" "$good --sysctl nonsense" "$good --known 0" "$good --wire" \
        "$good --time-limit never" "$good --strategies nosuch" "$good --nonsense 1"; do
        run kernels $words --out "$base"
        [ "$status" -eq 2 ] || { echo "$words: $status $output"; return 1; }
        [ "${#lines[@]}" -eq 1 ]
    done
    for kernel in "$BATS_TEST_TMPDIR/text" "$BATS_TEST_TMPDIR/nowhere" no-such-kernel; do
        run kernels "$kernel" --out "$base"
        [ "$status" -eq 1 ] && [ "${#lines[@]}" -eq 1 ] && [[ "$output" == "kernels: $kernel: "* ]] || { echo "$kernel: $status $output"; return 1; }
        rm -rf "$base"
    done
    [ ! -e "$FAKE_LOG" ]
}

# ---- virtual time ----

virtual() {
    for_virtual
    kernels --virtual "$@"
}

@test "in virtual time rows are those of a machine with these CPUs: timed, with servers and load on separate CPUs" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    run virtual "$(arm64_kernel ok 6.12.0-test)" --cpus 2,4 --strategies racing,wakeone --price 0.5 --quantum 1us --out "$base"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run_dir=$base/6.12.0-test
    [ "$(awk -F, 'NR > 1 && $2 > 0 { print $4, $8, $7, $14, $NF }' "$run_dir/trials.csv" | sort | uniq -c | tr -s ' ')" = " 3 virtual 2 4 40 ok
 3 virtual 4 8 40 ok" ]
    [ "$(awk -F '\t' 'NR > 1 { print $8, $9, $10, $11, $12 }' "$run_dir/plan.tsv" | sort -u)" = "2 0-0 1-1 1 1
4 0-1 2-3 2 2" ]
    [ "$(jq -c '.lab.virtual | [.[]]' "$run_dir/env.json")" = '["flat","flat",0.5,0,0,1]' ]
    grep -q 'flat: 0.5 ns per instruction, quantum 1 us' "$run_dir/figures/scale.svg"
    grep -q 'requests/s (virtual time)' "$run_dir/figures/scale.svg"
    [ -s "$run_dir/virtual-2.tsv" ]
    [ -s "$run_dir/virtual-4.tsv" ]
    nothing_runs
}

@test "in virtual time a run has a profile of a connection's time; the run is kept if the profile is incomplete" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    run virtual "$(arm64_kernel ok 6.12.0-test)" --cpus 4 --strategies racing,wakeone --price 0.5 --miss 2 --out "$base"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run_dir=$base/6.12.0-test
    head -n 1 "$run_dir/where.csv" | grep -qx cpus,strategy,backend,workers,trial,side,part,us_per_req,stall_us_per_req,instructions_per_req
    [ "$(grep '^4,wakeone,.*,server,' "$run_dir/where.csv" | cut -d, -f7- | sort)" = "idle,0.250,0.000,0.0
lock,0.400,0.000,799.8
programs,0.350,0.000,700.0" ]
    [ "$(grep '^4,wakeone,.*,client,' "$run_dir/functions.csv" | cut -d, -f7- | sort)" = "(programs),programs,0.350,0.000,700.0
queued_spin_lock_slowpath,lock,0.400,0.000,799.8" ]
    grep '^4,racing,' "$run_dir/callers.csv" | cut -d, -f6- | sort | paste -sd ' ' | grep -qx 'client,queued_spin_lock_slowpath,tcp_ack,1.0000 server,queued_spin_lock_slowpath,tcp_ack,1.0000'
    rm -rf "$base"
    run virtual "$(arm64_kernel unmeasured 6.12.0-test)" --cpus 4 --strategies racing,wakeone --out "$base"
    [ "$status" -eq 0 ]
    [[ "$output" == *"4 CPUs: no profile of where time went"* ]]
    [ -s "$base/6.12.0-test/trials.csv" ]
}

@test "in virtual time a guest that hangs or crashes is reported, the others continue; after an interruption nothing is left" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    run virtual "$(arm64_kernel late 6.1.0-late)" "$(arm64_kernel panic 6.1.0-panic)" "$(arm64_kernel ok 6.12.0-test)" --cpus 2,4 \
        --strategies racing --no-figures --out "$base"
    [ "$status" -eq 3 ]
    [[ "$output" == *"6.1.0-late, 4 CPUs: timeout after 10m: waiting for a root device"* ]]
    [[ "$output" == *"6.1.0-panic, 2 CPUs: it crashed in 3 of 3 boots: Kernel panic - not syncing: VFS: no root"* ]]
    [ "$(cd "$base" && ls -d [0-9]*/)" = "6.12.0-test/" ]
    rm -rf "$base" "$FAKE_LOG"
    for_virtual
    BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH" ./run.sh kernels --virtual "$(arm64_kernel hang 6.1.0-hang)" --cpus 2,4 --strategies racing \
        --out "$base" >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    command=$!
    wait_until grep -q smp "$FAKE_LOG"
    kill -TERM $command
    status=0
    wait $command || status=$?
    [ "$status" -eq 1 ]
    nothing_runs
}

@test "virtual time: costs are those of a machine in prices.tsv, or of the options; figures name them" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    local presets=harness/lab/prices.tsv name=graviton2 words expected
    local of_preset
    of_preset=$(awk -F '\t' -v OFS=, -v name=$name '$1 == name { print $2, $3, $4 }' $presets)
    while IFS='|' read -r words expected; do
        rm -rf "$base"
        run virtual "$(arm64_kernel ok 6.12.0-test)" --cpus 2 --strategies racing,wakeone $words --out "$base"
        [ "$status" -eq 0 ] || { echo "$words: $output"; return 1; }
        [ "$(jq -c '.lab.virtual | [.[]]' "$base/6.12.0-test/env.json")" = "[$expected,0.5]" ] || { echo "$words"; cat "$base/6.12.0-test/env.json"; return 1; }
    done <<END
--prices $name|"coherent","$name",$of_preset
--prices $name --price 0.25|"coherent","$name",0.25,${of_preset#*,}
--miss 80|"coherent","flat",1,80,80
--miss 80 --upgrade 60.5|"coherent","flat",1,80,60.5
|"flat","flat",1,0,0
END
    rm -rf "$base"
    run virtual "$(arm64_kernel ok 6.12.0-test)" --cpus 2,4 --strategies racing,wakeone --prices $name --out "$base"
    grep -q "coherent ($name): ${of_preset//,/, } ns, quantum 0.5 us" "$base/6.12.0-test/figures/scale.svg"
}

@test "in virtual time an interrupted command continues: complete guests are not booted again" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    for_virtual
    image=$(arm64_kernel stops 6.1.0-stops)
    BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH" ./run.sh kernels --virtual "$image" --cpus 2,4 --strategies racing,wakeone --no-figures \
        --out "$base" >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    command=$!
    wait_until sh -c "ls -d '$base'/unfinished/*[0-9a-f] && grep -q 'smp: 4' '$FAKE_LOG'"
    kill -TERM $command
    wait $command || status=$?
    [ "$status" -eq 1 ]
    grep -q "interrupted; to continue, repeat the command with --resume $base" "$BATS_TEST_TMPDIR/said"
    nothing_runs
    touch "$FAKE_LOG.goes_on"
    run virtual "$image" --cpus 2,4 --strategies racing,wakeone --no-figures --resume "$base"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"2 CPUs: already done"* ]]
    [ "$(grep -c 'smp: 2' "$FAKE_LOG")" -eq 1 ]
    [ "$(awk -F, 'NR > 1 { print $8 }' "$base/6.1.0-stops/trials.csv" | sort -u | paste -sd ' ')" = '2 4' ]
    [ -s "$base/6.1.0-stops/boot-2.log" ]
    [ ! -e "$base/unfinished" ]
    # other arguments are another guest
    rm -rf "$base/6.1.0-stops"
    run virtual "$image" --cpus 2 --strategies racing,wakeone --no-figures --resume "$base" --price 2
    [ "$(grep -c 'smp: 2' "$FAKE_LOG")" -eq 2 ]
    for words in "--resume $base --out $base" "--resume $base/none"; do
        run virtual "$image" $words
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ] || { echo "$output"; return 1; }
    done
}

@test "virtual time: usage errors, and a kernel for another architecture" {
    good=$(arm64_kernel ok 6.12.0-test)
    for words in "$good --price 0" "$good --price x" "$good --price 1001" "$good --prices none" "$good --miss -1" "$good --upgrade 1001" "$good --miss 0.0001" "$good --quantum 2" "$good --quantum 0us" "$good --quantum 101us" "$good --cpus 128"; do
        run virtual $words --out "$base"
        [ "$status" -eq 2 ] && [ "${#lines[@]}" -eq 1 ] || { echo "$words: $status $output"; return 1; }
    done
    rm -rf "$base"
    run virtual "$(kernel pc 6.1.0-test)" --out "$base"
    [ "$status" -eq 1 ]
    [[ "$output" == *"not a kernel image for arm64"* ]]
    rm -rf "$base"
    run kernels "$good" --out "$base"
    [ "$status" -eq 1 ] && [[ "$output" == *"not a kernel image for amd64"* ]] || { echo "$status $output"; return 1; }
}

@test "the table in docs/guests.md matches the committed runs: racing costs n, wakeone 1" {
    for run_dir in results/reference/kernels/*/; do
        row="| $(basename "$run_dir"), racing |$(awk -F, '$2 == "racing" { printf " %s |", $5 }' "$run_dir/selftest.csv")"
        grep -qF -- "$row" docs/guests.md || { echo "not there: $row"; return 1; }
        [ "$(awk -F, '$2 ~ /^wakeone/ { print $5 }' "$run_dir/selftest.csv" | sort -u)" = 1.00 ]
        [ "$(awk -F, 'NR > 1 { print $NF }' "$run_dir/selftest.csv" | sort -u)" = ok ]
    done
}

# tree NAME RELEASE [arm64]: a kernel in its build tree; its `make` is a mock
tree() {
    local place=$BATS_TEST_TMPDIR/$1/arch/${3:-x86}/boot image=${3:+arm64_}kernel
    mkdir -p "$place"
    mv "$($image "image-$1" "$2")" "$place/ok"
    : >"$BATS_TEST_TMPDIR/$1/Module.symvers"
    echo "$place/ok"
}

@test "--module builds it for each kernel, and measures kqueue and epoll; if the build fails, that kernel is skipped" {
    cat >"$tools/make" <<'END'
#!/bin/sh
case $* in *bad*) echo "main.c:1: error: no such thing"; exit 2 ;; esac
for word; do case $word in M=*) : >"${word#M=}/kqueue.ko" ;; esac; done
END
    chmod +x "$tools/make"
    run kernels "$(tree good 6.1.0-good)" "$(tree bad 6.1.0-bad)" "$(kernel ok 6.1.0-alone)" --module --cpus 2 --no-figures --out "$base"
    [ "$status" -eq 3 ]
    [[ "$output" == *"the module does not build for 6.1.0-bad: main.c:1: error: no such thing"* ]]
    [[ "$output" == *"--module takes a kernel in its build tree"* ]]
    [ "$(ls "$base")" = 6.1.0-good ]
    [ "$(awk -F '\t' 'NR > 1 && $2 > 0 { print $4, $5, $6 }' "$base/6.1.0-good/plan.tsv" | sort | paste -sd,)" = "kqueue-racing kqueue-racing kqueue,kqueue-wakeone kqueue-wakeone kqueue,kqueue-wakeone-fifo kqueue-wakeone-fifo kqueue,kqueue-wakeone-lifo kqueue-wakeone-lifo kqueue,kqueue-wakeone-rotate kqueue-wakeone-rotate kqueue,racing racing epoll,racing-again racing epoll,wakeone wakeone epoll" ]
    run kernels "$(tree good 6.1.0-good)" --strategies kqueue-racing --out "$base"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
}

@test "--module in virtual time: the cross compiler builds it for arm64, and results have times" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    cat >"$tools/make" <<'END'
#!/bin/sh
for word; do case $word in M=*) module=${word#M=}/kqueue.ko ;; esac; done
echo "$*" >"$module"
END
    chmod +x "$tools/make"
    run virtual "$(tree good 6.12.0-good arm64)" --module --cpus 2 --strategies racing,kqueue-racing --no-figures --out "$base"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    grep -q '^module: -C .*/good M=.* ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- .*modules$' "$FAKE_LOG"
    [ "$(awk -F, 'NR > 1 && $2 > 0 && $5 ~ /^kqueue/ { print $4, $5, $14, $NF }' "$base/6.12.0-good/trials.csv")" = "virtual kqueue-racing 40 ok" ]
    run kernels "$(tree pc 6.1.0-pc)" --module --cpus 2 --strategies racing --no-figures --out "$base-pc"
    [ "$status" -eq 0 ]
    grep -q '^module: -C .*/pc M=' "$FAKE_LOG"
    refute grep -q '^module: -C .*/pc M=.*ARCH=' "$FAKE_LOG"
}

# bats test_tags=root
@test "a full disk: one line, and no run that looks complete" {
    unshare --mount --map-root-user true || skip "no mount namespace here"
    mkdir "$BATS_TEST_TMPDIR/disk"
    export BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH"
    run unshare --mount --map-root-user sh -c "
        mount -t tmpfs -o size=24k tmpfs '$BATS_TEST_TMPDIR/disk' || exit 99
        ./run.sh kernels '$(kernel ok 6.1.0-test)' --cpus 2 --strategies racing --no-figures --out '$BATS_TEST_TMPDIR/disk/runs' 2>'$BATS_TEST_TMPDIR/stderr'
        status=\$?
        ls '$BATS_TEST_TMPDIR/disk/runs' >'$BATS_TEST_TMPDIR/left'
        exit \$status"
    [ "$status" -ne 99 ] || skip "no tmpfs can be mounted here"
    [ "$status" -eq 1 ]
    [ "$(grep -c 'is the disk full?' "$BATS_TEST_TMPDIR/stderr")" -eq 1 ]
    [ ! -s "$BATS_TEST_TMPDIR/left" ]
}

# bats test_tags=root
@test "a full disk with concurrent guests: status 1, and no run that looks complete; with space --resume continues" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    unshare --mount --map-root-user true || skip "no mount namespace here"
    mkdir "$BATS_TEST_TMPDIR/disk"
    for_virtual
    export BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH"
    image=$(arm64_kernel fills 6.12.0-test)
    # The guest of 4 CPUs, first in the only lane, leaves too little space for the next one's initrd.
    run unshare --mount --map-root-user sh -c "
        mount -t tmpfs -o size=256m tmpfs '$BATS_TEST_TMPDIR/disk' || exit 99
        virtual() {
            TMPDIR='$BATS_TEST_TMPDIR/disk' taskset -c $(allowed_cpus | head -n 1) ./run.sh kernels --virtual '$image' --cpus 2,4 \
                --strategies racing --no-figures \"\$@\"
        }
        FAKE_FILLS='$BATS_TEST_TMPDIR/disk/full' virtual --out '$base' 2>'$BATS_TEST_TMPDIR/stderr'
        status=\$?
        rm '$BATS_TEST_TMPDIR/disk/full'
        ls '$base' >'$BATS_TEST_TMPDIR/left'
        virtual --resume '$base' >/dev/null 2>'$BATS_TEST_TMPDIR/resumed' || exit 98
        exit \$status"
    [ "$status" -ne 99 ] || skip "no tmpfs can be mounted here"
    [ "$status" -eq 1 ] || { echo "$status: $output"; cat "$BATS_TEST_TMPDIR/stderr"; return 1; }
    [ "$(grep -c 'is the disk full?' "$BATS_TEST_TMPDIR/stderr")" -eq 1 ]
    refute grep -q 'was not booted' "$BATS_TEST_TMPDIR/stderr"
    [ "$(cat "$BATS_TEST_TMPDIR/left")" = unfinished ]
    grep -q '4 CPUs: already done' "$BATS_TEST_TMPDIR/resumed"
    [ "$(awk -F, 'NR > 1 { print $8 }' "$base/6.12.0-test/trials.csv" | sort -u | paste -sd ' ')" = '2 4' ]
}
