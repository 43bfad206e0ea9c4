#!/bin/sh
# setup: install missing packages and build, and nothing else
#
# usage: ./run.sh setup [STAGE...]
#
# Installs the missing packages of the stages with apt, and builds everything into build/. Commands that measure do this
# automatically; those that only read a run (report, plot, compare) report what is missing instead.
# In an installed copy it installs and builds nothing, and reports what is missing.
#
#   STAGE   a stage of deps.txt (run): run, test, slow, lint, fuzz, lab, virtual, peers, ci
#
# example: ./run.sh setup
# example: ./run.sh --no-install setup run test    (only prints what is missing)

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=setup
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

case ${1:-} in
--help | -h) print_help "$0" && exit 0 ;;
-*) fail_usage "there is no option '$1': see --help" ;;
esac
stages=$(awk '!/^#/ { n = split($2, s, ","); for (i = 1; i <= n; i++) if (!seen[s[i]]++) printf "%s ", s[i] }' "$top/deps.txt") || fail "cannot read $top/deps.txt"
check_names STAGE stage "${*:-run}" "$stages"
install_and_build "run $list" all # the build needs those of run
is_checkout && message "$program: all packages are installed; built in ${BUILD:-build}/" || message "$program: all packages are installed"
