/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_MPIRUN_H
#define WAKEONE_MPIRUN_H

/* `mpirun load-mpi` as a child: its first process runs on this host, the others on the clients. Open MPI 4 and 5. */

#include <stdbool.h>
#include <sys/types.h>

struct mpirun {
    pid_t pid;  /* 0 = has ended */
    int status; /* as from waitpid(), after it has ended */
    int output; /* its output: a memfd */
};

/* Ends the program with a message if `hosts` is invalid, or mpirun or load-mpi is missing.
 *   a,b:2   two processes on b
 *   @FILE   lines HOST or HOST slots=N, as mpirun's --hostfile
 *   job     one process on each host of the job in which this runs, obtained by mpirun from Slurm or PBS; the first is this */
void mpirun_check(const char *hosts);

/* arguments: arguments of load-mpi, NULL-terminated, at most MPIRUN_ARGUMENTS. The child ends with this process. */
enum { MPIRUN_ARGUMENTS = 80 };
void mpirun_start(struct mpirun *mpirun, const char *hosts, const char *const *arguments);

bool mpirun_has_ended(struct mpirun *mpirun);

/* Returns after the child has ended, and with it its processes on all reachable hosts. */
void mpirun_end(struct mpirun *mpirun);

/* The first line printed by load-mpi, otherwise the first line of all. Valid until the next call. */
const char *mpirun_error(const struct mpirun *mpirun);

#endif
