# Shared by run.sh and every command. Sourced with $top set to the checkout.
# shellcheck shell=sh
: "${top:?must be set by the caller}"

# The exit statuses of everything here: 0 done, 1 failed, 2 usage error, 3 done, but the answer is not to be trusted.

program=${program:-run.sh}

# An installed copy has the list of its files: nothing is installed or built from there, and its programs are in build/.
is_checkout() {
    [ ! -f "$top/installed" ]
}

# Where results go without --out (run.sh --help).
if ! is_checkout; then
    unset BUILD
    export WAKEONE_RESULTS="${WAKEONE_RESULTS:-}" # for runs, too
    if [ -z "$WAKEONE_RESULTS" ]; then
        WAKEONE_RESULTS=${XDG_STATE_HOME:-${HOME:-}/.local/state}/wakeone
        [ -e results ] && writable=results || writable=.
        [ ! -w "$writable" ] || WAKEONE_RESULTS=$PWD/results
    fi
fi
WAKEONE_RESULTS=${WAKEONE_RESULTS:-$top/results}

# Numbers are written and read with a decimal point, and names sort the same, whatever the user's locale.
export LC_ALL=C

# nproc(1) takes these for the number of CPUs there are.
unset OMP_NUM_THREADS OMP_THREAD_LIMIT

# A caller may have closed a standard descriptor: the next file that is opened would get its number. Opened for reading, so
# that a write to it fails as before.
{ true 3<&0; } 2>/dev/null || exec </dev/null
{ true 3>&1; } 2>/dev/null || exec 1</dev/null
true 3>&2 || exec 2</dev/null # no 2>: it would be open then

# A file that may grow no more (ulimit -f) is an error like a full disk, for all that is started, too.
trap '' XFSZ

# The reader of a pipe ended (`| head -1`): a shell that this signal ends would not run its trap on EXIT.
trap 'exit 141' PIPE

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$program: $*"
    exit 1
}

fail_usage() {
    say "$program: $*"
    end_as 2
}

# end_as STATUS: of another program that has reported why it ended
end_as() {
    is_reported=1
    exit "$1"
}

# at_exit COMMANDS: what is done when this shell ends. Its status is one of those above: 2 only of what was reported as a
# usage error, since a shell that cannot start a process (dash), or finds no variable of a name, ends with 2 too, and 1 of
# what programs have made up for themselves (127: there is none).
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

# Where no process can be started, rm takes the place of the shell; named twice, since it fails then.
end_without_process() {
    say "$program: the shell could not go on: see above; if it cannot fork, 'ulimit -u' or pids.max allows no more processes"
    [ -z "${work:-}" ] || exec rm -r "$work" "$work" 2>/dev/null
    exit 1
}

# make_work COMMANDS: sets work to a temporary directory with some room. At the end it is removed, after the commands.
make_work() {
    work=
    at_exit "[ -z \"\$work\" ] || rm -rf \"\$work\""
    work=$(mktemp -d 2>/dev/null) && { printf '%65536s' '' >"$work/room"; } 2>/dev/null && rm "$work/room" ||
        fail "cannot make a temporary directory with 64 KiB of room in ${TMPDIR:-/tmp}: make room, or set TMPDIR to another"
    [ -z "$1" ] || at_exit "$1; rm -rf \"\$work\""
}

cannot_work() {
    fail "cannot make a file in ${work%/*}: see above; if there is no room, set TMPDIR to another directory"
}

# count_lines FILE: sets lines
count_lines() {
    lines=$(wc -l <"$1") && [ "$lines" ] || fail "cannot count the lines of $1: see above"
}

# make_directory_for DIRECTORY ADVICE: that it may not be there is a usage error, that there is no room is not
make_directory_for() {
    why=$(mkdir -p "$1" 2>&1) && return
    case $why in
    *'ermission denied'* | *exists* | *'ot a directory'* | *'ead-only'* | *'too long'* | *'not permitted'* | *'o such file'* | *'symbolic links'*)
        fail_usage "cannot make the directory $2" ;;
    esac
    fail "cannot make the directory $1: ${why##*: }"
}

# print_out [FILE...]: the files, or standard input, on standard output; ends with status 1 where that cannot be written, and
# with 141 (of SIGPIPE), silently, where its reader ended. The one way in which commands print results. As the last command
# of a pipeline it ends that only: `make_table | print_out || exit $?`.
print_out() {
    { unprinted=$(cat "$@" 2>&1 >&3); } 3>&1 && return 0
    [ $? -ne 141 ] || exit 141
    [ $# -gt 0 ] || cat >/dev/null # what writes into this pipe has nothing to complain of
    fail "cannot write standard output: ${unprinted##*: }"
}

# print_results MESSAGE FILE...: print_out, and the message on stderr, which says where results are, whatever became of the first
print_results() {
    where_results_are=$1
    shift
    printed=0
    (print_out "$@") || printed=$?
    say "$where_results_are"
    [ "$printed" -eq 0 ] || exit "$printed"
}

# The opening comment of a command is its help text.
print_help() {
    sed -n '2,${/^#/!q;s/^# \{0,1\}//;p;}' "$1" | print_out || exit $?
}

# ---- what the user has written is looked at without a process: one that cannot be started is no error of theirs ----

# needs_value OPTION COUNT: fails where an option stands last.
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

# decimal DIGITS: sets number, without the zeros in front, which would make it octal
decimal() {
    number=${1#"${1%%[!0]*}"}
    number=${number:-0}
}

# spaced LIST: sets spaced to the list with spaces in the place of commas
spaced() {
    spaced=
    commas=$1,
    while [ "$commas" ]; do
        spaced=$spaced${spaced:+ }${commas%%,*}
        commas=${commas#*,}
    done
}

# check_names OPTION WHAT LIST KNOWN: sets list to the names, space-separated, of a list with commas; all is all that are known
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

# option_variable OPTION: the variable that it sets, --max-time max_time
option_variable() {
    name=${1#--}
    while [ "$name" != "${name#*-}" ]; do
        name=${name%%-*}_${name#*-}
    done
    echo "$name"
}

# read_numbers "NAME:LOW:HIGH ..." OPTION VALUE...: the options --NAME of a script that has no others; each
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

# milliseconds DURATION: sets ms to a whole number; fails on what is not a duration, or less than one
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

# expand_range FIRST..LAST, with xFACTOR or +STEP behind it: adds to numbers
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

# expand LIST: sets numbers to those of "2,8", the ranges "2..5", "2..10+4", "2..64x2", and "4/cpu", "1/2cpu" (one for each two
# CPUs); fails on what is no list
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
            per= # the rest of what goes with the CPUs
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
        *" $number "*) fail_usage "$1 names a number twice: '$2'" ;;
        esac
        seen="$seen$number "
        [ "${5:-}" != per-cpu ] || number=${number%%/*}
        check_number "$1" "$number" "$3" "$4"
    done
}

# install_and_build "STAGE ..." TARGET...: installs (deps.txt) and builds what a command that measures needs; nothing where
# BUILT says that it is there, as in a guest. In an installed copy it fails where something is missing.
install_and_build() {
    [ -z "${BUILT:-}" ] || return 0
    stages=$1
    shift
    if ! is_checkout; then
        case " $stages " in
        *" lab "*) fail "guests run programs that are built for them: this takes a checkout, not an installed copy" ;;
        esac
        "$top/harness/lib/install.sh" --installed run || end_as $?
        return 0
    fi
    # shellcheck disable=SC2086 # names of stages
    "$top/harness/lib/install.sh" ${no_install:+"$no_install"} $stages || end_as $?
    build "$@"
}

# exec_engine COMMAND OPTIONS...: a command of `runs` that measures, in the place of this shell. A dry run installs and builds nothing.
# Clients on other hosts take MPI.
exec_engine() {
    lasting=1
    stages=run targets=all
    for argument in "$@"; do
        case $argument in
        --help | -h) print_help "$0" && exit 0 ;;
        --dry-run) lasting= ;;
        --clients | --clients=*) stages="run mpi" targets="all mpi" ;;
        esac
    done
    # shellcheck disable=SC2086 # names of targets
    [ -n "$lasting" ] && install_and_build "$stages" $targets || need_tools build/bin/runs
    exec "$top/${BUILD:-build}/bin/runs" "$@"
}

# need_tools PROGRAM...: for commands that only read, which install and build nothing: programs, or those of the build
# (build/bin/stats), that must be there
need_tools() {
    lacking=
    for tool in "$@"; do
        case $tool in
        build/*) [ -x "$top/${BUILD:-build}/${tool#build/}" ] || lacking="$lacking $tool" ;;
        *) command -v "$tool" >/dev/null || lacking="$lacking $tool" ;;
        esac
    done
    [ -z "$lacking" ] || fail "missing:$lacking; ./run.sh setup $(is_checkout && echo "installs the packages and builds" || echo "names the packages")"
}

# build TARGET...: quiet unless it fails
build() {
    log=$(make -C "$top" "$@" 2>&1) || {
        printf '%s\n' "$log" | tail -n 30 >&2
        fail "the build failed: see above"
    }
}
