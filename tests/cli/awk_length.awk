# Finds awk programs of more than 20 lines (MOST), in files of their own (comments and empty lines do not count) and in the single
# quotes of shell scripts. Prints a line for each, and exits with 1 if there are any.
# usage: awk -f tests/cli/awk_length.awk FILE...

# SPDX-License-Identifier: BSD-2-Clause

BEGIN { MOST = 20 }

function finish(lines) {
    if (lines > MOST) { print where ": an awk program of " lines " lines, more than " MOST ": write it in C"; status = 1 }
    lines_of_file = begin = 0
}

function closes(text) { return gsub(/'/, "", text) % 2 }

FNR == 1 { finish(lines_of_file) }
FILENAME ~ /\.awk$/ { where = FILENAME ":1"; lines_of_file += !/^[ \t]*(#|$)/; next }

# From the line with the opening quote to that with the closing one
begin {
    if (closes($0)) finish(FNR - begin)
    next
}

/^[ \t]*#/ { next }
match($0, /(^|[^a-z_])awk /) || continued {
    if (closes(substr($0, RSTART > 0 ? RSTART : 1))) { begin = FNR; where = FILENAME ":" begin }
    continued = /\\$/
}

END { finish(lines_of_file); exit status }
