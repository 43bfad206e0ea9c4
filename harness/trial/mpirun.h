#ifndef WAKEONE_MPIRUN_H
#define WAKEONE_MPIRUN_H

/* `mpirun load-mpi` as a child: its first process on this host, the others on those that make the load. Open MPI 4 and 5. */

#include <stdbool.h>
#include <sys/types.h>

struct mpirun {
    pid_t pid;  /* 0 = has ended */
    int status; /* as of waitpid(), once it has ended */
    int output; /* what it has written: a file in memory */
};

/* Ends the program with a line where `hosts` names none, or mpirun or load-mpi is missing.
 *   a,b:2   two processes on b
 *   @FILE   lines HOST or HOST slots=N, as mpirun's --hostfile
 *   job     one process on each host of the job in which this runs, which mpirun asks Slurm or PBS for; the first is this */
void mpirun_check(const char *hosts);

/* words: arguments of load-mpi, NULL-terminated, at most MPIRUN_WORDS. Whatever happens to this process, it ends with it. */
enum { MPIRUN_WORDS = 80 };
void mpirun_start(struct mpirun *mpirun, const char *hosts, const char *const *words);

bool mpirun_has_ended(struct mpirun *mpirun);

/* Returns once it has ended, and with it its processes on all hosts that it still reaches. */
void mpirun_end(struct mpirun *mpirun);

/* The first line of load-mpi, or of any: mpirun explains at length. Valid until the next call. */
const char *mpirun_said(const struct mpirun *mpirun);

#endif
