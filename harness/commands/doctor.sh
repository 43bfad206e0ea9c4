#!/bin/sh
# doctor: check whether this machine is fit to measure on, and how each finding affects results
#
# usage: ./run.sh doctor [OPTIONS]
#
#   --address A  checks the network card with this address as well, which a server is to listen on
#   --json       the checks as JSON: name, status, value, effect, fix
#   --fix        show the command of each warning that has one, ask, and run it on y only; requires root
#   --undo FILE  with --fix: write the commands that restore the old values to FILE
#                (results/doctor-undo-<utc>.sh)
#
# Prints one line per check: ok, warning, or unknown if the machine does not expose the value. A warning is
# followed by its effect on results and by its fix. Nothing is changed without --fix and a y. The undo
# command of a change is written before the change is made. env.json of each run has the same facts. Exit
# status 3 if there are warnings.
#
# example: ./run.sh doctor --fix --undo /root/undo.sh

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=doctor
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/plain.sh"
. "$top/harness/doctor/facts.sh"
. "$top/harness/doctor/changes.sh"

json=
fix=
undo=
address=
with_address=
read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
        --help | -h) print_help "$top/harness/commands/doctor.sh" && exit 0 ;;
        --json) json=1 && shift ;;
        --fix) fix=1 && shift ;;
        --undo) needs_value "$1" $# && undo=$2 && shift 2 ;;
        --address) needs_value "$1" $# && address=$2 with_address=1 && shift 2 ;;
        *) fail_usage "there is no option '$1': see --help" ;;
        esac
    done
    [ -z "$undo" ] || [ -n "$fix" ] || fail_usage "--undo requires --fix"
    [ -z "$json" ] || [ -z "$fix" ] || fail_usage "--json and --fix exclude each other"
}

# check_address: whether an interface has it
check_address() {
    command -v ip >/dev/null || fail "--address requires ip: apt-get install iproute2"
    case $address in
    '' | *[!0-9A-Fa-f.:]*) fail_usage "--address: '$(printf %s "$address" | printable 40)' is not an IP address" ;;
    esac
    read_nic "$address" || fail_usage "--address: no interface has $address: see 'ip address'"
}

# Checked before the first question.
check_fix() {
    [ "$(id -u)" -eq 0 ] || fail_usage "--fix requires root"
    [ "$undo" ] || make_directory_for "$WAKEONE_RESULTS" "$WAKEONE_RESULTS: choose another --undo"
    undo=${undo:-$WAKEONE_RESULTS/doctor-undo-$(date -u +%Y%m%dT%H%M%SZ).sh}
    [ ! -e "$undo" ] || fail_usage "$undo exists: choose another --undo"
    [ -w "$(dirname "$undo")" ] || fail_usage "cannot write to $(dirname "$undo"): choose another --undo"
}

# each_check FUNCTION: calls it with status, name, effect, change and value of each
each_check() {
    while IFS=$tab read -r status name effect change value <&3; do
        "$1" "$status" "$name" "$effect" "$change" "$value"
    done 3<<END
$checks
END
}

print_check() {
    printf '%-8s %-21s %s\n' "$1" "$2" "${5:-cannot be read}"
    [ "$1" != warning ] || printf '%11s%s\n' '' "$3" '' "$(command_of "$4")"
}

print_checks() {
    each_check print_check
    echo "$(count ok) ok, $(count warning) warnings, $(count unknown) unknown"
}

print_lines() {
    fix_of=
    [ "$1" != warning ] || fix_of=$(command_of "$4")
    printf '%s\t%s\t%s\t%s\t%s\n' "$2" "$1" "$5" "$3" "$fix_of"
}

print_json() {
    command -v jq >/dev/null || fail "--json requires jq: apt-get install jq"
    each_check print_lines | jq -Rn '
        def known: if . == "" then null else . end;
        [inputs | split("\t") | {name: .[0], status: .[1], value: (.[2] | known)} +
            if .[1] == "warning" then {effect: .[3], fix: .[4]} else {effect: null, fix: null} end]'
}

# count STATUS
count() {
    printf '%s\n' "$checks" | grep -c "^$1$tab"
}

# ---- changing ----

fixed=0
status_of_fix=0

# ask COMMAND: end of file on standard input means no
ask() {
    printf '%s\nrun it? [y/N] ' "$1" >&2
    answer=
    read -r answer
    [ -t 0 ] || message "$answer"
    case $answer in
    y | Y) return 0 ;;
    esac
    return 1
}

begin_undo() {
    [ ! -e "$undo" ] || return 0
    cat >"$undo" <<END && chmod +x "$undo"
#!/bin/sh
# Puts back what ./run.sh doctor --fix changed on $(uname -n), $(date -u +%Y-%m-%dT%H:%M:%SZ).
failed=0
trap 'exit \$failed' EXIT
END
}

# The undo command is written before the change is made, and signals are ignored in between.
offer() {
    [ "$1" = warning ] && can_change "$4" || return 0
    message "$2: $3"
    ask "$(command_of "$4")" || return 0
    trap '' INT TERM HUP
    begin_undo && undo_of "$4" >>"$undo" || fail "cannot write $undo: $2 is unchanged"
    if make_change "$4"; then
        fixed=$((fixed + 1))
    else
        status_of_fix=1
    fi
    trap 'exit 1' INT TERM HUP
}

fix_all() {
    trap 'exit 1' INT TERM HUP
    at_exit "[ ! -e \"\$undo\" ] || message \"\$program: to put the old values back: \$undo\""
    each_check offer
    [ "$status_of_fix" -eq 0 ] || exit 1
}

# ---- main ----

read_options "$@"
[ -z "$fix" ] || check_fix
[ -z "$with_address" ] || check_address
checks=$(checked_facts) || fail "some checks failed: see above"
if [ -n "$json" ]; then
    document=$(print_json) || exit 1
else
    document=$(print_checks) || exit 1
fi
printf '%s\n' "$document" | print_out || exit $?
[ -z "$fix" ] || fix_all
[ "$(count warning)" -eq "$fixed" ] || exit 3
