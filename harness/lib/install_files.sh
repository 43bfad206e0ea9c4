#!/bin/sh
# install_files.sh install|uninstall: make install and make uninstall, with PREFIX, DESTDIR and BUILD from the environment
#
# Everything is in PREFIX/lib/wakeone, laid out as a checkout, so that programs and commands find their files in the same way;
# PREFIX/bin has the tools and the command `wakeone`, PREFIX/share their manual pages and completions. The installed files are
# listed in PREFIX/lib/wakeone/installed, which is read by uninstall and by is_checkout (common.sh).
# ZSH_COMPLETION names the directory of completions in PREFIX/share/zsh, which differs between distributions.

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=install_files
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"
cd "$top" || exit 1

prefix=${PREFIX:-/usr/local}
to=${DESTDIR:-}$prefix
build=${BUILD:-build}
home=lib/wakeone
list=$to/$home/installed

# Programs for general use; the others of build/bin are internal to the suite.
TOOLS="wakeups load wire"

cannot_install() {
    fail "cannot write $1: check free space and permissions"
}

# put MODE FILE TARGET: copies a file to TARGET below the prefix
put() {
    install -D -m "$1" "$2" "$to/$3" && echo "$3" >>"$list" || cannot_install "$to/$3"
}

# put_link TEXT TARGET
put_link() {
    mkdir -p "$to/${2%/*}" && ln -sf "$1" "$to/$2" && echo "$2" >>"$list" || cannot_install "$to/$2"
}

# The shell scripts and their data. The sources of the servers are included because strategy names are read from them.
put_data() {
    {
        find deps.txt harness plots \( -name '*.[ch]' -o -path harness/validate -o -path harness/pages -o -path harness/lab/virtual \
            -o -name install_files.sh -o -path harness/lab/init \) -prune -o -type f -print
        printf '%s\n' run.sh harness/lib/version.h
        find servers -name '*.c' ! -name '*.bpf.c'
    } >"$work/data" || cannot_work
    while read -r file; do
        from=$file mode=644
        IFS= read -r first <"$file"
        case $first in
        '#!'*) mode=755 ;;
        esac
        case $file in # in an installed copy the command is called wakeone
        *.sh | *.awk | *.tsv | *.html) sed 's|\./run\.sh|wakeone|g' "$file" >"$work/changed" && from=$work/changed || cannot_work ;;
        esac
        put "$mode" "$from" "$home/$file"
    done <"$work/data"
    put_link "../$home/run.sh" bin/wakeone
}

put_programs() {
    for file in "$build"/bin/* "$build"/epoll/* "$build"/kqueue/*; do
        name=${file##*/}
        case " $TOOLS " in
        *" $name "*)
            put 755 "$file" "bin/$name"
            put_link "../../../../bin/$name" "$home/build/bin/$name"
            ;;
        *)
            if [ -h "$file" ]; then
                put_link "$(readlink "$file")" "$home/build/${file#"$build/"}"
            else
                put 755 "$file" "$home/build/${file#"$build/"}"
            fi
            ;;
        esac
    done
    awk -F '\t' '/^[a-z]/ { print $1, $2 }' harness/peers/peers.tsv >"$work/peers" && [ -s "$work/peers" ] ||
        fail "cannot read harness/peers/peers.tsv"
    while read -r name script; do
        put_link ../bin/peer "$home/build/peer/$name"
        put_link "../../harness/peers/$script.sh" "$home/build/peer/$name.sh"
    done <"$work/peers"
}

put_pages() {
    for file in "$build"/man/*; do
        put 644 "$file" "share/man/man${file##*.}/${file##*/}"
    done
    for file in "$build"/completion/*; do
        name=${file##*/}
        case $name in
        _*) put 644 "$file" "share/zsh/${ZSH_COMPLETION:-site-functions}/$name" ;;
        *.fish) put 644 "$file" "share/fish/vendor_completions.d/$name" ;;
        *) put 644 "$file" "share/bash-completion/completions/${name%.bash}" ;;
        esac
    done
}

# Removes the listed files, and then empty directories of the suite.
remove_all() {
    [ -f "$list" ] || return 1
    while read -r file; do
        rm -f "$to/$file" || fail "cannot remove $to/$file: check permissions"
    done <"$list"
    rm -f "$list" && find "$to/$home" -depth -type d -exec rmdir {} + 2>/dev/null
    return 0
}

case ${1:-} in
install)
    [ -x "$build/bin/runs" ] || fail "$build has no programs: run make first"
    make_work ""
    remove_all # a previous version, so that no file of it remains
    mkdir -p "$to/$home" && : >"$list" || cannot_install "$list"
    put_data
    put_programs
    put_pages
    ;;
uninstall) remove_all || fail "wakeone is not installed in $to: there is no $list" ;;
*) fail_usage "takes install or uninstall" ;;
esac
