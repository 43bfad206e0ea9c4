# awk -f paths.awk LIST FILE...: reports names of files that do not exist; LIST has the existing ones, one a line. In bats files
# only comments are checked, in results/ and kernel/ only committed files. Names with a wildcard or a PLACEHOLDER are ignored.

# SPDX-License-Identifier: BSD-2-Clause

FILENAME == ARGV[1] {
    for (known[$0]; sub(/\/[^\/]*$/, ""); known[$0]) { }
    next
}
FILENAME ~ /\.bats$/ && !/^ *#/ { next }
{
    rest = $0
    while (match(rest, /(^|[^A-Za-z0-9_.\/$}~-])(harness|servers|tests|plots|docs|kernel\/kqueue|results\/reference)\/[A-Za-z0-9_.\/*+-]+/)) {
        path = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        gsub(/^[^a-z]|[.\/-]+$/, "", path)
        if (path !~ /[*]|[A-Z][A-Z]|\.\./ && rest !~ /^[<{$%[]/ && !(path in known)) {
            print FILENAME ":" FNR ": there is no " path
            found = 1
        }
    }
}
END { exit found }
