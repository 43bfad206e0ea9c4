#!/bin/sh
# kernels: compare kernels, with up to 64 CPUs, in guests on this machine
#
# usage: ./run.sh kernels [OPTIONS] KERNEL...
#
# KERNEL is a Debian package or version (6.1.0-56-cloud-amd64), the beginning of a version (6.12), a flavour (cloud, rt,
# generic), one of these from another suite (sid:cloud), or the path of a bzImage. Packages are downloaded and unpacked under
# build/lab, never installed. Each kernel is booted once for each number of CPUs, with the same programs: first ./run.sh selftest
# (expected counts of wakeups), then the trials. Each kernel has a run of its own, and the runs are compared.
#
#   --cpus LIST         of the guest (2,4,8,16)
#   --strategies LIST   (racing,wakeone,fdpass,mutex)
#   --workers LIST      also per CPU (1/cpu)
#   --append LINE       kernel command line; `plain` = none. If given several times, each is a setting to compare
#   --sysctl LIST       NAME=VALUE,...; plain = none. If given several times, each is a setting to compare
#   --topology SPEC     sockets=S,threads=T,nodes=N of the guest's CPUs (one socket, one thread a core, one node)
#   --module            build the module of kernel/kqueue for each kernel, load it, and measure kqueue and epoll: the strategies
#                       kqueue-racing, kqueue-wakeone, and -fifo, -lifo, -rotate (or those that --strategies names)
#   --virtual           arm64 guests in virtual time (docs/guests.md): throughput and latency are those of a machine with the
#                       guest's CPUs, however few this machine has. Other defaults: --workers 2/cpu --connections 1/2cpu
#                       --threads auto --split half --window 50ms --warmup 50ms --instrument ctxsw; kernels of trixie unless a
#                       suite is named
#   --prices NAME       with --virtual: costs of an instruction and a cache line: flat (lines cost nothing), or those of a machine
#                       in harness/lab/prices.tsv (flat)
#   --price NS          with --virtual: cost of an instruction (1)
#   --miss NS           with --virtual: cost of reading a cache line that another CPU wrote last (0)
#   --upgrade NS        with --virtual: cost of writing to a cache line that others have read (as --miss)
#   --quantum D         with --virtual: how far one CPU's clock may be ahead of the others' (0.5us)
#   --resume DIR        with --virtual: continue in DIR, instead of --out, with otherwise the same arguments; guests that were
#                       complete are not booted again
#   --known N           connections of the selftest (40)
#   --time-limit D      timeout of a guest (10m)
#   --rate, --arrivals, --rounds, --window, --warmup, --seed, --instrument, --connections, --requests-per-connection, --threads,
#   --split, --load, --also, --reference, --out, --no-figures
#                       as of bench (--rate 40 --rounds 1 --window 1s --instrument auto; results/kernels-<host>-<utc>)
#
# If a guest has more CPUs than this machine, or its CPUs are emulated, only counts are reported: wakeups and their classes,
# order, shares. Throughput and latency stay empty, and figures mark such points as counted.
#
# example: ./run.sh kernels cloud rt --cpus 2..16x2

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC2034 # the defaults are read by the engine
set -u
program=kernels
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"
. "$top/harness/lab/lab.sh"

TAB=$(printf '\t')
LINE='
'
WITH_MODULE=racing,wakeone,kqueue-racing,kqueue-wakeone,kqueue-wakeone-fifo,kqueue-wakeone-lifo,kqueue-wakeone-rotate
strategies=racing,wakeone,fdpass,mutex
split=
connections=
out=
no_figures=
workers=1/cpu
cpus=2,4,8,16
rate=40
threads=1
rounds=1
window=1s
warmup=200ms
instrument=auto
kernels=
appends=
sysctls=
known=40
time_limit=10m
with_module=
lane_pids=
resumed=
prices=flat
price=
miss=
upgrade=
quantum=0.5us

# quoted_arguments ARGUMENTS...: for reproduce.sh; without --out and --resume, which name the existing runs
quoted_arguments() {
    while [ $# -gt 0 ]; do
        { [ "$1" != --out ] && [ "$1" != --resume ]; } || { shift $(($# > 1 ? 2 : 1)) && continue; }
        printf " '%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
        shift
    done
}

# read_options ARGUMENTS...: reads the options of this command; those of the engine are left in `engine_options`, one a line
OWN_OPTIONS=" --append --resume --sysctl --topology --known --time-limit --prices --price --miss --upgrade --quantum --out "
PLAN_OPTIONS=" --strategies --reference --also --workers --cpus --split --connections --rate --arrivals --requests-per-connection \
--threads --load --rounds --window --warmup --instrument --seed "
read_options() {
    engine_options=
    while [ $# -gt 0 ]; do
        case $OWN_OPTIONS$PLAN_OPTIONS in
        *" $1 "*) needs_value "$1" $# ;;
        esac
        case $1 in
        --append) appends=$appends$2$LINE ;;
        --sysctl) sysctls=$sysctls$2$LINE ;;
        --resume) resumed=$2 ;;
        --topology) topology=$2 ;;
        --known) known=$2 ;;
        --time-limit) time_limit=$2 ;;
        --prices) prices=$2 ;;
        --price) price=$2 ;;
        --miss) miss=$2 ;;
        --upgrade) upgrade=$2 ;;
        --quantum) quantum=$2 ;;
        --out) out=$2 ;;
        --no-figures) no_figures=$1 && set -- "$1" "$@" ;;
        --module) with_module=1 && set -- "$1" "$@" ;;
        --virtual) set -- "$1" "$@" ;; # read earlier
        --connections) rate='' && engine_options=$engine_options$1$LINE$2$LINE ;;
        --peers | --wire | --precision | --max-time) fail_usage "$1 is not supported for guests: see --help" ;;
        -*)
            engine_options=$engine_options$1$LINE
            case $PLAN_OPTIONS in
            *" $1 "*) engine_options=$engine_options$2$LINE ;;
            *) set -- "$1" "$@" ;; # a flag, which takes no value
            esac
            ;;
        *) kernels="$kernels$1$LINE" && set -- "$1" "$@" ;;
        esac
        shift 2
    done
}

check_lab() {
    [ -n "$kernels" ] || fail_usage "takes at least one kernel, such as cloud: see --help"
    [ -z "$virtual" ] || check_virtual
    [ -z "$resumed" ] || { [ -n "$virtual" ] && [ -z "$out" ]; } || fail_usage "--resume takes --virtual, and replaces --out"
    [ -z "$resumed" ] || [ -d "$resumed" ] || fail_usage "--resume: there is no directory $resumed"
    check_number --known "$known" 1 1000
    check_duration --time-limit "$time_limit" 1000 3600000
    limit_s=$((ms / 1000))
    for count in $cpus; do
        [ "$count" -le 64 ] || fail_usage "--cpus $count: guests have at most 64"
        shape "$count" >/dev/null || fail_usage "--topology $topology does not fit $count CPUs: they cannot be divided evenly"
    done
    case "$with_module $strategies" in
    1*) ;;
    *" $KQUEUE"*) fail_usage "strategies on kqueue require --module" ;;
    esac
    case $topology in
    *[!a-z0-9=,]*) fail_usage "--topology takes sockets=S,threads=T,nodes=N, not '$topology'" ;;
    esac
    printf '%s' "$sysctls" | tr ',' '\n' | grep -vx plain | grep -v -m 1 '^[a-z0-9_.-]*=..*$' >"$work/bad" || return 0
    fail_usage "--sysctl takes NAME=VALUE, not '$(cat "$work/bad")'"
}

# plan_guests OPTIONS...: writes plan, settings and servers of all guests to $asked; sets the settings that are needed here
plan_guests() {
    for name in strategies workers cpus split connections rate threads rounds window warmup instrument; do
        eval "value=\$$name"
        [ -z "$value" ] || set -- "--$name" "$value" "$@"
    done
    asked=$work/asked
    mkdir -p "$asked" || cannot_work
    "$top/${BUILD:-build}/bin/runs" plan --program "$program" --guest --into "$asked" "$@" || end_as $?
    strategies=" $(setting strategies) " && cpus=$(setting cpus) && seed=$(setting seed) || cannot_work
}

# setting NAME: of the plan; lists become space-separated
setting() {
    awk -F '\t' -v name="$1" '$1 == name && $2 != "-" { gsub(",", " ", $2); print $2 }' "$asked/settings.tsv"
}

# ---- one kernel, with one setting: a run ----

# name_of_setting: of append and sysctl, for the run's directory
name_of_setting() {
    printf '%s %s' "$append" "$sysctl" | tr -c 'a-zA-Z0-9.\n' ' ' | tr -s ' ' '-' | sed 's/^-*//;s/-*$//' | cut -c1-40
}

# trial_options CPUS: which results of a guest are valid
trial_options() {
    [ -z "$virtual" ] || { echo "--machine virtual" && return; }
    [ "$accelerator" = kvm ] && [ "$1" -le "$(nproc)" ] && echo "--machine kvm" || echo "--machine $accelerator --counts-only"
}

# make_job_of CPUS DIRECTORY
make_job_of() {
    mkdir -p "$2/job"
    printf '%s' "$sysctl" | tr ',' '\n' | sed 's/$/\n/' | grep . >"$2/job/sysctls"
    printf '%s\n' "$strategies" | tr -s ' ' ',' | sed 's/^,//;s/,$//' >"$2/job/strategies"
    awk -F '\t' -v cpus="$1" 'NR == 1 || $8 == cpus' "$out/plan.tsv" >"$2/job/plan.tsv"
    "$top/${BUILD:-build}/bin/runs" trials --cpus "$1" "$out" >"$2/job/trials" || exit 1
    awk -F '\t' 'NR > 1 && !seen[$7]++ { printf "%s%s", (n++ ? "," : ""), $7 } END { print "" }' "$2/job/plan.tsv" >"$2/job/workers"
    echo "$known" >"$2/job/connections"
    trial_options "$1" >"$2/job/trial_options"
    [ -z "$virtual" ] || : >"$2/job/symbols"
    [ -z "$with_module" ] || cp "$module" "$2/job/"
}

# ---- guests ----

# lanes: a line for each guest that may run at the same time: its CPU of this machine. A virtual-time guest needs one, and other
# processes do not affect its results; any other guest has the machine to itself.
lanes() {
    [ -n "$virtual" ] && host_cpus || echo -
}

# share_out LANES: sizes of guests, the largest first, each to the lane that has the least: "LANE TAB CPUS"
share_out() {
    # shellcheck disable=SC2086 # numbers
    printf '%s\n' $cpus | sort -rn | awk -v OFS='\t' -v lanes="$1" '
        { lane = 1; for (i = 2; i <= lanes; i++) if (sum[i] + 0 < sum[lane] + 0) lane = i; sum[lane] += $1; print lane, $1 }'
}

# key_of CPUS: a checksum of all inputs of a virtual-time guest, its initrd included, which determine its results
key_of() {
    {
        sha256sum <"$work/initrd" && sha256sum <"$image" && sha256sum <"$plugin" &&
            echo "$1 $topology $price_ps $miss_ps $upgrade_ps $quantum_ps $seed $BOOT_PARAMETERS $append $(version_of_qemu)"
    } | sha256sum | cut -c1-32
}

# keep_guest KEY: keeps the guest's results for --resume until the run is complete
keep_guest() {
    rm -rf "$work/job" "$work/initrd" "$work/results" "$base/unfinished/$1.new" && mkdir -p "$base/unfinished" &&
        cp -R "$work" "$base/unfinished/$1.new" && mv "$base/unfinished/$1.new" "$base/unfinished/$1"
}

# take_kept CPUS KEY: takes the results of a guest of the resumed run; status 1 if it has none
take_kept() {
    [ -d "$base/unfinished/$2" ] || return 1
    message "$program: $label, $1 CPUs: already done"
    cp -R "$base/unfinished/$2/." "$work/" && cp "$work/log" "$out/boot-$1.log" || fail "cannot write to $work: is the disk full?"
}

# boot_guest CPUS DIRECTORY: leaves there out/ (the results, if the guest delivered them), boots (how many), why (it failed)
boot_guest() {
    message "$program: $label, $1 CPUs"
    work=$2
    rm -rf "$work" && mkdir -p "$work" && make_job_of "$1" "$work/job" || fail "cannot write to $2: is the disk full?"
    make_job "$work/job"
    key=
    [ -z "$virtual" ] || key=$(key_of "$1")
    [ -z "$key" ] || ! take_kept "$1" "$key" || return 0
    boot_initrd "$1" "$out/boot-$1.log" "$work/out" || rm -rf "$work/out"
    echo "$boots" >"$work/boots" && printf '%s' "${why:-}" >"$work/why" || fail "cannot write to $2: is the disk full?"
    [ -z "$key" ] || [ ! -d "$work/out" ] || { cp "$out/boot-$1.log" "$work/log" && keep_guest "$key"; } || fail "cannot write to $base: is the disk full?"
}

# boot_lane LANE HOST_CPU: one guest after the other, in a shell of its own; its status is not 0 after a fatal error (full disk)
boot_lane() {
    trap 'end_guest; exit 1' TERM
    host_cpu=$2 places=$work
    while IFS=$TAB read -r lane size <&7; do
        [ "$lane" != "$1" ] || boot_guest "$size" "$places/guest-$size"
    done 7<"$work/shared_out"
}

boot_guests() {
    lanes >"$work/lanes" && count_lines "$work/lanes" && share_out "$lines" >"$work/shared_out" || cannot_work
    number=0 lane_pids=
    while read -r cpu <&6; do
        number=$((number + 1))
        boot_lane "$number" "$cpu" &
        lane_pids="$lane_pids $!"
    done 6<"$work/lanes"
    lanes_status=0
    for pid in $lane_pids; do
        wait "$pid" || lanes_status=1
    done
    lane_pids=
    [ "$lanes_status" -eq 0 ] || exit 1 # the reason has been printed; --resume reuses the complete guests
}

# end_guests: those in lanes, and the probe of find_accelerator
end_guests() {
    end_guest
    # shellcheck disable=SC2086 # numbers
    [ -z "$lane_pids" ] || kill -TERM $lane_pids 2>/dev/null
    wait
}

# append_rows FILE TO: without the header if TO has one
append_rows() {
    if [ -s "$2" ]; then tail -n +2 "$1" >>"$2"; else cp "$1" "$2"; fi
}

# take_over CPUS GUEST: adds the results of a guest to the run
take_over() {
    for file in trials.csv workers.csv; do
        [ ! -s "$2/$file" ] || append_rows "$2/$file" "$out/$file" || return 1
    done
    [ -z "$(ls "$2/hist")" ] || cp "$2"/hist/* "$out/hist/" || return 1
    cp "$2/selftest.txt" "$out/selftest-$1.txt" &&
        cp "$2/env.json" "$work/env.json" # env.json is that of the last guest, which has the most CPUs
}

# take_virtual CPUS GUEST: adds what the plugin counted. A run without a usable profile is kept.
take_virtual() {
    cp "$2/counts" "$out/virtual-$1.tsv"
    add_where "$2" || message "$program: $label, $1 CPUs: no profile of where time went: its windows do not match its trials"
}

# take_guest CPUS: a guest that failed is recorded in skipped.tsv, and the run continues
take_guest() {
    guest=$work/guest-$1
    if [ -d "$guest/out" ]; then
        take_over "$1" "$guest/out" &&
            printf '%s\t%s\t%s\n' "$1" "$(cat "$guest/boots")" "$(tr "\n" "\t" <"$guest/out/stages.txt")" >>"$out/boots.tsv" ||
            fail "cannot write to $out: is the disk full?"
        [ -z "$virtual" ] || take_virtual "$1" "$guest"
    else
        why=$(cat "$guest/why" 2>/dev/null)
        message "$program: $label, $1 CPUs: ${why:=not booted: see above}"
        printf '%s CPUs\t%s\n' "$1" "$why" >>"$out/skipped.tsv" || fail "cannot write to $out: is the disk full?"
        skipped_guests=$((skipped_guests + 1))
    fi
    rm -rf "$guest"
}

# write_environment: the guest's env.json, with the facts that only the host has
write_environment() {
    sh "${WAKEONE_ENVIRONMENT:-$top/harness/lib/environment.sh}" >"$work/host.json" &&
        jq --arg machine "$accelerator" --arg name "$name_given" --arg append "$append" --arg sysctl "$sysctl" --arg topology "$topology" \
            --arg qemu "$(version_of_qemu)" --arg cpus "$(nproc)" --argjson virtual "$(describe_virtual)" --slurpfile host "$work/host.json" '
            .machine = $machine | .host = $host[0].host | .utc = $host[0].utc | .commit = $host[0].commit | .modified = $host[0].modified |
            .lab = {kernel: $name, append: $append, sysctl: $sysctl, topology: $topology, accelerator: $machine, qemu: $qemu,
                host: {kernel: $host[0].kernel, cpus: ($cpus | tonumber)}} |
            if $virtual then .lab.virtual = $virtual else . end' "$work/env.json" >"$out/env.json"
}

# put_run: moves the complete run into place; by copy and rename, since $work may be on another file system
put_run() {
    mkdir -p "$base" && cp -R "$out" "$place.new" && mv "$place.new" "$place" && rm -rf "$out" && return
    rm -rf "$place.new"
    fail "cannot write to $base: is the disk full?"
}

# write_selftest: the selftests of all guests in one table
write_selftest() {
    {
        echo cpus,strategy,workers,expected,counted,useful,blocked,order,verdict
        for count in $cpus; do
            [ ! -f "$out/selftest-$count.txt" ] || awk -v cpus="$count" -v OFS=, '
                { sub(/in range/, "in-range") }
                NR > 1 && NF >= 8 {
                    shift = $2 == "--reverse"
                    line = cpus OFS $1 (shift ? " --reverse" : "")
                    for (i = 2; i <= 8; i++) line = line OFS $(i + shift)
                    print line
                }' \
                "$out/selftest-$count.txt"
        done
    } >"$out/selftest.csv"
    rm -f "$out"/selftest-*.txt
}

# no_guest_came: keeps the reasons and the logs beside the other runs
no_guest_came() {
    message "$program: $label: no guest reached its trials"
    lost=$((lost + 1))
    cp "$out/skipped.tsv" "$base/skipped-$release${setting:+-$setting}.tsv" && cp "$out"/boot-*.log "$base/" ||
        fail "cannot write to $base: is the disk full?"
}

# run_kernel NAME IMAGE RELEASE: a run is moved into place when it is complete; an interrupted one leaves nothing
run_kernel() {
    name_given=$1 image=$2 release=$3
    setting=$(name_of_setting)
    label=$release${setting:+ $setting}
    place=$base/$release${setting:+-$setting}
    [ -z "$resumed" ] || [ ! -d "$place" ] || { message "$program: $label: already done" && runs="$runs$place$LINE" && return; }
    [ ! -e "$place" ] || { message "$program: $label is given more than once: measured once" && return; }
    [ -z "$with_module" ] || build_module "$name_given" "$image" "$release" || { lost=$((lost + 1)) && return; }
    out=$work/run
    module=$work/module/kqueue.ko
    rm -rf "$out" && mkdir -p "$out/hist" || fail "cannot write to $work: is the disk full?"
    cp "$asked"/* "$out/" || fail "cannot write to $work: is the disk full?"
    [ -n "$accelerator" ] || find_accelerator
    boot_guests
    for count in $cpus; do
        take_guest "$count"
    done
    [ -s "$out/trials.csv" ] || { no_guest_came && return; }
    rmdir "$out/hist" 2>/dev/null # empty if only counts are valid
    write_environment && write_selftest && write_reproduce_lab || fail "cannot write to $out: is the disk full?"
    put_run
    out=$place
    "$top/${BUILD:-build}/bin/runs" conclude ${no_figures:+"$no_figures"} "$out" >"$work/tables" 2>&1 || { cat "$work/tables" >&2 && exit 1; }
    runs="$runs$place$LINE"
    message "$program: $label: $place"
}

write_reproduce_lab() {
    {
        echo "#!/bin/sh"
        echo "# Boots the same kernels again, with the same guests and trials."
        echo "# usage: reproduce.sh [CHECKOUT]"
        echo "cd \"\${1:-.}\" || exit 2"
        echo "exec ./run.sh kernels$command_line"
    } >"$out/reproduce.sh" && chmod +x "$out/reproduce.sh"
}

# each_setting: lines of "append TAB sysctl"
each_setting() {
    printf '%s' "${appends:-plain$LINE}" | while IFS= read -r append; do
        printf '%s' "${sysctls:-plain$LINE}" | while IFS= read -r sysctl; do
            printf '%s\t%s\n' "$append" "$sysctl"
        done
    done
}

run_all() {
    each_setting >"$work/settings"
    while IFS=$TAB read -r name_given image release <&4; do
        while IFS=$TAB read -r append sysctl <&5; do
            [ "$append" != plain ] || append=
            [ "$sysctl" != plain ] || sysctl=
            run_kernel "$name_given" "$image" "$release"
        done 5<"$work/settings"
    done 4<"$work/kernels"
}

# find_kernels: finds and downloads all kernels before the first one is booted
find_kernels() {
    : >"$work/kernels"
    printf '%s' "$kernels" >"$work/names"
    while IFS= read -r name_given <&4; do
        found=$(find_kernel "$name_given" </dev/null) && printf '%s\t%s\n' "$name_given" "$found" >>"$work/kernels" || lost=$((lost + 1))
    done 4<"$work/names"
    [ -s "$work/kernels" ] || exit 1
}

print_runs() {
    [ -n "$runs" ] || exit 1
    echo "Selftest (selftest.csv of each run):"
    echo
    printf '%s' "$runs" | while IFS= read -r run; do
        awk -F, -v run="$(basename "$run")" 'NR > 1 { n++; ok += $NF == "ok" } END { printf "  %s: %d of %d as expected\n", run, ok, n }' "$run/selftest.csv"
    done
    if [ "$(printf '%s' "$runs" | wc -l)" -gt 1 ]; then
        echo
        # shellcheck disable=SC2046 # the names of these runs have no spaces
        sh "$top/harness/commands/compare.sh" $(printf '%s' "$runs") --overlap --metric wakeups_per_conn --out "$base/compare" 2>"$work/messages" ||
            { cat "$work/messages" >&2 && exit 1; }
    else
        cat "$work/tables"
    fi
}

case " $* " in
*" --help "* | *" -h "*) print_help "$0" && exit 0 ;;
esac
make_work "end_guests; [ -z \"\${place:-}\" ] || rm -rf \"\$place.new\""
trap 'message "$program: interrupted${virtual:+${base:+; to continue, repeat the command with --resume $base}}"; exit 1' INT TERM HUP
command_line=$(quoted_arguments "$@")
case " $* " in
*" --virtual "*) use_virtual && virtual_defaults ;;
esac
read_options "$@"
IFS=$LINE
[ -z "$with_module" ] || strategies=$WITH_MODULE # unless --strategies names others
# shellcheck disable=SC2086 # one argument a line
set -f && set -- $engine_options && set +f
unset IFS
install_and_build "run lab${virtual:+ virtual}" all
plan_guests "$@"
check_lab
prepare_guests
if [ -n "$resumed" ]; then
    base=$(cd "$resumed" && pwd)
else
    make_base "${out:-$WAKEONE_RESULTS/kernels-$(uname -n)-$(date -u +%Y%m%dT%H%M%SZ)}"
fi
runs=
lost=0
skipped_guests=0
find_kernels
make_image
run_all
rm -rf "$base/unfinished"
print_runs >"$work/printed" || exit 1
print_results "results: $base" "$work/printed"
[ $((lost + skipped_guests)) -eq 0 ] || exit 3
