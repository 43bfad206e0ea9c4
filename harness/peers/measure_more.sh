#!/bin/sh
# measure_more.sh RUN ROUNDS: the servers of a run with the clients of others, in rounds of their own (0 = none), and how the
# replies of third-party servers differ from ours: RUN/clients.csv, and tables on standard output. Started by `runs peers`,
# after its own rounds.

# shellcheck disable=SC2034 # variables of clients.sh
set -u
program=peers
: "${top:?is set by the caller}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"
. "$top/harness/lib/serve.sh"
. "$top/harness/peers/clients.sh"

out=$1
client_rounds=$2

# setting NAME: of the run, a list space-separated
setting() {
    awk -F '\t' -v name="$1" '$1 == name && $2 != "-" { gsub(",", " ", $2); print $2 }' "$out/settings.tsv"
}

# Where one has replied
tell_replies() {
    set -- "$out"/peers/*.reply
    [ -e "$1" ] || return 0
    echo
    awk -f "$top/harness/peers/replies.awk" "$top/harness/peers/ours.reply" "$@"
}

strategies=$(setting strategies) && peers=$(setting peers) && reference=$(setting reference) && workers=$(setting workers) ||
    fail "cannot read $out/settings.tsv: see above"
make_work stop_servers
measure_with_clients
tell_replies
