#!/bin/sh
# share: a run in one file for others, without names of hosts and users
#
# usage: ./run.sh share RUN [--out FILE]
#        ./run.sh share --line RUN [--source URL]
#
# Packs plan, rows, settings, env.json, report.md and report.json of RUN into FILE, a tar archive that gzip has compressed, of at
# most 5 MB: what compare and report read. A run that is larger is packed as its compact copy (./run.sh compact). Host names, user
# names, paths and UUIDs are replaced; what was replaced, and what is left out, is printed, and is in the file REMOVED of the
# archive. Have a look at the rest before you publish it: tar -xzf FILE. Symbolic links are refused. The same run makes the same
# file, byte by byte; its SHA-256 checksum is printed last.
#
# FILE can take the place of a run: ./run.sh compare FILE B. Unpacked it is a run like others. results/README.md describes how to
# publish it.
#
#   --out FILE     where it goes (NAME.tar.gz in the directory of results; NAME is made of the time of the run)
#   --line         print the lines of RUN, a directory or a packed file, for results/gallery.tsv: ratio of throughput of wakeone
#                  to racing, one line for each number of CPUs
#   --source URL   with --line: where the packed file was published, a URL or a DOI (-)
#
# example: ./run.sh share results/monday --out monday.tar.gz

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=share
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

# Limits of harness/runs/share.h
PACKED_MOST=5000000
BYTES_MOST=67108864
FILES_MOST=20000

run=
out=
line=
source=
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --line) line=1 ;;
    --out | --source) needs_value "$1" $# && eval "$(option_variable "$1")=\$2" && shift ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *)
        [ -z "$run" ] || fail_usage "takes one run, not '$run' and '$1': see --help"
        run=$1
        ;;
    esac
    shift
done
[ "$run" ] || fail_usage "name a run: see --help"
[ -z "$line" ] || [ -z "$out" ] || fail_usage "--line prints lines and makes no file: leave out --out"
[ "$line" ] || [ -z "$source" ] || fail_usage "--source goes with --line"

# checksum FILE: sets sum
checksum() {
    sum=$(sha256sum <"$1") && sum=${sum%% *} && [ "$sum" ] || fail "cannot read $1: see above"
}

if [ "$line" ]; then
    need_tools build/bin/runs
    sum=-
    [ ! -f "$run" ] || checksum "$run"
    exec "$top/${BUILD:-build}/bin/runs" share --line --sha256 "$sum" --source "${source:--}" -- "$run"
fi

need_tools tar gzip sha256sum gnuplot build/bin/runs
[ -f "$run/trials.csv" ] || fail_usage "there is no run in $run: it has no trials.csv"
[ -z "$out" ] || [ ! -e "$out" ] || fail_usage "$out exists: choose another --out"
odd=$(find "$run/" ! -type f ! -type d | head -n 1)
[ -z "$odd" ] || fail_usage "$odd is neither a file nor a directory: a run to share has no others"
make_work ""
trap 'exit 1' INT TERM HUP

# pack RUN: sets name, and makes $work/packed; false: it is larger than may be
pack() {
    rm -rf "$work/copy" "$work/archive" "$work/packed"
    mkdir "$work/copy" || cannot_work
    name=$("$top/${BUILD:-build}/bin/runs" share -- "$1" "$work/copy") || end_as $?
    make_report
    # Owners, times, modes and the order of names are fixed: the same run makes the same bytes.
    tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=u=rwX,go=rX -C "$work/copy" \
        -cf "$work/archive" "$name" && gzip -n9 <"$work/archive" >"$work/packed" || cannot_work
    [ "$(wc -c <"$work/packed")" -le $PACKED_MOST ] && [ "$(wc -c <"$work/archive")" -le $BYTES_MOST ] &&
        [ "$(find "$work/copy" | wc -l)" -le $FILES_MOST ]
}

# Of the copy, whose names are replaced, and from its parent directory: no path is in it. A run without valid rows (3) has one, too.
make_report() {
    reported=0
    (cd "$work/copy" && exec "$top/${BUILD:-build}/bin/runs" report "$name") >"$work/log" 2>&1 || reported=$?
    case $reported in
    0 | 3) ;;
    *) cat "$work/log" >&2 && end_as $reported ;;
    esac
    rm -rf "$work/copy/$name/figures" "$work/copy/$name/report.html"
}

if ! pack "$run"; then
    message "share: $run is too large for one file of 5 MB: packing its compact copy"
    sh "$top/harness/commands/compact.sh" "$run" "$work/compact" 2>"$work/log" || { cat "$work/log" >&2 && end_as $?; }
    pack "$work/compact" ||
        fail "$run is larger than 5 MB as a compact copy, too: publish the copy (./run.sh compact) as several files"
fi

[ "$out" ] || out=$WAKEONE_RESULTS/$name.tar.gz
[ ! -e "$out" ] || fail_usage "$out exists: choose another --out"
case $out in
*/*) make_directory_for "${out%/*}" "${out%/*}: choose another --out" ;;
esac
cp "$work/packed" "$out" 2>/dev/null || { rm -f "$out" && fail "cannot write to $out: is the disk full?"; }
checksum "$out"
{
    cat "$work/copy/$name/REMOVED" && printf '\nsha256\t%s\n' "$sum"
} >"$work/printed" || cannot_work
print_results "packed: $out, $(($(wc -c <"$out") / 1000)) kB" "$work/printed"
