#!/bin/sh
# Boots the same kernels again, with the same guests and trials.
# usage: reproduce.sh [CHECKOUT]
cd "${1:-.}" || exit 2
exec ./run.sh kernels 'cloud' '--module' '--cpus' '2..64x2' '--rounds' '2' '--time-limit' '20m'
