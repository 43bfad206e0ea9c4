#!/bin/sh
# trial.sh ARGUMENTS OF trial: a trial in a guest, with options that describe the machine, which only the host knows
# shellcheck disable=SC2046 # space-separated options

# SPDX-License-Identifier: BSD-2-Clause

exec /wakeone/build/bin/trial $(cat /job/trial_options) "$@"
