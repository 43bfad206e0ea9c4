#!/usr/bin/env bats
# The version in every place that has one, and the files of the project itself (CONTRIBUTING.md, CITATION.cff, .github, ...).
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs

version() {
    ./run.sh --version | cut -d' ' -f2
}

# ---- the version ----

@test "the documents of a release name the version of version.h, and its date" {
    date=$(sed -n 's/^#define WAKEONE_DATE  *"\(.*\)"$/\1/p' harness/lib/version.h)
    [ "$(grep -m 1 '^## \[[0-9]' CHANGELOG.md)" = "## [$(version)] - $date" ]
    grep -qx "version: \"$(version)\"" CITATION.cff
    grep -qx "date-released: $date" CITATION.cff
}

@test "reports name the version that a run was measured with" {
    built "$build/bin/runs"
    small_copy "$BATS_TEST_TMPDIR/run"
    cd "$BATS_TEST_TMPDIR"
    jq '.wakeone.version = "9.1"' "$top/tests/data/run/env.json" >run/env.json
    BUILT=1 "$top/run.sh" report run 2>/dev/null
    grep -qx -- '- wakeone: 9\.1' run/report.md
    tr -d '\n' <run/report.html | grep -q '<td>wakeone</td> *<td>9\.1</td>'
    jq -e '.facts[] | select(.name == "wakeone") | .value == "9.1"' run/report.json
}

# ---- the linters of text ----

# words_of NAME: what lint-words reports of standard input as the file NAME, without the name
words_of() {
    mkdir -p "$BATS_TEST_TMPDIR/$(dirname "$1")"
    cat >"$BATS_TEST_TMPDIR/$1"
    (cd "$BATS_TEST_TMPDIR" && awk -f "$top/tests/cli/words.awk" "$top/tests/cli/words.tsv" "$1" | sed "s|^$1:||")
}

@test "lint-words: each pattern of the table finds a word, names what to write, and has all its fields" {
    [ "$(grep -v '^#' tests/cli/words.tsv | awk -F '\t' 'NF != 4 || $1 == "" || $2 == ""' | wc -l)" -eq 0 ]
    # a sample for each line of the table, in its order
    words="words were wrong:words:blanks between:whoever:nobody:says:told:lacks:cannot be had:(reference):x-again:noise floor:smallest difference
        cells:contestant:rows that are ok:judged:known answers:witness:shed:event turns:patience:send lag:guardian:a peer:a claim:nothing is claimed
        the lab:made-up:whom"
    echo "$words" | tr : '\n' | sed 's/^ *//' | grep . >"$BATS_TEST_TMPDIR/list"
    [ "$(grep -c . "$BATS_TEST_TMPDIR/list")" -eq "$(grep -vc '^#' tests/cli/words.tsv)" ]
    line=0
    while read -r word; do
        line=$((line + 1))
        what=$(grep -v '^#' tests/cli/words.tsv | sed -n "${line}p" | cut -f2)
        found=$(echo "It is so: $word." | words_of sample.md)
        grep -qF -- "-> $what" <<<"$found" || { echo "'$word': $found"; false; }
    done <"$BATS_TEST_TMPDIR/list"
}

@test "lint-words: comments and strings of programs, not their names" {
    [ "$(words_of a.c <<'END'
/* It tells
 * nobody, and `says` nothing of --judge or tests/cli/lab.sh. */
int cell = floor(judge); // cells
fail("no cell '%s'", "cell"); /* done */ int tell, claims;
END
)" = $'1: tells -> print, report; distinguish\n2: nobody -> no process, untracked; or name who it is\n3: cells -> configuration\n4: cell -> configuration' ]
    [ "$(sed 's/^|//' <<'END' | words_of a.sh
|# whoever calls
say "$program: nobody listens" # says so
awk '{ cell = floor(judge) }' 'a cell'
./run.sh peers --judge "$lab"
END
)" = $'1: whoever -> the caller, the process that\n2: nobody -> no process, untracked; or name who it is\n2: says -> print, report, state' ]
    [ "$(printf '%s\n' '# a cell' '@test "nobody listens" {' '    [ "$output" = "a cell" ]' | words_of a.bats)" = \
        $'1: cell -> configuration\n2: nobody -> no process, untracked; or name who it is' ]
}

@test "lint-words: what is right in its place, and code blocks of documents, are no finding" {
    [ -z "$(words_of a.md <<'END'
Third-party servers run as user nobody. The columns take turns. `./run.sh claims` and `racing-again`.

    ./run.sh peers --workers 4
    racing   1 (reference)
END
)" ]
    [ "$(words_of a.md <<<'    ./run.sh peers    # says more')" = "1: says -> print, report, state" ]
    run awk -f tests/cli/words.awk tests/cli/words.tsv LICENSE
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "lint-editorconfig: reports what .editorconfig excludes, by the kind of file, and nothing of this tree" {
    run tests/cli/editorconfig.sh
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    mkdir -p "$BATS_TEST_TMPDIR/tests/cli" "$BATS_TEST_TMPDIR/tests/data" "$BATS_TEST_TMPDIR/kernel/kqueue"
    cp .editorconfig "$BATS_TEST_TMPDIR/"
    cp tests/cli/editorconfig.* "$BATS_TEST_TMPDIR/tests/cli/"
    cd "$BATS_TEST_TMPDIR"
    printf 'int a;\n\tint b;\n' >tab.c
    printf 'int a; \n' >blank.c
    printf 'int a;\r\n' >return.c
    printf 'int a;' >unfinished.c
    printf '/* \344 */\n/* \303\244 */\n' >latin.c
    printf 'a:\n    b\n\tc\n' >Makefile
    printf 'int a;\n    int b;\n\tint c;\n' >kernel/kqueue/a.c
    printf 'if a; then\n  b\nfi\nif a; then\n    cat <<-END\n\tno\n\tEND\nfi\n' >two.sh
    printf '\tx \r' >tests/data/any
    run tests/cli/editorconfig.sh tab.c blank.c return.c unfinished.c latin.c Makefile kernel/kqueue/a.c two.sh tests/data/any
    [ "$status" -eq 1 ]
    [ "$output" = "tab.c:2: a tab in the indentation, where .editorconfig has spaces
blank.c:1: a blank at the end of the line
return.c:1: a carriage return at the end of the line
latin.c:1: not UTF-8
Makefile:2: spaces in the indentation, where .editorconfig has tabs
kernel/kqueue/a.c:2: spaces in the indentation, where .editorconfig has tabs
two.sh:2: a block that is not indented by 4
unfinished.c: no newline at the end of the file" ]
}

@test "lint-spelling: each word that is ignored has its reason above it" {
    [ "$(head -n 1 tests/cli/spelling.txt | cut -c1)" = "#" ]
    [ -z "$(sort tests/cli/spelling.txt | uniq -d)" ]
    refute grep -vE '^(#.*|[a-z]+)$' tests/cli/spelling.txt
}

# ---- the project's files ----

@test "CITATION.cff has the keys that CFF 1.2.0 requires, and no others than it has" {
    for key in cff-version message title authors; do
        grep -q "^$key:" CITATION.cff
    done
    grep -qx 'cff-version: 1\.2\.0' CITATION.cff
    sed -n 's/^\([a-zA-Z-]*\):.*/\1/p' CITATION.cff >"$BATS_TEST_TMPDIR/keys"
    refute grep -vxE \
        'cff-version|message|title|type|authors|version|date-released|license|abstract|keywords|repository-code|url|doi|identifiers|commit|references' "$BATS_TEST_TMPDIR/keys"
    grep -q 'BSD 2-Clause' LICENSE
    grep -qx 'license: BSD-2-Clause' CITATION.cff
}

@test "CI runs the README's commands on both releases as an ordinary user, and uses no secrets" {
    ci=.github/workflows/ci.yml
    for line in 'debian: \[12, 13\]' 'run: sudo -Hu user \./run\.sh ' 'run: sudo -Hu user make test$' 'run: sudo -Hu user make lint$' '^  contents: read$'; do
        grep -q -- "$line" $ci
    done
    refute grep -E '[$][{][{] *(secrets|github[.]token)' $ci
    refute grep -P '\t' $ci .github/ISSUE_TEMPLATE/*.md
}

@test "issue templates ask for env.json, the run, and the output of doctor" {
    for template in .github/ISSUE_TEMPLATE/*.md; do
        [ "$(head -n 1 "$template")" = --- ]
        grep -q '^name: ' "$template"
        grep -q '^about: ' "$template"
        grep -qF env.json "$template"
        grep -qF ./run.sh\ doctor "$template"
    done
    grep -qF 'The run' .github/ISSUE_TEMPLATE/result.md
}

@test "CONTRIBUTING.md and SECURITY.md have their sections, and links that lead to a heading of architecture.md" {
    for heading in Build Test Style 'Add a strategy, a figure, a published result' Commits 'Review list'; do
        grep -qx "## $heading" CONTRIBUTING.md
    done
    for heading in 'Report a vulnerability' 'What takes root, and why' Network 'Files from elsewhere'; do
        grep -qx "## $heading" SECURITY.md
    done
    for anchor in $(grep -o 'docs/architecture\.md#[a-z-]*' CONTRIBUTING.md | sed 's/.*#//'); do
        sed -n 's/^## //p' docs/architecture.md | tr 'A-Z ' 'a-z-' | grep -qx "$anchor"
    done
}
