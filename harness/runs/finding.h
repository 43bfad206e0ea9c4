#ifndef WAKEONE_FINDING_H
#define WAKEONE_FINDING_H

#include "summary.h"

/*
 * The finding of a run in one sentence, with its intervals: how wakeone (where it was not measured, the first server that is
 * neither baseline nor control) compares with the baseline, with the fewest workers and with the most, so that nobody can choose; in
 * an open loop, where throughput is given, by the server's CPU time per request. `cpu`: ratios of server_cpu_us_per_req. To be freed.
 */
char *finding_of(const struct summary *summary, const struct ratios *cpu);

#endif
