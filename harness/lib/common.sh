# Shared by run.sh and every command. Sourced with $top set to the checkout.
# shellcheck shell=sh
: "${top:?is set by whoever sources this}"

# The exit statuses of everything here: 0 done, 1 failed, 2 usage error, 3 done, but the answer is not to be trusted.

program=${program:-run.sh}

# Numbers are written and read with a decimal point, and names sort the same, whatever the user's locale.
export LC_ALL=C

# nproc(1) takes these for the number of CPUs there are.
unset OMP_NUM_THREADS OMP_THREAD_LIMIT

# A caller may have closed a standard descriptor: the next file that is opened would get its number. Opened for reading, so
# that a write to it fails as before.
{ true 3<&0; } 2>/dev/null || exec </dev/null
{ true 3>&1; } 2>/dev/null || exec 1</dev/null
true 3>&2 || exec 2</dev/null # no 2>: it would be open then

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
    exit 2
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

# ---- one line on the terminal that is written again and again ----

# Whether stderr is a terminal that can go back in a line
is_terminal() {
    [ -t 2 ] && [ "${TERM:-}" != dumb ]
}

# terminal_columns: of the terminal on stderr, now
terminal_columns() {
    case ${COLUMNS:-} in
    '' | 0* | *[!0-9]* | ?????*) ;;
    *) echo "$COLUMNS" && return ;;
    esac
    columns=$(stty size <&2 2>/dev/null)
    columns=${columns#* }
    [ "${columns:-0}" -gt 0 ] || columns=$(tput cols 2>/dev/null)
    [ "${columns:-0}" -gt 0 ] || columns=80
    echo "$columns"
}

# show_line TEXT...: the first of these that the terminal has room for, or the beginning of the last, in ASCII, in the place
# of what was there. The last column stays free: a cursor behind it is in the next line on some terminals.
show_line() {
    room=$(($(terminal_columns) - 1))
    for line in "$@"; do
        [ ${#line} -gt "$room" ] || break
    done
    printf '\r\033[K%.*s' "$room" "$line" >&2
}

clear_line() {
    ! is_terminal || printf '\r\033[K' >&2
}

# The opening comment of a command is its help text.
print_help() {
    sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p;}' "$1" | print_out || exit $?
}

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

# check_names OPTION WHAT LIST KNOWN: the names in one line, of a list with commas, or a message and status 2; all is all that
# are known
check_names() {
    wanted=$(printf '%s' "$3" | tr ',' ' ')
    [ "$3" != all ] || wanted=$4
    list=
    for name in $wanted; do
        case " $4 " in
        *" $name "*) list="$list $name" ;;
        *) fail_usage "there is no $2 '$name'; there are: $4" ;;
        esac
    done
    [ -n "$list" ] || fail_usage "$1 takes names, not an empty list"
    echo "${list# }"
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

# milliseconds DURATION: as a whole number; fails on what is not a duration
milliseconds() {
    echo "$1" | awk '
        /^[0-9]+(\.[0-9]+)?ms$/ { v = $1 + 0 }
        /^[0-9]+(\.[0-9]+)?s$/  { v = $1 * 1000 }
        /^[0-9]+(\.[0-9]+)?m$/  { v = $1 * 60000 }
        { if (v < 1) exit 1; printf "%.0f\n", v }'
}

# check_duration OPTION VALUE LOW_MS HIGH_MS
check_duration() {
    ms=$(milliseconds "$2") && [ "$ms" -ge "$3" ] && [ "$ms" -le "$4" ] ||
        fail_usage "$1 takes a duration such as 500ms, 1s or 2m, from $3ms to $4ms, not '$2'"
}

# expand LIST: "2,8", the ranges "2..5", "2..10+4", "2..64x2", and "4/cpu", one number a line
expand() {
    echo "$1" | awk -F, '
        function number(t) { return t ~ /^[0-9]+$/ && length(t) < 10 }
        function range(first, last, sign, step) {
            if (!number(first) || !number(last) || !number(step)) exit 1
            first += 0; last += 0; step += 0
            if (last < first || step < 1 || (sign == "x" && (step < 2 || first < 1))) exit 1
            for (v = first; v <= last; v = sign == "x" ? v * step : v + step) {
                if (++count > 1000) exit 1
                print v
            }
        }
        NF == 0 { exit 1 }
        {
            for (i = 1; i <= NF; i++) {
                if (sub(/\/cpu$/, "", $i)) {
                    if (!number($i) || $i < 1) exit 1
                    print $i "/cpu"
                    continue
                }
                at = index($i, "..")
                if (!at) { range($i, $i, "+", 1); continue }
                rest = substr($i, at + 2)
                sign = match(rest, /[x+]/) ? substr(rest, RSTART, 1) : ""
                range(substr($i, 1, at - 1), sign ? substr(rest, 1, RSTART - 1) : rest,
                      sign ? sign : "+", sign ? substr(rest, RSTART + 1) : 1)
            }
        }'
}

# expand_or_die OPTION LIST LOW HIGH [per-cpu]: the list's numbers in one line; with per-cpu also such as 4/cpu
expand_or_die() {
    numbers=$(expand "$2") || fail_usage "$1 takes a list such as 2,8 or 2..64x2, not '$2'"
    seen=" "
    for number in $numbers; do
        case $seen in
        *" $number "*) fail_usage "$1 names a number twice: '$2'" ;;
        esac
        seen="$seen$number "
        [ "${5:-}" != per-cpu ] || number=${number%/cpu}
        check_number "$1" "$number" "$3" "$4"
    done
    echo "${seen# }"
}

# install_and_build "STAGE ..." TARGET...: installs (deps.txt) and builds what a command that measures needs; nothing where
# BUILT says that it is there, as in a guest
install_and_build() {
    [ -z "${BUILT:-}" ] || return 0
    stages=$1
    shift
    # shellcheck disable=SC2086 # names of stages
    "$top/harness/lib/install.sh" ${no_install:+"$no_install"} $stages || exit $?
    build "$@"
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
    [ -z "$lacking" ] || fail "missing:$lacking; ./run.sh setup installs the packages and builds"
}

# build TARGET...: quiet unless it fails
build() {
    log=$(make -C "$top" "$@" 2>&1) || {
        printf '%s\n' "$log" | tail -n 30 >&2
        fail "the build failed: see above"
    }
}
