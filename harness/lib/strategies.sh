# Names and properties of the strategies. Sourced after common.sh.
# shellcheck shell=sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}" "${program=}"

# All names, one a line: the strategies and their variants.
all_strategies() {
    awk -f "$top/harness/lib/variants.awk" "$top"/servers/*.c | cut -d/ -f2
}

# Strategies that are also built on kqueue (kernel/kqueue), with a prefix. Not part of `all`, since they require a module.
KQUEUE=kqueue-
kqueue_strategies() {
    awk -f "$top/harness/lib/variants.awk" -v backend=kqueue "$top"/servers/racing.c "$top"/servers/wakeone.c | sed "s|.*/|$KQUEUE|"
}

known_strategies() {
    all_strategies && kqueue_strategies
}

# check_strategies LIST: sets list to the names, space-separated
check_strategies() {
    known_names=$(all_strategies) && [ "$known_names" ] || fail "cannot read the names of the strategies in $top/servers"
    spaced "$1"
    [ "$1" != all ] || spaced=$known_names
    case $spaced in
    *"$KQUEUE"*) known_names=$(known_strategies) && [ "$known_names" ] || fail "cannot read the names of the strategies in $top/servers" ;;
    esac
    list=
    for name in $spaced; do
        is_line_of "$known_names" "$name" ||
            fail_usage "there is no strategy '$name'; there are: $(known_strategies | tr '\n' ' ')"
        case " $list " in
        *" $name "*) fail_usage "--strategies: $name is given more than once" ;;
        esac
        list="$list${list:+ }$name"
    done
    [ -n "$list" ] || fail_usage "--strategies takes names, not '$1'"
}

# is_line_of LINES LINE
is_line_of() {
    case $NEWLINE$1$NEWLINE in
    *"$NEWLINE$2$NEWLINE"*) ;;
    *) return 1 ;;
    esac
}
NEWLINE='
'

# ---- third-party servers (harness/peers/peers.tsv) ----

PATH=$PATH:/usr/sbin # Debian installs them there

# peer_field NAME COLUMN: nothing if the name is unknown
peer_field() {
    awk -F '\t' -v name="$1" -v column="$2" '$1 == name { print $column }' "$top/harness/peers/peers.tsv"
}

# All names, each surrounded by spaces. Read without a process, because it is needed for each name.
PEERS=" "
while read -r peer _; do
    case $peer in
    '#'*) ;;
    *) PEERS="$PEERS$peer " ;;
    esac
done <"$top/harness/peers/peers.tsv"

# shellcheck disable=SC2086 # space-separated names
all_peers() {
    printf '%s\n' $PEERS
}

# backend_of NAME: its event queue, or `peer`; also its directory in the build
backend_of() {
    case $1 in
    "$KQUEUE"*) echo kqueue ;;
    *)
        case $PEERS in
        *" $1 "*) echo peer ;;
        *) echo epoll ;;
        esac
        ;;
    esac
}

# program_of NAME: the name of its program there
program_of() {
    echo "${1#"$KQUEUE"}"
}

# server_of NAME: the path of its program
server_of() {
    echo "$top/${BUILD:-build}/$(backend_of "$1")/${1#"$KQUEUE"}"
}

# why_unavailable NAME: prints why it is unavailable on this machine; nothing if it is available. Status 1 on errors
why_unavailable() {
    if [ "$(backend_of "$1")" = peer ]; then
        command=$(peer_field "$1" 4)
        command -v "$command" >/dev/null ||
            echo "there is no $command: apt-get install $(peer_field "$1" 3)"
    else
        kernel=$(fact "$1" "not available on this kernel") || return 1
        [ -z "$kernel" ] || echo "not available on this kernel: $kernel"
    fi
}

# ---- properties of a strategy ----

# workers_max STRATEGY: nothing = no limit
workers_max() {
    [ "$(backend_of "$1")" != peer ] || return 0
    file=$(awk -f "$top/harness/lib/variants.awk" -v backend=kqueue "$top"/servers/*.c | sed -n "s|/$(program_of "$1")\$||p") && [ "$file" ] || fail "cannot read the names of the strategies in $top/servers"
    sed -n 's/^ *\.workers_max = \([0-9]*\),.*/\1/p' "$top/servers/$file.c"
}

# fact STRATEGY LABEL: the text after the label in the output of --describe, or nothing; status 1 if it cannot be started
fact() {
    described=$("$(server_of "$1")" --describe) || { message "$program: cannot start $1: see above" && return 1; }
    printf "%s\n" "$described" | sed -n "/^\$/q;s/^$2: *//p"
}

is_realtime() {
    case $(uname -v) in
    *PREEMPT_RT*) echo 1 ;;
    *) echo 0 ;;
    esac
}

# calculate EXPRESSION N: evaluates an expression in n and r (1 on PREEMPT_RT). NA if it contains anything but arithmetic, because
# it may be from a run from elsewhere.
# shellcheck disable=SC2034,SC2004 # used by the expression; dash needs $
calculate() {
    n=$2
    case $1 in
    *r*) r=$(is_realtime) ;;
    esac
    case $1 in
    '' | *[!nr0-9\ \<\>=?:+*\(\)-]*) echo NA ;;
    *) (echo $(($1))) 2>/dev/null || echo NA ;;
    esac
}

# The two ends of "LEAST .. MOST", or of a single expression.
least_wakes() {
    calculate "${1%%..*}" "$2"
}

most_wakes() {
    calculate "${1##*..}" "$2"
}
