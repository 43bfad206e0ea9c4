# Shared by run.sh and all commands. Sourced with $top set to the checkout.
# shellcheck shell=sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

# Exit statuses of all commands: 0 done, 1 failed, 2 usage error, 3 done, but the result is not to be trusted.

program=${program:-run.sh}

# An installed copy has a list of its files (installed). It installs and builds nothing; its programs are in build/.
is_checkout() {
    [ ! -f "$top/installed" ]
}

# Where results go without --out (run.sh --help).
if ! is_checkout; then
    unset BUILD
    export WAKEONE_RESULTS="${WAKEONE_RESULTS:-}" # also read by runs
    if [ -z "$WAKEONE_RESULTS" ]; then
        WAKEONE_RESULTS=${XDG_STATE_HOME:-${HOME:-}/.local/state}/wakeone
        [ -e results ] && writable=results || writable=.
        [ ! -w "$writable" ] || WAKEONE_RESULTS=$PWD/results
    fi
fi
WAKEONE_RESULTS=${WAKEONE_RESULTS:-$top/results}

# Numbers are written and read with a decimal point, and names sort the same, whatever the user's locale.
export LC_ALL=C

# nproc(1) reports these instead of the number of CPUs.
unset OMP_NUM_THREADS OMP_THREAD_LIMIT

# A caller may have closed a standard descriptor: the next file that is opened would get its number. Opened for reading, so
# that a write to it fails as before.
{ true 3<&0; } 2>/dev/null || exec </dev/null
{ true 3>&1; } 2>/dev/null || exec 1</dev/null
true 3>&2 || exec 2</dev/null # without 2>, which would open it

# Ignore SIGXFSZ, here and in child processes: a file at its size limit (ulimit -f) is then an error like a full disk.
trap '' XFSZ

# Without a trap, a shell that is killed by SIGPIPE (`| head -1`) does not run its trap on EXIT.
trap 'exit 141' PIPE

message() {
    printf '%s\n' "$*" >&2
}

fail() {
    message "$program: $*"
    exit 1
}

fail_usage() {
    message "$program: $*"
    end_as 2
}

# end_as STATUS: exit with the status of a program that has already printed the reason
end_as() {
    is_reported=1
    exit "$1"
}

# at_exit COMMANDS: run when this shell ends. Its exit status is then one of those above. Status 2 is kept only if it was reported
# as a usage error, because dash also exits with 2 if it cannot fork or a variable is unset. Other statuses of programs (127:
# not found) become 1.
at_exit() {
    # shellcheck disable=SC2064,SC2154 # now: the commands are the caller's
    trap "ended=\$?
[ \$ended -ne 2 ] || [ \"\$is_reported\" ] || end_without_process
$1
end_with \$ended" EXIT
}
is_reported=
at_exit ""

end_with() {
    [ "$1" -le 3 ] || [ "$1" -gt 128 ] && [ "$1" -lt 160 ] || exit 1
    exit "$1"
}

# If no process can be started, rm replaces the shell. $work is given twice, so that rm fails.
end_without_process() {
    message "$program: the shell failed: see above; if it cannot fork, 'ulimit -u' or pids.max allows no more processes"
    [ -z "${work:-}" ] || exec rm -r "$work" "$work" 2>/dev/null
    exit 1
}

# make_work COMMANDS: sets work to a temporary directory with at least 64 KiB of space. At exit it is removed, after the commands.
make_work() {
    work=
    at_exit "[ -z \"\$work\" ] || rm -rf \"\$work\""
    work=$(mktemp -d 2>/dev/null) && { printf '%65536s' '' >"$work/room"; } 2>/dev/null && rm "$work/room" ||
        fail "cannot make a temporary directory with 64 KiB of space in ${TMPDIR:-/tmp}: free some space, or set TMPDIR to another directory"
    [ -z "$1" ] || at_exit "$1; rm -rf \"\$work\""
}

cannot_work() {
    fail "cannot make a file in ${work%/*}: see above; if it is full, set TMPDIR to another directory"
}

# count_lines FILE: sets lines
count_lines() {
    lines=$(wc -l <"$1") && [ "$lines" ] || fail "cannot count the lines of $1: see above"
}

# make_directory_for DIRECTORY ADVICE: a path that cannot be created is a usage error, a full disk is not
make_directory_for() {
    why=$(mkdir -p "$1" 2>&1) && return
    case $why in
    *'ermission denied'* | *exists* | *'ot a directory'* | *'ead-only'* | *'too long'* | *'not permitted'* | *'o such file'* | *'symbolic links'*)
        fail_usage "cannot make the directory $2" ;;
    esac
    fail "cannot make the directory $1: ${why##*: }"
}

# print_out [FILE...]: copies the files, or standard input, to standard output; exits with 1 if it cannot be written, and
# silently with 141 (SIGPIPE) if its reader has ended. Commands print results only through this function. As the last command
# of a pipeline it exits only the pipeline's subshell: `make_table | print_out || exit $?`.
print_out() {
    { unprinted=$(cat "$@" 2>&1 >&3); } 3>&1 && return 0
    [ $? -ne 141 ] || exit 141
    [ $# -gt 0 ] || cat >/dev/null # no SIGPIPE for the writer of this pipe
    fail "cannot write standard output: ${unprinted##*: }"
}

# print_results MESSAGE FILE...: print_out, then the message on stderr (where the results are), even if print_out fails
print_results() {
    where_results_are=$1
    shift
    printed=0
    (print_out "$@") || printed=$?
    message "$where_results_are"
    [ "$printed" -eq 0 ] || exit "$printed"
}

# The opening comment of a command is its help text.
print_help() {
    sed -n '2,${/^#/!q;s/^# \{0,1\}//;p;}' "$1" | print_out || exit $?
}

# ---- arguments are checked without starting a process: a failed fork must not be reported as a usage error ----

# needs_value OPTION COUNT: fails if the option is the last argument.
needs_value() {
    [ "$2" -ge 2 ] || fail_usage "$1 takes an argument: see --help"
}

is_number() {
    case $1 in
    '' | *[!0-9]* | ??????????*) return 1 ;;
    esac
}

# check_number OPTION VALUE LOW HIGH
check_number() {
    is_number "$2" && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] ||
        fail_usage "$1 takes a whole number from $3 to $4, not '$2'"
}

# decimal DIGITS: sets number, without leading zeros, which would make it octal
decimal() {
    number=${1#"${1%%[!0]*}"}
    number=${number:-0}
}

# spaced LIST: sets spaced to the comma-separated list, space-separated
spaced() {
    spaced=
    commas=$1,
    while [ "$commas" ]; do
        spaced=$spaced${spaced:+ }${commas%%,*}
        commas=${commas#*,}
    done
}

# check_names OPTION WHAT LIST KNOWN: sets list to the names of a comma-separated LIST, space-separated; `all` is all of KNOWN
check_names() {
    spaced "$3"
    [ "$3" != all ] || spaced=$4
    list=
    wanted="$spaced "
    while [ "$wanted" ]; do
        name=${wanted%% *}
        wanted=${wanted#* }
        [ "$name" ] || continue
        case " $4 " in
        *" $name "*) list="$list${list:+ }$name" ;;
        *) fail_usage "there is no $2 '$name'; there are: $4" ;;
        esac
    done
    [ -n "$list" ] || fail_usage "$1 takes names, not an empty list"
}

# option_variable OPTION: the name of its variable: max_time for --max-time
option_variable() {
    name=${1#--}
    while [ "$name" != "${name#*-}" ]; do
        name=${name%%-*}_${name#*-}
    done
    echo "$name"
}

# read_numbers "NAME:LOW:HIGH ..." OPTION VALUE...: reads the options --NAME of a script that has no others; each
# sets the variable of its name
read_numbers() {
    known=$1
    shift
    while [ $# -gt 0 ]; do
        needs_value "$1" $#
        limits=
        for option in $known; do
            [ "--${option%%:*}" != "$1" ] || limits=${option#*:}
        done
        [ "$limits" ] || fail_usage "there is no option '$1'"
        check_number "$1" "$2" "${limits%:*}" "${limits#*:}"
        eval "$(option_variable "$1")=\$2"
        shift 2
    done
}

# milliseconds DURATION: sets ms to a whole number; fails if it is not a duration, or less than 1 ms
milliseconds() {
    case $1 in
    *ms) unit=1 ms=${1%ms} ;;
    *s) unit=1000 ms=${1%s} ;;
    *m) unit=60000 ms=${1%m} ;;
    *) return 1 ;;
    esac
    part=
    case $ms in
    *.*)
        part=${ms#*.}
        case $part in
        '' | *[!0-9]*) return 1 ;;
        esac
        ;;
    esac
    is_number "${ms%%.*}" || return 1
    decimal "${ms%%.*}" && ms=$((number * unit))
    part=${part}000000
    decimal "${part%"${part#??????}"}" && part=$((number * unit)) # millionths
    [ "$ms" -gt 0 ] || [ "$part" -ge 1000000 ] || return 1
    ms=$((ms + (part + 500000) / 1000000))
}

# check_duration OPTION VALUE LOW_MS HIGH_MS: sets ms
check_duration() {
    milliseconds "$2" && [ "$ms" -ge "$3" ] && [ "$ms" -le "$4" ] ||
        fail_usage "$1 takes a duration such as 500ms, 1s or 2m, from $3ms to $4ms, not '$2'"
}

LIST_MOST=1000

# expand_range FIRST..LAST[xFACTOR|+STEP]: adds to numbers
expand_range() {
    last=${1#*..} sign=+ step=1
    case $last in
    *[x+]*)
        step=${last#*[x+]}
        sign=${last%"$step"} sign=${sign#"${sign%?}"}
        last=${last%%[x+]*}
        ;;
    esac
    is_number "${1%%..*}" && is_number "$last" && is_number "$step" || return 1
    decimal "$last" && last=$number
    decimal "$step" && step=$number
    decimal "${1%%..*}"
    [ "$last" -ge "$number" ] && [ "$step" -ge 1 ] || return 1
    [ "$sign" = + ] || { [ "$step" -ge 2 ] && [ "$number" -ge 1 ]; } || return 1
    while [ "$number" -le "$last" ]; do
        [ $((count += 1)) -le $LIST_MOST ] || return 1
        numbers="$numbers $number"
        [ "$sign" = + ] && number=$((number + step)) || number=$((number * step))
    done
}

# expand LIST: sets numbers to those of "2,8", the ranges "2..5", "2..10+4", "2..64x2", and "4/cpu", "1/2cpu" (one per two
# CPUs); fails if it is not such a list
expand() {
    numbers=
    count=0
    items=$1,
    while [ "$items" ]; do
        item=${items%%,*}
        items=${items#*,}
        case $item in
        *..*) expand_range "$item" || return 1 ;;
        *)
            per= # the suffix of a number per CPU
            case $item in
            */cpu | */[2-9]cpu) per=/${item#*/} ;;
            esac
            is_number "${item%"$per"}" && [ $((count += 1)) -le $LIST_MOST ] || return 1
            decimal "${item%"$per"}"
            [ -z "$per" ] || [ "$number" -ge 1 ] || return 1
            numbers="$numbers $number$per"
            ;;
        esac
    done
    numbers=${numbers# }
}

# expand_or_die OPTION LIST LOW HIGH [per-cpu]: sets numbers; with per-cpu also such as 4/cpu and 1/2cpu
expand_or_die() {
    expand "$2" || fail_usage "$1 takes a list such as 2,8 or 2..64x2, not '$2'"
    seen=" "
    for number in $numbers; do
        case $seen in
        *" $number "*) fail_usage "$1: a number is given more than once: '$2'" ;;
        esac
        seen="$seen$number "
        [ "${5:-}" != per-cpu ] || number=${number%%/*}
        check_number "$1" "$number" "$3" "$4"
    done
}

# install_and_build "STAGE ..." TARGET...: installs packages (deps.txt) and builds targets for a command that measures; nothing if
# BUILT is set, as in a guest. In an installed copy it fails if something is missing.
install_and_build() {
    [ -z "${BUILT:-}" ] || return 0
    stages=$1
    shift
    if ! is_checkout; then
        case " $stages " in
        *" lab "*) fail "needs a checkout, since programs are built for guests; this is an installed copy" ;;
        esac
        "$top/harness/lib/install.sh" --installed run || end_as $?
        return 0
    fi
    # shellcheck disable=SC2086 # names of stages
    "$top/harness/lib/install.sh" ${no_install:+"$no_install"} $stages || end_as $?
    build "$@"
}

# exec_engine COMMAND OPTIONS...: execs a command of `runs` that measures. A dry run installs and builds nothing.
# Clients on other hosts require MPI.
exec_engine() {
    measures=1
    stages=run targets=all
    for argument in "$@"; do
        case $argument in
        --help | -h) print_help "$0" && exit 0 ;;
        --dry-run) measures= ;;
        --clients | --clients=*) stages="run mpi" targets="all mpi" ;;
        esac
    done
    # shellcheck disable=SC2086 # names of targets
    [ -n "$measures" ] && install_and_build "$stages" $targets || need_tools build/bin/runs
    exec "$top/${BUILD:-build}/bin/runs" "$@"
}

# need_tools PROGRAM...: for commands that only read runs, and install and build nothing: fails if a program, or one of the build
# (build/bin/stats), is missing
need_tools() {
    missing=
    for tool in "$@"; do
        case $tool in
        build/*) [ -x "$top/${BUILD:-build}/${tool#build/}" ] || missing="$missing $tool" ;;
        *) command -v "$tool" >/dev/null || missing="$missing $tool" ;;
        esac
    done
    [ -z "$missing" ] || fail "missing:$missing; ./run.sh setup $(is_checkout && echo "installs the packages and builds" || echo "names the packages")"
}

# build TARGET...: quiet unless it fails
build() {
    log=$(make -C "$top" "$@" 2>&1) || {
        printf '%s\n' "$log" | tail -n 30 >&2
        fail "the build failed: see above"
    }
}
