#!/bin/sh
# Compares connections and first bytes of captures by `wire` with those by tshark.
#
# usage: harness/validate/wire_captures.sh DIR [PORT...]
#
# DIR/COLLECTION/ has captures, in any folders; identical files count once. For each collection that has connections of the
# ports (80 8080 8000 8888 3128): how many tshark finds, for how many `wire` reports the same first byte to the
# nanosecond, and why others differ. The result is Markdown; docs/wire-captures.md has one.
#
# example: git clone --depth 1 https://github.com/zeek/zeek captures/zeek && harness/validate/wire_captures.sh captures

# SPDX-License-Identifier: BSD-2-Clause

set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-build}
case $build in
/*) ;;
*) build=$top/$build ;;
esac

usage() {
    echo "wire_captures.sh: $1: see the comment at the top of $0" >&2
    exit 2
}

# compare_one FILE PORT...: a line for each connection found by either of the two; see wire_captures.c
compare_one() {
    file=$1
    shift
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    ports=$(echo "$*" | tr ' ' ',')
    # single packets, without reassembly by tshark; nothing above TCP
    XDG_CONFIG_HOME=$work HOME=$work timeout -k 1 60 tshark -n -r "$file" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
        -o tcp.desegment_tcp_streams:FALSE -d udp.port==8472,vxlan --disable-protocol http --disable-protocol tls \
        -Y "tcp.port in {$ports} && !icmp && !icmpv6" -T fields -E occurrence=l -e tcp.stream -e frame.time_epoch -e ip.src \
        -e ipv6.src -e ip.dst -e ipv6.dst -e tcp.srcport -e tcp.dstport -e tcp.flags -e tcp.len \
        -e tcp.analysis.retransmission -e tcp.analysis.lost_segment -e tcp.analysis.ack_lost_segment \
        -e tcp.analysis.out_of_order -e ip.flags.mf -e frame.protocols >"$work/tshark" 2>"$work/error" || true
    : >"$work/wire"
    status=0
    for port; do
        timeout -k 1 60 "$build/bin/wire" -r "$file" --port "$port" --idle 86400s --connections "$work/csv" \
            >/dev/null 2>"$work/message" || status=$?
        sed 1d "$work/csv" >>"$work/wire" 2>/dev/null || true
        case $status in
        0 | 1 | 2 | 3) ;;
        *) printf 'crash\t%s\t%s\t%s\n' "$file" "$port" "$status" ;;
        esac
    done
    refused=$(sed -n 's/^wire: cannot read [^:]*: //p; s/^wire: .* has frames of \(link type [^ ]*\).*/\1/p;
        s/^wire: .* read error: \(.*\); the results cover.*/cut: \1/p' "$work/message" | head -n 1)
    "$build/validate/wire_captures" compare "$file" "$*" "$refused" "$work/tshark" "$work/wire"
}

if [ "${1:-}" = --one ]; then
    shift
    compare_one "$@"
    exit 0
fi

[ $# -ge 1 ] || usage "takes a directory"
[ -d "$1" ] || usage "'$1' is not a directory"
for program in bin/wire validate/wire_captures; do
    [ -x "$build/$program" ] || usage "there is no $build/$program: run make build/$program"
done
command -v tshark >/dev/null || usage "tshark is not installed: apt-get install tshark"
directory=$1
shift
[ $# -gt 0 ] || set -- 80 8080 8000 8888 3128

list=$(mktemp -d)
trap 'rm -rf "$list"' EXIT
for collection in "$directory"/*/; do
    name=$(basename "$collection")
    # identical files count once, in the first collection; files without the bytes of a port's number have no such connection
    find "$collection" -type f -exec sha256sum {} + | sed "s/^\\\\\\{0,1\\}\\([0-9a-f]*\\) [ *]/\\1	$name	/"
done | awk -F '\t' '!seen[$1]++ { print $2 "\t" $3 }' >"$list/distinct"
bytes=$(for port; do printf '|\\x%02x\\x%02x' $((port / 256)) $((port % 256)); done)
cut -f 2 "$list/distinct" | tr '\n' '\0' | LC_ALL=C xargs -0 grep -laP "${bytes#|}" -- >"$list/candidates" || true
tr '\n' '\0' <"$list/candidates" | BUILD=$build xargs -0 -P "${JOBS:-$(getconf _NPROCESSORS_ONLN)}" -I '{}' sh "$0" --one '{}' "$@" \
    >"${WIRE_CAPTURES_LINES:-$list/lines}"
"$build/validate/wire_captures" table "$list/distinct" "${WIRE_CAPTURES_LINES:-$list/lines}"
