# version.sh: the version of the suite, for shell scripts. Sourced with $top set.
# shellcheck shell=sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

# suite_version: prints what version.h defines; status 1 if the file cannot be read
suite_version() {
    sed -n 's/^#define WAKEONE_VERSION  *"\(.*\)"$/\1/p' "$top/harness/lib/version.h" 2>/dev/null | grep .
}
