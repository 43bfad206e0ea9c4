#!/bin/sh
# kernels: any kernels side by side, with up to 64 CPUs, in guests on this machine
#
# usage: ./run.sh kernels [OPTIONS] KERNEL...
#
# A KERNEL is a Debian package or version (6.1.0-56-cloud-amd64), the beginning of a version (6.12), a flavour (cloud, rt,
# generic), one of these from another suite (sid:cloud), or the path of a bzImage. Packages are fetched and unpacked under
# build/lab, never installed. Each kernel is booted once for each number of CPUs, with the same programs: known answers
# first (./run.sh selftest), then the trials. Each has a run of its own, and they are compared.
#
#   --cpus LIST         of the guest (2,4,8,16)
#   --strategies LIST   (racing,wakeone,fdpass,mutex)
#   --workers LIST      also per CPU (1/cpu)
#   --append WORDS      for the kernel's command line; `plain` = none. Given several times: each, side by side
#   --sysctl LIST       NAME=VALUE,...; plain = none. Given several times: each, side by side
#   --topology WORDS    sockets=S,threads=T,nodes=N of the guest's CPUs (one socket, one thread a core, one node)
#   --module            build the module of kernel/kqueue for each kernel, load it, and measure kqueue beside epoll: the
#                       strategies kqueue-racing, kqueue-wakeone, and -fifo, -lifo, -rotate (or those that --strategies names)
#   --virtual           in virtual time, of arm64 guests (docs/guests.md): throughput and latency are those of a machine that has
#                       these CPUs, however few this one has. Other defaults: --workers 2/cpu --connections 1/2cpu --threads auto
#                       --split half --window 50ms --warmup 50ms --instrument ctxsw; kernels are trixie's unless a suite is named
#   --prices NAME       with --virtual: what an instruction and a cache line take: flat (lines cost nothing), or those of a machine
#                       in harness/lab/prices.tsv (flat)
#   --price NS          with --virtual: of an instruction (1)
#   --miss NS           with --virtual: of reading a cache line that another CPU wrote last (0)
#   --upgrade NS        with --virtual: of writing to a cache line that others have read (as --miss)
#   --quantum D         how far one CPU's clock may be beyond the others', with --virtual (0.5us)
#   --resume DIR        with --virtual, the same words again, and DIR in the place of --out: guests that were done when it was
#                       interrupted are not booted again
#   --known N           connections of the known answers (40)
#   --time-limit D      for one guest (10m)
#   --rate, --arrivals, --rounds, --window, --warmup, --seed, --instrument, --connections, --requests-per-connection, --threads,
#   --split, --load, --also, --reference, --out, --no-figures
#                       as of bench (--rate 40 --rounds 1 --window 1s --instrument auto; results/kernels-<host>-<utc>)
#
# Where a guest has more CPUs than this machine, or they are emulated, only counts are told: wakeups, what became of them,
# order, shares. Throughput and latency stay empty, and figures show such points as counted.
#
# example: ./run.sh kernels cloud rt --cpus 2..16x2

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

# quoted_words WORDS...: for a script that does the same again, but for --out, where its runs are already
quoted_words() {
    while [ $# -gt 0 ]; do
        { [ "$1" != --out ] && [ "$1" != --resume ]; } || { shift $(($# > 1 ? 2 : 1)) && continue; }
        printf " '%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
        shift
    done
}

# read_words WORDS...: its own are taken, and the engine's left in `words`, one a line
OWN_OPTIONS=" --append --resume --sysctl --topology --known --time-limit --prices --price --miss --upgrade --quantum --out "
PLAN_OPTIONS=" --strategies --reference --also --workers --cpus --split --connections --rate --arrivals --requests-per-connection \
--threads --load --rounds --window --warmup --instrument --seed "
read_words() {
    words=
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
        --virtual) set -- "$1" "$@" ;; # was taken before
        --connections) rate='' && words=$words$1$LINE$2$LINE ;;
        --peers | --wire | --precision | --max-time) fail_usage "$1 is not for guests: see --help" ;;
        -*)
            words=$words$1$LINE
            case $PLAN_OPTIONS in
            *" $1 "*) words=$words$2$LINE ;;
            *) set -- "$1" "$@" ;; # a flag: nothing behind it is its value
            esac
            ;;
        *) kernels="$kernels$1$LINE" && set -- "$1" "$@" ;;
        esac
        shift 2
    done
}

check_lab() {
    [ -n "$kernels" ] || fail_usage "name a kernel at least, such as cloud: see --help"
    [ -z "$virtual" ] || check_virtual
    [ -z "$resumed" ] || { [ -n "$virtual" ] && [ -z "$out" ]; } || fail_usage "--resume is for guests in virtual time, in the place of --out"
    [ -z "$resumed" ] || [ -d "$resumed" ] || fail_usage "--resume: there is no directory $resumed"
    check_number --known "$known" 1 1000
    check_duration --time-limit "$time_limit" 1000 3600000
    limit_s=$((ms / 1000))
    for count in $cpus; do
        [ "$count" -le 64 ] || fail_usage "--cpus $count: guests have 64 at most"
        shape "$count" >/dev/null || fail_usage "--topology $topology does not go with $count CPUs: they cannot be shared out evenly"
    done
    case "$with_module $strategies" in
    1*) ;;
    *" $KQUEUE"*) fail_usage "strategies on kqueue take --module" ;;
    esac
    case $topology in
    *[!a-z0-9=,]*) fail_usage "--topology takes sockets=S,threads=T,nodes=N, not '$topology'" ;;
    esac
    printf '%s' "$sysctls" | tr ',' '\n' | grep -vx plain | grep -v -m 1 '^[a-z0-9_.-]*=..*$' >"$work/bad" || return 0
    fail_usage "--sysctl takes NAME=VALUE, not '$(cat "$work/bad")'"
}

# plan_guests OPTIONS...: plan, settings and servers of all guests, in $asked; sets those of the settings that are needed here
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

# setting NAME: of the plan, a list space-separated
setting() {
    awk -F '\t' -v name="$1" '$1 == name && $2 != "-" { gsub(",", " ", $2); print $2 }' "$asked/settings.tsv"
}

# ---- one kernel, with one setting: a run ----

# name_of_setting: of append and sysctl, for the run's directory
name_of_setting() {
    printf '%s %s' "$append" "$sysctl" | tr -c 'a-zA-Z0-9.\n' ' ' | tr -s ' ' '-' | sed 's/^-*//;s/-*$//' | cut -c1-40
}

# words_for_trial CPUS: what may be told of a guest
words_for_trial() {
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
    words_for_trial "$1" >"$2/job/trial_words"
    [ -z "$virtual" ] || : >"$2/job/symbols"
    [ -z "$with_module" ] || cp "$module" "$2/job/"
}

# ---- guests ----

# lanes: a line for each guest that may run beside others: the CPU of this machine that it has. A virtual-time guest takes one,
# and what else runs changes nothing of what is measured in it; any other has the machine to itself.
lanes() {
    [ -n "$virtual" ] && host_cpus || echo -
}

# share_out LANES: sizes of guests, the largest first, each to the lane that has the least: "LANE TAB CPUS"
share_out() {
    # shellcheck disable=SC2086 # numbers
    printf '%s\n' $cpus | sort -rn | awk -v OFS='\t' -v lanes="$1" '
        { lane = 1; for (i = 2; i <= lanes; i++) if (sum[i] + 0 < sum[lane] + 0) lane = i; sum[lane] += $1; print lane, $1 }'
}

# key_of CPUS: of all that a virtual-time guest is made of, its initrd included, and so of all that comes out of it
key_of() {
    {
        sha256sum <"$work/initrd" && sha256sum <"$image" && sha256sum <"$plugin" &&
            echo "$1 $topology $price_ps $miss_ps $upgrade_ps $quantum_ps $seed $BOOT_WORDS $append $(version_of_qemu)"
    } | sha256sum | cut -c1-32
}

# keep_guest KEY: what came out of it, until the run is whole: --resume takes it from there
keep_guest() {
    rm -rf "$work/job" "$work/initrd" "$work/results" "$base/unfinished/$1.new" && mkdir -p "$base/unfinished" &&
        cp -R "$work" "$base/unfinished/$1.new" && mv "$base/unfinished/$1.new" "$base/unfinished/$1"
}

# take_kept CPUS KEY: whether that guest was booted by what is resumed, and if so, what came out of it
take_kept() {
    [ -d "$base/unfinished/$2" ] || return 1
    say "$program: $label, $1 CPUs: is there already"
    cp -R "$base/unfinished/$2/." "$work/" && cp "$work/log" "$out/boot-$1.log" || fail "cannot write to $work: is the disk full?"
}

# boot_guest CPUS PLACE: leaves in PLACE out/ (what came; nothing if none did), boots, why (it did not)
boot_guest() {
    say "$program: $label, $1 CPUs"
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

# boot_lane LANE HOST_CPU: one guest after the other, in a shell of its own. Its status is not 0 where it cannot go on (a full disk).
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
    [ "$lanes_status" -eq 0 ] || exit 1 # it has reported why; --resume has the guests that were done
}

# end_guests: those in lanes, and the one that find_accelerator looks with
end_guests() {
    end_guest
    # shellcheck disable=SC2086 # numbers
    [ -z "$lane_pids" ] || kill -TERM $lane_pids 2>/dev/null
    wait
}

# append_rows FILE TO: without the header, where TO has one
append_rows() {
    if [ -s "$2" ]; then tail -n +2 "$1" >>"$2"; else cp "$1" "$2"; fi
}

# take_over CPUS GUEST: what came out of a guest, into the run
take_over() {
    for file in trials.csv workers.csv; do
        [ ! -s "$2/$file" ] || append_rows "$2/$file" "$out/$file" || return 1
    done
    [ -z "$(ls "$2/hist")" ] || cp "$2"/hist/* "$out/hist/" || return 1
    cp "$2/selftest.txt" "$out/selftest-$1.txt" &&
        cp "$2/env.json" "$work/env.json" # of the last, which has the most CPUs
}

# take_virtual CPUS GUEST: what its machine counted. Where time went is not worth a run.
take_virtual() {
    cp "$2/counts" "$out/virtual-$1.tsv"
    add_where "$2" || say "$program: $label, $1 CPUs: where time went is not known: its windows are not those of its trials"
}

# take_guest CPUS: a size that cannot be had is marked, and the rest goes on
take_guest() {
    guest=$work/guest-$1
    if [ -d "$guest/out" ]; then
        take_over "$1" "$guest/out" &&
            printf '%s\t%s\t%s\n' "$1" "$(cat "$guest/boots")" "$(tr "\n" "\t" <"$guest/out/stages.txt")" >>"$out/boots.tsv" ||
            fail "cannot write to $out: is the disk full?"
        [ -z "$virtual" ] || take_virtual "$1" "$guest"
    else
        why=$(cat "$guest/why" 2>/dev/null)
        say "$program: $label, $1 CPUs: ${why:=it was not booted: see above}"
        printf '%s CPUs\t%s\n' "$1" "$why" >>"$out/skipped.tsv" || fail "cannot write to $out: is the disk full?"
        skipped_guests=$((skipped_guests + 1))
    fi
    rm -rf "$guest"
}

# What the guest says of itself, and what it cannot know, which the host does
write_environment() {
    sh "${WAKEONE_ENVIRONMENT:-$top/harness/lib/environment.sh}" >"$work/host.json" &&
        jq --arg machine "$accelerator" --arg word "$word" --arg append "$append" --arg sysctl "$sysctl" --arg topology "$topology" \
            --arg qemu "$(version_of_qemu)" --arg cpus "$(nproc)" --argjson virtual "$(describe_virtual)" --slurpfile host "$work/host.json" '
            .machine = $machine | .host = $host[0].host | .utc = $host[0].utc | .commit = $host[0].commit | .modified = $host[0].modified |
            .lab = {kernel: $word, append: $append, sysctl: $sysctl, topology: $topology, accelerator: $machine, qemu: $qemu,
                host: {kernel: $host[0].kernel, cpus: ($cpus | tonumber)}} |
            if $virtual then .lab.virtual = $virtual else . end' "$work/env.json" >"$out/env.json"
}

# put_run: where it belongs, whole or not at all: it may come from another file system
put_run() {
    mkdir -p "$base" && cp -R "$out" "$place.new" && mv "$place.new" "$place" && rm -rf "$out" && return
    rm -rf "$place.new"
    fail "cannot write to $base: is the disk full?"
}

# The known answers of all guests, in one table
write_known_answers() {
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

# Why is kept, and the logs, beside the runs of the others.
no_guest_came() {
    say "$program: $label: no guest came to its trials"
    lost=$((lost + 1))
    cp "$out/skipped.tsv" "$base/skipped-$release${setting:+-$setting}.tsv" && cp "$out"/boot-*.log "$base/" ||
        fail "cannot write to $base: is the disk full?"
}

# run_kernel WORD IMAGE RELEASE: a run is put in place when it is whole; what was interrupted leaves none
run_kernel() {
    word=$1 image=$2 release=$3
    setting=$(name_of_setting)
    label=$release${setting:+ $setting}
    place=$base/$release${setting:+-$setting}
    [ -z "$resumed" ] || [ ! -d "$place" ] || { say "$program: $label: is there already" && runs="$runs$place$LINE" && return; }
    [ ! -e "$place" ] || { say "$program: $label is there twice: left out the second time" && return; }
    [ -z "$with_module" ] || build_module "$word" "$image" "$release" || { lost=$((lost + 1)) && return; }
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
    rmdir "$out/hist" 2>/dev/null # of counts alone there are none
    write_environment && write_known_answers && write_reproduce_lab || fail "cannot write to $out: is the disk full?"
    put_run
    out=$place
    "$top/${BUILD:-build}/bin/runs" conclude ${no_figures:+"$no_figures"} "$out" >"$work/tables" 2>&1 || { cat "$work/tables" >&2 && exit 1; }
    runs="$runs$place$LINE"
    say "$program: $label: $place"
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
    while IFS=$TAB read -r word image release <&4; do
        while IFS=$TAB read -r append sysctl <&5; do
            [ "$append" != plain ] || append=
            [ "$sysctl" != plain ] || sysctl=
            run_kernel "$word" "$image" "$release"
        done 5<"$work/settings"
    done 4<"$work/kernels"
}

# Finds and fetches all of them before the first is booted
find_kernels() {
    : >"$work/kernels"
    printf '%s' "$kernels" >"$work/words"
    while IFS= read -r word <&4; do
        found=$(find_kernel "$word" </dev/null) && printf '%s\t%s\n' "$word" "$found" >>"$work/kernels" || lost=$((lost + 1))
    done 4<"$work/words"
    [ -s "$work/kernels" ] || exit 1
}

tell() {
    [ -n "$runs" ] || exit 1
    echo "Known answers (selftest.csv of each run):"
    echo
    printf '%s' "$runs" | while IFS= read -r run; do
        awk -F, -v run="$(basename "$run")" 'NR > 1 { n++; ok += $NF == "ok" } END { printf "  %s: %d of %d as expected\n", run, ok, n }' "$run/selftest.csv"
    done
    if [ "$(printf '%s' "$runs" | wc -l)" -gt 1 ]; then
        echo
        # shellcheck disable=SC2046 # no run here has a blank in its name
        sh "$top/harness/commands/compare.sh" $(printf '%s' "$runs") --overlap --metric wakeups_per_conn --out "$base/compare" 2>"$work/said" ||
            { cat "$work/said" >&2 && exit 1; }
    else
        cat "$work/tables"
    fi
}

case " $* " in
*" --help "* | *" -h "*) print_help "$0" && exit 0 ;;
esac
make_work "end_guests; [ -z \"\${place:-}\" ] || rm -rf \"\$place.new\""
trap 'say "$program: interrupted${virtual:+${base:+; the same with --resume $base goes on}}"; exit 1' INT TERM HUP
command_line=$(quoted_words "$@")
case " $* " in
*" --virtual "*) use_virtual && virtual_defaults ;;
esac
read_words "$@"
IFS=$LINE
[ -z "$with_module" ] || strategies=$WITH_MODULE # unless --strategies says others
# shellcheck disable=SC2086 # words one a line
set -f && set -- $words && set +f
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
tell >"$work/printed" || exit 1
print_results "results: $base" "$work/printed"
[ $((lost + skipped_guests)) -eq 0 ] || exit 3
