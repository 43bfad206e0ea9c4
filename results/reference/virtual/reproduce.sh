#!/bin/sh
# Boots the same kernels again, with the same guests and trials.
# usage: reproduce.sh [CHECKOUT]
cd "${1:-.}" || exit 2
exec ./run.sh kernels '--virtual' 'cloud' '--cpus' '2..64x2' '--strategies' 'racing,wakeone,mutex,fdpass,reuseport,shared-edge' '--window' '20ms' '--warmup' '20ms' '--time-limit' '30m'
