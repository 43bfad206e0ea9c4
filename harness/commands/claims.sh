#!/bin/sh
# claims: figures that others have published, measured here: reproduced, or not
#
# usage: ./run.sh claims [OPTIONS] [CLAIM...]
#
# Each claim is a stanza of harness/claims/claims.txt. Without names all are measured: 12 minutes on 2 CPUs, and half an hour where
# guests run in virtual time. Prints, and writes to RUN/claims.md, what was published and by whom, what is measured here, the figure
# with its 95 % interval, and one of
#
#   reproduced       the direction was shown, and the size is between half and twice of the one published
#                    (of ratios: between root and square), or what the claim itself says
#   direction only   the direction was shown, the size is another, or the setting allows to compare no more;
#                    of a claim with parts, some of them were reproduced
#   not reproduced   no difference was shown, or the opposite
#   not to be trusted
#                    more than a fifth of the samples of one side are invalid for a reason that may depend on the server, such as
#                    client-bound: those that are left are a selection
#   cannot run here  and what it needs
#
# A claim about more CPUs than there are may say that it can be measured in virtual time (docs/guests.md), in a guest that has them.
# Its verdict then ends with `in virtual time`, and is counted apart. The first such guest fetches its parts; where it cannot be
# had the claim is left out as one that cannot run here. On 2 CPUs a guest of 48 takes a quarter of an hour.
#
#   --list           the claims, and what each takes
#   --rounds N       of each claim, in the place of its own number
#   --out DIR        where the results go (results/claims-<host>-<kernel>-<utc>)
#   --resume DIR     measures those of DIR that have not been measured
#   --judge DIR      measures nothing, and judges again what was measured in DIR
#   --document FILE  writes claims.md there as well
#
# A verdict is a result: the exit status is 3 only if a claim that can run here could not be measured, or is not to be trusted.
#
# example: ./run.sh claims pitchfork_skew exclusive_order

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

check_words() {
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
        [ -z "$directory" ] || [ -f "$directory/env.json" ] || fail_usage "there are no claims in $directory: it has no env.json"
    done
    [ -z "$out" ] || [ ! -e "$out" ] || fail_usage "$out exists: choose another --out, or go on with it with --resume"
}

# check_table: in one line what is wrong with it, before anything else reads it
check_table() {
    for id in $wanted; do
        "$runs" claims fields "$id" >/dev/null || end_as $?
        return
    done
}

# choose_clock: of what was measured what timed it; of what was not what will: virtual time, or the clock of the cores here
choose_clock() {
    clock=cores
    if [ -e "$dir/measured" ]; then
        [ ! -s "$dir/measured" ] || clock=virtual
    elif has_few_cpus && [ -n "$virtual_rounds" ]; then
        clock=virtual rounds=$virtual_rounds
    fi
}

# read_claim ID: sets a variable for each key of the table, and steps to its lines bench, halves and client. Defines measure and
# derive.
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

# What the claim needs and this machine has not; nothing if it can run. A guest in virtual time has servers of its own.
needs() {
    [ -z "$system" ] || [ "${system%% *}" = "$(uname -s)" ] || { echo "${system%% *}: ${system#* }" && return; }
    if has_few_cpus; then
        why=
        [ "$clock" = cores ] || why=$(lacks_virtual_time)
        [ "$clock" = virtual ] && [ -z "$why" ] || few_cpus "$why"
        return
    fi
    for name in $servers; do
        why=$(lacks "$name") || exit 1
        [ -z "$why" ] || { echo "$name: $why" && return; }
    done
    for tool in $tools; do
        command -v "$tool" >/dev/null || { echo "$tool, which is not installed: ./run.sh setup peers installs it" && return; }
    done
}

# ---- one claim: each of these runs in a process of its own ----

# measure_claim ID: in the background, so that the signal that ends it finds it; leaves $dir/measured behind if all of it was, which
# says what the clock was if it was virtual time
measure_claim() {
    read_claim "$1"
    make_work "end_command; stop_servers"
    trap 'exit 1' INT TERM HUP
    mkdir -p "$dir" || fail "cannot write to $directory: is the disk full?"
    : >"$work/clock" && measure && cat "$work/clock" >"$dir/measured"
}

# prepare_claim ID: "ID TAB NEEDS" for `runs claims judge`: of a claim that was not measured, what the machine had not where it was
# to be measured. Of others the files that are derived.
prepare_claim() (
    read_claim "$1"
    why=
    if [ -e "$dir/measured" ]; then
        derive || say "$program: what $id takes cannot be derived from its files: see above"
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
    say "$program: $1, $number of $total: cannot run here: needs $2"
    mkdir -p "$directory/$1" && echo "$2" >"$directory/$1/needs" || fail "cannot write to $directory: is the disk full?"
}

# not_measured ID: whose guest cannot be had says what it needs
not_measured() {
    [ -s "$directory/$1/needs" ] && cannot_run "$1" "$(cat "$directory/$1/needs")" ||
        say "$program: $1 could not be measured: $(tail -n 1 "$said")"
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
        say "$program: $id, $number of $total"
        measure_claim "$id" 2>"$said" &
        claim_pid=$!
        wait "$claim_pid" || not_measured "$id"
    done
}

# judge_all: the verdicts into $directory, the text into $work/text; sets judged to 3 where a claim that can run could not be
# measured, or is not to be trusted
judge_all() {
    for id in $wanted; do
        prepare_claim "$id" || exit 1
    done >"$work/claims" || cannot_work
    judged=0
    "$runs" claims judge "$directory" <"$work/claims" >"$work/text" || judged=$?
    [ "$judged" -eq 0 ] || [ "$judged" -eq 3 ] || end_as "$judged"
}

# Who measures a claim ends what it has started; the claims that were measured stay.
interrupted() {
    trap '' INT TERM HUP
    [ -z "$claim_pid" ] || { kill -TERM "$claim_pid" 2>/dev/null; wait "$claim_pid"; }
    say "$program: interrupted: go on with --resume $directory"
    exit 1
}

check_words
directory=${resume:-$judge}
if [ -n "$list$judge" ]; then
    need_tools build/bin/runs build/epoll/racing # servers say what they need
else
    install_and_build run all
fi
check_table
[ -z "$list" ] || { list_claims | print_out && exit 0 || exit $?; }
[ -n "$directory" ] || begin
directory=$(cd "$directory" && pwd) || exit 1
make_work ""
said=$work/said
trap interrupted INT TERM HUP
[ -n "$judge" ] || measure_all
judge_all
[ -z "$document" ] || cp "$directory/claims.md" "$document" 2>/dev/null || fail "cannot write $document"
print_results "results: $directory" "$work/text"
[ "$judged" -eq 0 ] || exit "$judged"
