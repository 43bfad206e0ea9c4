#!/usr/bin/env bats
# docs/troubleshooting.md names every verdict that a sample can have and every check of doctor. Measures nothing.

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

@test "each link from a message's row to a heading has that heading" {
    grep -o '](#[a-z-]*)' "$document" | tr -d '](#)' | sort -u >"$BATS_TEST_TMPDIR/links"
    sed -n 's/^##* //p' "$document" | tr -d '`,' | tr 'A-Z ' 'a-z-' | sort -u >"$BATS_TEST_TMPDIR/headings"
    [ -s "$BATS_TEST_TMPDIR/links" ]
    comm -23 "$BATS_TEST_TMPDIR/links" "$BATS_TEST_TMPDIR/headings" >"$BATS_TEST_TMPDIR/broken"
    diff /dev/null "$BATS_TEST_TMPDIR/broken"
}
