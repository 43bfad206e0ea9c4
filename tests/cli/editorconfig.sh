#!/bin/sh
# editorconfig.sh [FILE...]: checks files by .editorconfig. Without FILE all that git lists. Prints a line for each
# finding; exit status 1 if there are any.

# SPDX-License-Identifier: BSD-2-Clause

set -u
export LC_ALL=C # bytes
cd "$(dirname "$0")/../.." || exit 1

# unfinished FILE...: those that must end with a newline and do not
unfinished() {
    awk -v final=1 -f tests/cli/editorconfig.awk .editorconfig "$@" | while read -r file; do
        [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end of the file"
    done
}

# shellcheck disable=SC2046 # no file here has a blank in its name
[ $# -gt 0 ] || set -- $(git ls-files -c -o --exclude-standard)
awk -f tests/cli/editorconfig.awk .editorconfig "$@"
status=$?
unfinished "$@" | grep . && status=1
exit "$status"
