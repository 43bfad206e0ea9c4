# Who is measured against whom: strategies under their own names, servers with options under other names, and
# the reference twice. Sourced after settings.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the other files of the engine
: "${top:?must be set by the caller}"

# The same server once more, under another name: what the two differ in is noise.
AGAIN=-again

check_contestants() {
    case $strategies in
    none | "") strategies= ;; # peers alone, or servers with options
    *) check_strategies "$strategies" && strategies=$list ;;
    esac
    check_peers "$peers"
    peers=$list
    names="$strategies${strategies:+${peers:+ }}$peers"
    entries=$also,
    while [ "$entries" ]; do
        [ -z "${entries%%,*}" ] || check_also "${entries%%,*}"
        entries=${entries#*,}
    done
    [ -n "$names" ] || fail_usage "--strategies none leaves nobody: name --peers or --also"
    [ -n "$reference" ] || reference=$(default_reference)
    case " $names " in
    *" $reference "*) ;;
    *) fail_usage "--reference $reference is none of those that are measured: $names" ;;
    esac
}


default_reference() {
    case " $names " in
    *" racing "*) echo racing ;;
    *) echo "${names%% *}" ;;
    esac
}

# check_also "NAME=STRATEGY OPTIONS"
check_also() {
    new=${1%%=*}
    words=${1#*=}
    case $1 in
    *=?*) ;;
    *) fail_usage "--also takes NAME=STRATEGY OPTIONS, not '$1'" ;;
    esac
    case $new in
    '' | [!a-z]* | *[!a-z0-9-]*) fail_usage "--also: '$new' is no name: small letters, digits and '-'" ;;
    *"$AGAIN") fail_usage "--also: names that end in $AGAIN are taken" ;;
    esac
    case $words in
    *[!a-zA-Z0-9\ ._/:-]*) fail_usage "--also $new: an option has a character that none has: '$words'" ;;
    esac
    case " $names " in
    *" $new "*) fail_usage "--also: there is a $new already" ;;
    esac
    known_names=$(known_strategies) && [ "$known_names" ] || fail "cannot read the names of the strategies in $top/servers"
    is_line_of "$known_names" "${words%% *}" ||
        fail_usage "--also $new: there is no strategy '${words%% *}'"
    names="$names $new"
}

# "name TAB words of its server", the reference also as the one that it is compared with itself as
list_contestants() {
    for name in $strategies $peers; do
        printf '%s\t%s\n' "$name" "$name"
    done
    printf '%s\n' "$also" | tr ',' '\n' | sed -n "s/=/$TAB/p"
}

words_of() {
    list_contestants | awk -F '\t' -v name="$1" '$1 == name { print $2 }'
}

# The input of plan.awk
contestants_with_limits() {
    {
        list_contestants
        printf '%s\t%s\n' "$reference$AGAIN" "$(words_of "$reference")"
    } | while IFS=$TAB read -r name words; do
        most=$(workers_max "${words%% *}") || exit 1
        printf '%s\t%s\t%s\t%s\n' "$name" "$words" "${most:--}" "$(backend_of "${words%% *}")"
    done
}

# available NAMES: of these, in one word, those that can be had; of the others the run says why not
available() {
    for name in $1; do
        why=$(lacks "$name") || exit 1
        if [ "$why" ]; then
            say "$program: $name is left out: $why"
            printf '%s\t%s\n' "$name" "$why" >>"$work/skipped" || cannot_work
        else
            printf ' %s' "$name"
        fi
    done
}

# What this machine does not have is left out, and the run says why.
leave_out_unavailable() {
    strategies=$(available "$strategies") || exit 1
    peers=$(available "$peers") || exit 1
    names=$(list_contestants | cut -f1 | tr '\n' ' ') || fail "cannot list the servers: see above"
    names=${names% }
    [ -n "$names" ] || fail "none of the strategies is available on this kernel"
    case " $names " in
    *" $reference "*) ;;
    *) reference=$(default_reference) ;;
    esac
}

# Name, wakeups expected per idle connection (in n), summary, words of the server, and which of them is the
# reference: figures and tables draw from the run alone.
describe_contestants() {
    list_contestants | while IFS=$TAB read -r name words; do
        describe_one "$name" "$words" "$([ "$name" = "$reference" ] && echo reference || echo -)"
    done
    describe_one "$reference$AGAIN" "$(words_of "$reference")" again
}

# describe_one NAME WORDS PART; what a peer's wakeups should be depends on its version, and is not foretold
describe_one() {
    strategy=${2%% *}
    if [ "$(backend_of "$strategy")" = peer ]; then
        printf '%s\t-\t%s\t%s\t%s\n' "$1" "$(peer_field "$strategy" 6)" "$2" "$3"
        return
    fi
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$(fact "$strategy" wakes)" "$(fact "$strategy" summary)" "$2" "$3"
}
