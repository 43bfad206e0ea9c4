/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FINDING_H
#define WAKEONE_FINDING_H

#include "summary.h"

/*
 * The finding of a run in one sentence, with its intervals: wakeone (or else the first server that is neither baseline nor
 * control) compared with the baseline, with the fewest and with the most workers, a fixed rule that leaves no choice. In an
 * open loop, where throughput is given, by the server's CPU time per request. `cpu`: ratios of server_cpu_us_per_req. The
 * caller frees it.
 */
char *finding_of(const struct summary *summary, const struct ratios *cpu);

#endif
