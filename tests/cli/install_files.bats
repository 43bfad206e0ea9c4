#!/usr/bin/env bats
# make install: an installed copy runs from anywhere and writes only where results go. Installs below a temporary directory.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup_file() {
    [ "${BUILT:-}" ] || make -s all
    BUILD=${BUILD:-build} PREFIX=/usr DESTDIR=$BATS_FILE_TMPDIR/root sh harness/lib/install_files.sh install
    mkdir "$BATS_FILE_TMPDIR/home" "$BATS_FILE_TMPDIR/runs"
    cp -r tests/data/run "$BATS_FILE_TMPDIR/runs/a"
    cp -r tests/data/run "$BATS_FILE_TMPDIR/runs/b"
}

setup() {
    prefix=$BATS_FILE_TMPDIR/root/usr
    wakeone=$prefix/bin/wakeone
    runs=$BATS_FILE_TMPDIR/runs
    export HOME=$BATS_FILE_TMPDIR/home
    unset XDG_STATE_HOME WAKEONE_RESULTS WAKEONE_TOP BUILD
    cd "$BATS_TEST_TMPDIR" || return 1
}

files_below() {
    (cd "$1" && find . ! -type d | sort)
}

# as_user COMMAND...: as an ordinary user, who is subject to file permissions
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --bounding-set -dac_override,-dac_read_search --inh-caps -dac_override,-dac_read_search "$@"
    else
        "$@"
    fi
}

@test "installed: the command and the tools print one version, that of version.h" {
    version=$(sed -n 's/^#define WAKEONE_VERSION  *"\(.*\)"$/\1/p' "$top/harness/lib/version.h")
    [ "$("$wakeone" --version)" = "wakeone $version" ]
    [ "$("$wakeone" bench --version)" = "wakeone $version" ]
    [ "$("$top/run.sh" --version)" = "wakeone $version" ]
    for program in "$build"/{bin,epoll,kqueue,peer}/*; do
        case $program in *.sh) continue ;; esac # configures a third-party server
        name=${program##*/}
        [ "$("$program" --version)" = "$name (wakeone) $version" ]
    done
    for tool in wakeups load wire; do
        [ "$("$prefix/bin/$tool" --version)" = "$tool (wakeone) $version" ]
    done
}

@test "installed: a bench from another directory writes a complete run to its results" {
    status=0
    BUILT='' "$wakeone" bench --strategies racing,wakeone --workers 2 --rounds 1 --window 20ms --warmup 10ms --no-figures >out 2>err || status=$?
    cat err
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    [ "$(ls results/*/trials.csv | wc -l)" -eq 1 ]
    run "$wakeone" report results/*
    [ "$status" -eq 0 ]
    [ -s "$(echo results/*/report.html)" ]
    [ "$(files_below "$prefix/lib/wakeone" | sed 's|^\./|lib/wakeone/|' | grep -vx lib/wakeone/installed)" = \
        "$(grep ^lib/wakeone/ "$prefix/lib/wakeone/installed" | sort)" ]
}

@test "installed: selftest, with strategy names from the sources" {
    run "$wakeone" selftest --strategies wakeone,racing-edge --workers 2 --connections 5
    [ "$status" -eq 0 ]
    [ "$(grep -c ' ok$' <<<"$output")" -ge 2 ]
}

@test "installed: results go to WAKEONE_RESULTS, to ./results, or to the user's state directory" {
    command -v setpriv >/dev/null || skip "needs setpriv(1)"
    WAKEONE_RESULTS=$BATS_TEST_TMPDIR/asked "$wakeone" compare "$runs/a" "$runs/b" >/dev/null 2>&1
    [ -s "$(echo asked/compare-*/compare.csv)" ]
    "$wakeone" compare "$runs/a" "$runs/b" >/dev/null 2>&1
    [ -s "$(echo results/compare-*/compare.csv)" ]
    mkdir -m 555 closed
    cd closed || return 1
    as_user "$wakeone" compare "$runs/a" "$runs/b" >/dev/null
    [ -s "$(echo "$HOME"/.local/state/wakeone/compare-*/compare.csv)" ]
    XDG_STATE_HOME=$HOME/state as_user "$wakeone" compare "$runs/a" "$runs/b" >/dev/null
    [ -s "$(echo "$HOME"/state/wakeone/compare-*/compare.csv)" ]
    # a results/ that is not writable is not used
    mkdir -p "$HOME/here"
    cd "$HOME/here" || return 1
    mkdir -m 555 results
    rm -r "$HOME/.local"
    as_user "$wakeone" compare "$runs/a" "$runs/b" >/dev/null
    [ -s "$(echo "$HOME"/.local/state/wakeone/compare-*/compare.csv)" ]
}

@test "installed: missing packages are reported in one line, and neither installed nor built" {
    mkdir bin
    printf '#!/bin/sh\nfor p; do [ "$p" = jq ] || echo "installed $p"; done | grep -v gcc\n' >bin/dpkg-query
    printf '#!/bin/sh\n>>"%s"\n' "$PWD/apt-get-ran" >bin/apt-get
    cp bin/apt-get bin/make
    chmod +x bin/*
    BUILT='' PATH=$PWD/bin:$PATH run "$wakeone" bench
    failed_in_one_line 2
    [ "$output" = "install: packages are missing; as root, run: apt-get install --yes --no-install-recommends jq" ]
    BUILT='' PATH=$PWD/bin:$PATH run "$wakeone" setup
    failed_in_one_line 2
    [ ! -e apt-get-ran ]
    BUILT='' run "$wakeone" kernels cloud
    failed_in_one_line 1
    [[ "$output" == *"needs a checkout"* ]]
    run "$wakeone" plot
    failed_in_one_line 2
}

@test "installed: help shows the name of the installed command" {
    for file in "$top"/harness/commands/*.sh; do
        run "$wakeone" "$(basename "$file" .sh)" --help
        [ "$status" -eq 0 ]
        [[ "$output" == *"usage: wakeone $(basename "$file" .sh)"* ]]
        [[ "$output" != *./run.sh* ]]
    done
}

@test "uninstall removes what was installed, and nothing else" {
    cp -a "$BATS_FILE_TMPDIR/root" copy
    echo mine >copy/usr/bin/mine
    [ "$(files_below copy/usr | wc -l)" -eq "$(($(wc -l <copy/usr/lib/wakeone/installed) + 2))" ]
    DESTDIR=$PWD/copy PREFIX=/usr sh "$top/harness/lib/install_files.sh" uninstall
    [ "$(files_below copy)" = ./usr/bin/mine ]
    [ ! -e copy/usr/lib/wakeone ]
    DESTDIR=$PWD/copy PREFIX=/usr run sh "$top/harness/lib/install_files.sh" uninstall
    failed_in_one_line 1
    # a file of another package in a directory of the suite
    mkdir -p here/lib/wakeone/plots
    echo mine >here/lib/wakeone/plots/mine
    BUILD=${build#"$top/"} DESTDIR='' PREFIX=$PWD/here sh "$top/harness/lib/install_files.sh" install
    BUILD=${build#"$top/"} DESTDIR='' PREFIX=$PWD/here sh "$top/harness/lib/install_files.sh" install # again, over itself
    DESTDIR='' PREFIX=$PWD/here sh "$top/harness/lib/install_files.sh" uninstall
    [ "$(files_below here)" = ./lib/wakeone/plots/mine ]
}

@test "install: without a build, or with a prefix that is not writable: one line" {
    BUILD=build/nowhere DESTDIR=$PWD/x run sh "$top/harness/lib/install_files.sh" install
    failed_in_one_line 1
    : >file
    BUILD=${build#"$top/"} DESTDIR='' PREFIX=$PWD/file run sh "$top/harness/lib/install_files.sh" install
    [ "$status" -eq 1 ]
    [[ "${lines[-1]}" == "install_files: cannot write"* ]]
}

# make_dist NAME: the archive, as NAME
make_dist() {
    git -C "$top" rev-parse -q --verify HEAD >/dev/null 2>&1 || skip "needs a git checkout that this user may read"
    make -s -C "$top" dist BUILD="$BATS_TEST_TMPDIR/$1" >/dev/null
    mv "$1"/wakeone-*.tar.xz "$1.tar.xz"
}

@test "dist: reproducible, in one directory, owned by root" {
    make_dist a
    umask 077
    TZ=Asia/Tokyo make_dist b
    cmp a.tar.xz b.tar.xz
    version=$("$top/run.sh" --version)
    tar -tf a.tar.xz >names
    [ "$(cut -d/ -f1 names | sort -u)" = "wakeone-${version#wakeone }" ]
    [ "$(tar -tvf a.tar.xz --numeric-owner | awk '{ print $2 }' | sort -u)" = 0/0 ]
    [ "$(tar -tvf a.tar.xz --full-time | awk '{ print $4, $5 }' | sort -u | wc -l)" -eq 1 ]
}

@test "dist: its content builds without git" {
    make_dist a
    tar -xf a.tar.xz
    mkdir bin
    printf '#!/bin/sh\n>>"%s"\nexit 1\n' "$PWD/git-ran" >bin/git
    chmod +x bin/git
    cd wakeone-*/ || return 1
    PATH=$BATS_TEST_TMPDIR/bin:$PATH make -s BUILD=build build/bin/stats
    [ "$(build/bin/stats --version)" = "stats (wakeone) $(cd "$top" && ./run.sh --version | cut -d' ' -f2)" ]
    PATH=$BATS_TEST_TMPDIR/bin:$PATH make -n BUILD=build all >/dev/null
    [ ! -e "$BATS_TEST_TMPDIR/git-ran" ]
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run make dist
    [ "$status" -eq 2 ]
    [[ "$output" == *"requires a git checkout"* ]]
}
