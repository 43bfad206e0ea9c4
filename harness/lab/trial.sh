#!/bin/sh
# trial.sh WORDS OF trial: a trial in a guest, which knows better than itself what machine it is
# shellcheck disable=SC2046 # words with blanks between
exec /wakeone/build/bin/trial $(cat /job/trial_words) "$@"
