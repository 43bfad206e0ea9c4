#!/bin/sh
# claims: measure published results again on this machine: reproduced or not
#
# usage: ./run.sh claims [OPTIONS] [CLAIM...]
#
# Each CLAIM is a stanza of harness/claims/claims.txt. The default is all of them, which takes 12 minutes on 2 CPUs, and half an
# hour with guests in virtual time. Prints, and writes to RUN/claims.md, the published result with its source, the quantity
# measured here with its 95 % interval, and a verdict:
#
#   reproduced       same direction, and a size between half and twice the published one (of ratios: between
#                    square root and square), or the criterion of the stanza
#   direction only   same direction, but another size, or a setup that allows no comparison of sizes; with
#                    several parts: some of them were reproduced
#   not reproduced   no significant difference, or the opposite direction
#   not to be trusted
#                    more than a fifth of the samples of one side are invalid for a reason that may depend on the server, such as
#                    client-bound: the remaining samples are a biased selection
#   cannot run here  with the missing requirement
#
# A published result that needs more CPUs than this machine has may be measured in virtual time (docs/guests.md), in a guest with that
# many CPUs. Its verdict ends with `in virtual time` and is counted separately. The first such guest downloads its packages; if these
# are unavailable the verdict is "cannot run here". On 2 CPUs a guest of 48 CPUs takes a quarter of an hour.
#
#   --list           print the published results and their requirements
#   --rounds N       rounds of each, instead of the number in its stanza
#   --out DIR        where the results go (results/claims-<host>-<kernel>-<utc>)
#   --resume DIR     measure those of DIR that have not been measured
#   --judge DIR      measure nothing; compute the verdicts of DIR again from its samples
#   --document FILE  also write claims.md to FILE
#
# Every verdict is a result: the exit status is 3 only if a published result that can run here could not be measured, or is not to be
# trusted.
#
# example: ./run.sh claims pitchfork_skew exclusive_order

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=claims
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"
. "$top/harness/lib/serve.sh"
. "$top/harness/peers/clients.sh"
. "$top/harness/claims/measure.sh"
export WAKEONE_TOP="$top"
runs=$top/${BUILD:-build}/bin/runs
TAB=$(printf '\t')

rounds_wanted=
out=
resume=
judge=
document=
list=
wanted=
claim_pid=
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --list) list=1 && shift && continue ;;
    --rounds | --out | --resume | --judge | --document) needs_value "$1" $# ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) wanted="$wanted $1" && shift && continue ;;
    esac
    case $1 in
    --rounds) rounds_wanted=$2 ;;
    --out) out=$2 ;;
    --resume) resume=$2 ;;
    --judge) judge=$2 ;;
    --document) document=$2 ;;
    esac
    shift 2
done

# All names, in the order of the table; without `runs`, which may not have been built yet
all_claims() {
    sed -n 's/^id: *//p' "$top/harness/claims/claims.txt"
}

check_arguments() {
    for id in $wanted; do
        all_claims | grep -qxF -- "$id" || fail_usage "there is no claim '$id'; there are: $(all_claims | tr '\n' ' ')"
    done
    wanted=${wanted:-$(all_claims)}
    [ -z "$rounds_wanted" ] || check_number --rounds "$rounds_wanted" 2 10000
    given=0
    for directory in "$out" "$resume" "$judge"; do
        [ -z "$directory" ] || given=$((given + 1))
    done
    [ "$given" -le 1 ] || fail_usage "--out, --resume and --judge each name the directory: give one of them"
    for directory in "$resume" "$judge"; do
        [ -z "$directory" ] || [ -f "$directory/env.json" ] || fail_usage "$directory is not a run of claims: it has no env.json"
    done
    [ -z "$out" ] || [ ! -e "$out" ] || fail_usage "$out exists: choose another --out, or continue it with --resume"
}

# check_table: fails with one line if the table is malformed, before anything else reads it
check_table() {
    for id in $wanted; do
        "$runs" claims fields "$id" >/dev/null || end_as $?
        return
    done
}

# choose_clock: sets clock to cores or virtual: the clock of the existing samples or, without any, of the measurement to come
choose_clock() {
    clock=cores
    if [ -e "$dir/measured" ]; then
        [ ! -s "$dir/measured" ] || clock=virtual
    elif has_few_cpus && [ -n "$virtual_rounds" ]; then
        clock=virtual rounds=$virtual_rounds
    fi
}

# read_claim ID: sets a variable for each key of the stanza, and steps to its lines bench, halves and client. Its hook may redefine
# measure and derive.
read_claim() {
    id=$1
    dir=$directory/$id
    claim='' servers='' tools='' system='' cpus='' cpus_why='' rounds='' virtual_rounds='' on_cpus='' hook='' steps=''
    fields=$("$runs" claims fields "$id") || exit 1
    while IFS=$TAB read -r key value; do
        case $key in
        bench | halves | client) steps="$steps${steps:+$NEWLINE}$key $value" ;;
        *) eval "$key=\$value" ;;
        esac
    done <<END
$fields
END
    cpus_why=${cpus#* }
    cpus=${cpus%% *}
    # shellcheck disable=SC1090 # one of harness/claims
    [ -z "$hook" ] || . "$top/harness/claims/$hook"
    choose_clock
    rounds=${rounds_wanted:-$rounds}
}

# needs: prints the requirement that this machine does not meet; nothing if it can run. Guests in virtual time bring their servers.
needs() {
    [ -z "$system" ] || [ "${system%% *}" = "$(uname -s)" ] || { echo "${system%% *}: ${system#* }" && return; }
    if has_few_cpus; then
        why=
        [ "$clock" = cores ] || why=$(virtual_time_needs)
        [ "$clock" = virtual ] && [ -z "$why" ] || few_cpus "$why"
        return
    fi
    for name in $servers; do
        why=$(why_unavailable "$name") || exit 1
        [ -z "$why" ] || { echo "$name: $why" && return; }
    done
    for tool in $tools; do
        command -v "$tool" >/dev/null || { echo "$tool, which is not installed: ./run.sh setup peers installs it" && return; }
    done
}

# ---- one published result: each of these runs in a process of its own ----

# measure_claim ID: runs in the background, so that it can be sent a signal. When complete it leaves $dir/measured, which describes
# the clock if that was virtual time
measure_claim() {
    read_claim "$1"
    make_work "end_command; stop_servers"
    trap 'exit 1' INT TERM HUP
    mkdir -p "$dir" || fail "cannot write to $directory: is the disk full?"
    : >"$work/clock" && measure && cat "$work/clock" >"$dir/measured"
}

# prepare_claim ID: prints "ID TAB NEEDS" for `runs claims judge`; NEEDS is the missing requirement of a result that was not measured.
# Of a measured one it writes the derived files.
prepare_claim() (
    read_claim "$1"
    why=
    if [ -e "$dir/measured" ]; then
        derive || message "$program: the derived files of $id cannot be made: see above"
    else
        why=$(cat "$dir/needs" 2>/dev/null || needs) || exit 1
    fi
    printf '%s\t%s\n' "$id" "$why"
)

list_claims() {
    for id in $wanted; do
        (
            read_claim "$id"
            why=$(needs) || exit 1
            [ -z "$why" ] && [ "$clock" = virtual ] && where=" (in virtual time)" || where=${why:+ (cannot run here: needs $why)}
            printf '%-20s %s%s\n' "$id" "$claim" "$where"
        )
    done
}

# ---- the run ----

begin() {
    directory=${out:-$WAKEONE_RESULTS/claims-$(uname -n)-$(uname -r)-$(date -u +%Y%m%dT%H%M%SZ)}
    make_directory_for "$directory" "$directory: choose another --out"
    sh "$top/harness/lib/environment.sh" >"$directory/env.json" || fail "cannot write to $directory: is the disk full?"
}

# cannot_run ID WHY
cannot_run() {
    message "$program: $1, $number of $total: cannot run here: needs $2"
    mkdir -p "$directory/$1" && echo "$2" >"$directory/$1/needs" || fail "cannot write to $directory: is the disk full?"
}

# not_measured ID: reports the missing requirement of its guest, or the last message
not_measured() {
    [ -s "$directory/$1/needs" ] && cannot_run "$1" "$(cat "$directory/$1/needs")" ||
        message "$program: $1 could not be measured: $(tail -n 1 "$messages")"
}

measure_all() {
    number=0
    total=$(printf '%s\n' "$wanted" | wc -w)
    for id in $wanted; do
        number=$((number + 1))
        [ ! -e "$directory/$id/measured" ] || continue
        rm -f "$directory/$id/needs"
        why=$(read_claim "$id" && needs) || exit 1
        [ -z "$why" ] || { cannot_run "$id" "$why" && continue; }
        message "$program: $id, $number of $total"
        measure_claim "$id" 2>"$messages" &
        claim_pid=$!
        wait "$claim_pid" || not_measured "$id"
    done
}

# evaluate_all: writes the verdicts to $directory and the text to $work/text; sets verdict_status to 3 if a result that can run
# here could not be measured, or is not to be trusted
evaluate_all() {
    for id in $wanted; do
        prepare_claim "$id" || exit 1
    done >"$work/claims" || cannot_work
    verdict_status=0
    "$runs" claims judge "$directory" <"$work/claims" >"$work/text" || verdict_status=$?
    [ "$verdict_status" -eq 0 ] || [ "$verdict_status" -eq 3 ] || end_as "$verdict_status"
}

# The process of a measurement ends what it has started; complete measurements are kept.
interrupted() {
    trap '' INT TERM HUP
    [ -z "$claim_pid" ] || { kill -TERM "$claim_pid" 2>/dev/null; wait "$claim_pid"; }
    message "$program: interrupted: continue with --resume $directory"
    exit 1
}

check_arguments
directory=${resume:-$judge}
if [ -n "$list$judge" ]; then
    need_tools build/bin/runs build/epoll/racing # --describe of the servers prints their requirements
else
    install_and_build run all
fi
check_table
[ -z "$list" ] || { list_claims | print_out && exit 0 || exit $?; }
[ -n "$directory" ] || begin
directory=$(cd "$directory" && pwd) || exit 1
make_work ""
messages=$work/messages
trap interrupted INT TERM HUP
[ -n "$judge" ] || measure_all
evaluate_all
[ -z "$document" ] || cp "$directory/claims.md" "$document" 2>/dev/null || fail "cannot write $document"
print_results "results: $directory" "$work/text"
[ "$verdict_status" -eq 0 ] || exit "$verdict_status"
