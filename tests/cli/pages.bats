#!/usr/bin/env bats
# Manual pages and completion: they have exactly the accepted options. Examples are run.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    built man completion
    completions=$build/completion
}

teardown() {
    stop_server || true
}

# of_page PAGE: its options
of_page() {
    grep -o '\\fB\\-\\-[^ ]*\\fR' "$build/man/$1.1" | sed 's/\\f[BR]//g; s/\\//g' | sort -u
}

# of_bash ARGUMENT...: bash completions of the last argument of that command line
of_bash() {
    (
        # shellcheck disable=SC1090 # what is tested
        source "$completions/$1.bash"
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        "_wakeone_$1"
        printf '%s\n' "${COMPREPLY[@]}" | sort -u
    )
}

# of_zsh PROGRAM [COMMAND]: zsh's file, read as text, because its completion needs a terminal
of_zsh() {
    if [ $# -eq 1 ]; then
        sed -n "s/^    \(--[a-z0-9-]*\).*/\1/p" "$completions/_$1" | sort -u
    else
        awk -v command="$2" '/^    [a-z]+\) _arguments/ { on = $1 == command ")" } on && match($0, /^        --[a-z0-9-]+/) { print substr($0, 9, RLENGTH - 8) }' \
            "$completions/_$1" | sed 's/-$//' | sort -u
    fi
}

# of_fish PROGRAM LINE: fish completions at the end of the line
of_fish() {
    HOME=$BATS_TEST_TMPDIR fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$completions/$1.fish" "$2" | cut -f1 | sed 's/=$//' | sort -u
}

# accepted COMMAND: the options that its file, or the program that it starts, accepts
accepted() {
    local file=harness/commands/$1.sh behind
    {
        echo --help
        echo --version
        sed -n '/fail_usage/d; s/^ *\(-[-a-z0-9| ]*\)).*/\1/p' "$file" | grep -oE -- '--[a-z0-9-]+' || true
        grep -oE '\*" --[a-z0-9-]+ "' "$file" | grep -oE -- '--[a-z0-9-]+' || true
        sed -n '/_OPTIONS="/,/ "$/p' "$file" | grep -oE -- '--[a-z0-9-]+' || true
        behind=$(sed -nE 's/^exec(_engine| .*bin\/runs") ([a-z]+) .*/\2/p' "$file")
        [ -z "$behind" ] || "$build/bin/runs" "$behind" --options | awk -F '\t' '$1 == "option" { print $2 }'
    } | sort -u
}

@test "pages: each tool's help, page and completions have the same options" {
    for tool in wakeups load wire; do
        "$build/bin/$tool" --help | grep -oE '^  (-., )?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | sort -u >"$BATS_TEST_TMPDIR/expected"
        [ "$(wc -l <"$BATS_TEST_TMPDIR/expected")" -gt 5 ]
        diff "$BATS_TEST_TMPDIR/expected" <(of_page $tool)
        diff "$BATS_TEST_TMPDIR/expected" <(of_bash $tool --)
        diff "$BATS_TEST_TMPDIR/expected" <(of_zsh $tool)
        ! command -v fish >/dev/null || diff "$BATS_TEST_TMPDIR/expected" <(of_fish $tool "$tool --")
    done
}

@test "pages: each command's page and completions have the options that it accepts" {
    for file in harness/commands/*.sh; do
        name=$(basename "$file" .sh)
        accepted "$name" >"$BATS_TEST_TMPDIR/expected"
        of_page "wakeone-$name" >"$BATS_TEST_TMPDIR/page"
        if grep -q '^also' "$build/pages/wakeone-$name.list"; then
            accepted bench | sort -u - "$BATS_TEST_TMPDIR/page" >"$BATS_TEST_TMPDIR/page.all"
            mv "$BATS_TEST_TMPDIR/page.all" "$BATS_TEST_TMPDIR/page"
        fi
        echo "$name"
        diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/page"
        diff "$BATS_TEST_TMPDIR/expected" <(of_bash wakeone "$name" --)
        diff "$BATS_TEST_TMPDIR/expected" <(of_zsh wakeone "$name")
    done
}

@test "pages: mandoc reports no error, and the overview lists all pages" {
    command -v mandoc >/dev/null || skip "needs mandoc(1)"
    run mandoc -T lint "$build"/man/*
    [ -z "$output" ]
    for page in "$build"/man/*.1; do
        sed 's/\\-/-/g' "$build/man/wakeone.7" | grep -q "\b$(basename "$page" .1)\b"
        for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
            grep -qx "\.SH $section" "$page"
        done
        [ -n "$(sed -n '/^\.SH EXAMPLES/,/^\.fi/p' "$page" | sed '1,2d;$d')" ]
    done
}

@test "completion: values, commands, files; the files of all shells are valid" {
    [ "$(of_bash load --arrivals '')" = $'constant\npoisson' ]
    [ "$(of_bash load --arrivals = po)" = poisson ]
    [ "$(of_bash wakeone '')" = "$(basename -s .sh harness/commands/*.sh | sort)" ]
    [ "$(of_bash wakeone bench --split s)" = shared ]
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir run
    : >runfile
    [ "$(of_bash wakeone bench --resume ru)" = run ]
    [ "$(of_bash wakeone report ru)" = $'run\nrunfile' ]
    [ -z "$(of_bash load --rate '')" ]
    for shell in bash zsh fish; do
        command -v $shell >/dev/null || skip "needs $shell"
        case $shell in
        bash) files=("$completions"/*.bash) ;;
        zsh) files=("$completions"/_*) ;;
        fish) files=("$completions"/*.fish) ;;
        esac
        for file in "${files[@]}"; do
            $shell -n "$file"
        done
    done
    [ "$(of_fish load 'load --arrivals ')" = $'constant\npoisson' ]
    of_fish wakeone 'wakeone bench --' | grep -qx -- --strategies
    # zsh parses the options only during completion: here without a terminal
    zsh -f -c 'compdef() { :; }; _arguments() { print -l -- "$@"; }; _files() { :; }; source $1' - "$completions/_wire" | grep -q -- '--port=\['
}

@test "pages: usage errors and invalid descriptions are one line" {
    for arguments in "" page "page wire" "completion bash" "comment a b" "verse a"; do
        # shellcheck disable=SC2086 # several arguments
        run "$build/tools/pages" $arguments
        failed_in_one_line 2
    done
    run "$build/tools/pages" completion tcsh "$build/pages/wire.list"
    failed_in_one_line 2
    printf "#!/bin/sh\nset -u\n" >"$BATS_TEST_TMPDIR/none.sh"
    run "$build/tools/pages" comment "$BATS_TEST_TMPDIR/none.sh"
    failed_in_one_line 1
    [[ "$output" == *"none.sh, line 2: expected "* ]]
    run "$build/tools/pages" page none "$BATS_TEST_TMPDIR/none.sh"
    failed_in_one_line 1
}

# examples_of PAGE: one a line
examples_of() {
    sed -n '/^\.SH EXAMPLES/,/^\.fi/p' "$build/man/$1" | sed -e '1,2d;$d' -e 's/\\-/-/g' -e 's/\\&//'
}

# run_example PAGE: the example of a tool, with a test server, and for a short time
run_example() {
    local line
    line=$(examples_of "$1" | sed "s|:8080/|:$port/|; s/--port [0-9]*/--port $port/; s/--duration 10s/--duration 300ms/")
    [[ "$line" == *"$port"* ]]
    echo "$line"
    PATH=$build/bin:$PATH run sh -c "$line"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
}

@test "examples: load" {
    start_server wakeone --workers 2
    run_example load.1
    [[ "$output" == *"requests"* ]]
}

# bats test_tags=root
@test "examples: wakeups and wire" {
    start_server wakeone --workers 2
    "$build/bin/load" --rate 100 --duration 5s "http://127.0.0.1:$port/" >/dev/null 3>&- &
    load_pid=$!
    run_example wakeups.1
    [[ "$output" == *"per accepted connection"* ]]
    run_example wire.1
    [[ "$output" == *"exchanges"* ]]
    kill "$load_pid"
}

@test "examples: the commands that read runs" {
    mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/results/reference"
    cp -r results/reference/main "$BATS_TEST_TMPDIR/results/reference/main"
    ln -s "$top/run.sh" "$BATS_TEST_TMPDIR/bin/wakeone"
    cd "$BATS_TEST_TMPDIR" || return 1
    for run in monday tuesday; do
        cp -r results/reference/main results/$run
    done
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    unset WAKEONE_TOP
    export WAKEONE_RESULTS=$BATS_TEST_TMPDIR/results
    for command in report plot compare; do
        examples_of wakeone-$command.1 | while read -r line; do
            [[ "$line" == "wakeone $command "* ]] || exit 1
            sh -c "$line" >"$command.out" 2>&1 || { echo "$line"; cat "$command.out"; exit 1; }
        done
    done
    [ -s results/reference/main/report.html ]
    [ -s "$(echo results/compare-*/compare.md)" ]
}
