#!/bin/sh
# measure_more.sh RUN ROUNDS: measures the servers of a run with third-party clients, in rounds of their own (0 = none), and
# compares the replies of third-party servers with those of the suite: RUN/clients.csv, and tables on standard output. Started
# by `runs peers`, after its own rounds.

# SPDX-License-Identifier: BSD-2-Clause

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

# setting NAME: of the run; lists become space-separated
setting() {
    awk -F '\t' -v name="$1" '$1 == name && $2 != "-" { gsub(",", " ", $2); print $2 }' "$out/settings.tsv"
}

# differences REPLY: headers that only REPLY has, that differ, or that only the suite's reply has
differences() {
    jq -Rrs --rawfile suite "$top/harness/peers/suite.reply" '
        def headers: gsub("\r"; "") | split("\n\n")[0] | split("\n") | to_entries |
            map(.name = if .key == 0 then "status" else .value / ":" | .[0] end | {key: .name | ascii_downcase, value: {name, line: .value}}) | from_entries;
        def listed(what): if length > 0 then ["\(what): \(join(", "))"] else [] end;
        ($suite | headers) as $suite | headers as $here |
        ([$here | to_entries[] | select(.key | in($suite) | not) | .value.name] | listed("more")) +
        ([$here | to_entries[] | select(.key != "server" and (.value.line | ascii_downcase) != ($suite[.key].line // .value.line | ascii_downcase)) | .value.line] | listed("other")) +
        ([$suite | to_entries[] | select(.key | in($here) | not) | .value.name] | listed("not")) |
        if length > 0 then join("; ") else "the same headers" end' "$1"
}

# print_replies: nothing if no server has replied
print_replies() {
    set -- "$out"/peers/*.reply
    [ -e "$1" ] || return 0
    printf '\n%-16s %5s  %s\n' 'reply of' bytes 'headers that differ'
    for reply in "$top/harness/peers/suite.reply" "$@"; do
        printf '%-16s %5d  %s\n' "$(basename "$reply" .reply)" "$(wc -c <"$reply")" "$(differences "$reply")"
    done
}

strategies=$(setting strategies) && peers=$(setting peers) && baseline=$(setting reference) && workers=$(setting workers) ||
    fail "cannot read $out/settings.tsv: see above"
make_work stop_servers
measure_with_clients
print_replies
