#!/usr/bin/env bats
# docs/troubleshooting.md names every verdict that a sample can have and every check of doctor. Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

document=docs/troubleshooting.md

# has_heading NAME...: the document has a heading for each
has_heading() {
    local name
    for name in "$@"; do
        grep -qx "### \`$name\`" "$document" || { echo "$document has no heading for the verdict '$name'"; return 1; }
    done
}

# quoted_in BEGIN FILE: the first string of each line, from the line that matches BEGIN to the end of its block
quoted_in() {
    sed -n "/$1/,/^ *};*\$/s/^[^\"]*\"\([a-z-]*\)\".*/\1/p" "$2"
}

@test "each verdict of the report has its heading" {
    verdicts=$(sed '/^#/d' harness/report/verdicts.tsv | cut -f1)
    [ "$(wc -w <<<"$verdicts")" -ge 11 ]
    has_heading $verdicts
}

@test "each verdict of a trial has its heading" {
    verdicts=$(quoted_in 'verdicts\[\] = {' harness/trial/row.c)
    [ "$(wc -w <<<"$verdicts")" -ge 10 ]
    has_heading $verdicts
}

@test "each verdict of the load has its heading" {
    verdicts=$(sed -n '/^const char \*load_verdict/,/^}/p' harness/load/result.c | grep -o '"[a-z-]*"' | tr -d '"')
    [ "$(wc -w <<<"$verdicts")" -ge 4 ]
    has_heading $verdicts
}

# checks_of_doctor: their names, one a line
checks_of_doctor() {
    sed '/^#/d' harness/doctor/checks.tsv | cut -f1 | sort
}

@test "each check of doctor has one row, and no row is of a check that does not exist" {
    sed -n '/^## Warnings of doctor/,/^## Messages/s/^| `\([a-z_0-9]*\)` |.*/\1/p' "$document" | sort >"$BATS_TEST_TMPDIR/rows"
    checks_of_doctor >"$BATS_TEST_TMPDIR/checks"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/checks")" -ge 40 ]
    diff "$BATS_TEST_TMPDIR/checks" "$BATS_TEST_TMPDIR/rows"
}

@test "a check that never warns is listed as such" {
    while IFS=$'\t' read -r name _ warning _; do
        case $name in
        '#'*) continue ;;
        esac
        row=$(grep -F "| \`$name\` |" "$document")
        case $warning in
        never) [[ $row == *'| never |'* ]] || { echo "$row"; false; } ;;
        *) [[ $row != *'| never |'* ]] || { echo "$row"; false; } ;;
        esac
    done <harness/doctor/checks.tsv
}

# anchors FILE: those of its headings, one a line, as GitHub makes them
anchors() {
    awk '/^```/ { code = !code }
        !code && /^#+ / { sub(/^#+ /, ""); $0 = tolower($0); gsub(/[^a-z0-9 _-]/, ""); gsub(/ /, "-"); print }' "$1"
}

# links FILE: to headings of documents, "DOCUMENT#ANCHOR" a line, as seen from the top
links() {
    local directory
    directory=$(dirname "$1")
    grep -o '](\([A-Za-z0-9_./-]*\.md\)\{0,1\}#[^)]*)' "$1" | tr -d '()]' | while IFS='#' read -r document anchor; do
        printf '%s#%s\n' "$(realpath -m --relative-to=. "${document:+$directory/}${document:-$1}")" "$anchor"
    done
}

@test "each link to a heading of a document has its heading" {
    for file in README.md docs/*.md results/README.md kernel/kqueue/README.md; do
        links "$file" | while IFS='#' read -r document anchor; do
            [ -f "$document" ] || { echo "$file: there is no $document"; exit 1; }
            grep -qxF -e "$anchor" <(anchors "$document") || { echo "$file: $document has no heading #$anchor"; exit 1; }
        done
    done
}
