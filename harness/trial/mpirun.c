/* SPDX-License-Identifier: BSD-2-Clause */
#include "mpirun.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/lib/program_path.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS = MPIRUN_ARGUMENTS + 16, HOSTS_TEXT = 65536, OUTPUT_TEXT = 65536, LOOK_MS = 20 };

/* Grace period of mpirun before it is killed. */
static const uint64_t ENDS_WITHIN_NS = 10 * NS_PER_S;

/* Required for mpirun's daemons to detect an unreachable host. */
static const struct {
    const char *name, *value;
} environment[] = {
    /* Open MPI 4 */
    {"OMPI_MCA_oob_tcp_keepalive_time", "1"},
    {"OMPI_MCA_oob_tcp_keepalive_intvl", "1"},
    {"OMPI_MCA_oob_tcp_keepalive_probes", "3"},
    /* Open MPI 5 */
    {"PRTE_MCA_oob_tcp_keepalive_time", "1"},
    {"PRTE_MCA_oob_tcp_keepalive_intvl", "1"},
    {"PRTE_MCA_oob_tcp_keepalive_probes", "3"},
};

/* ---- required programs ---- */

static const char *load_mpi(void)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/load-mpi", program_directory_or_die());
    return path;
}

/* ---- hosts ---- */

/* Hosts are passed as an argument. */
static bool are_hosts(const char *hosts)
{
    for (const char *c = hosts; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._:,-", *c))
            return false;
    return isalnum((unsigned char)hosts[0]);
}

/* HOST, HOST slots=N, an empty line or a comment: replaces the beginning of `text` by HOST or HOST:N. False if invalid. */
static bool read_line(char *text, const char **host, unsigned long *slots)
{
    static const char space[] = " \t\n";
    char *rest = NULL, *token;
    text[strcspn(text, "#")] = '\0';
    *host = strtok_r(text, space, &rest);
    *slots = 1;
    if (!*host)
        return true;
    token = strtok_r(NULL, space, &rest);
    bool has_slots = token && strncmp(token, "slots=", 6) == 0;
    if (has_slots)
        *slots = strtoul(token + 6, NULL, 10);
    return are_hosts(*host) && !strpbrk(*host, ",:") && (!token || has_slots) && *slots > 0 &&
           *slots <= 4096 && !strtok_r(NULL, space, &rest);
}

static const char *hosts_of_file(const char *path)
{
    static char hosts[HOSTS_TEXT];
    char line[512];
    size_t used = 0;
    unsigned number = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        fail_usage("--clients: cannot read %s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file)) {
        const char *host;
        unsigned long slots;
        number++;
        if (!read_line(line, &host, &slots) || used + sizeof line > sizeof hosts)
            fail_usage("--clients: %s: line %u: expected HOST or HOST slots=N", path, number);
        if (host)
            used += (size_t)snprintf(hosts + used, sizeof hosts - used, "%s%s:%lu", used ? "," : "",
                                     host, slots);
    }
    fclose(file);
    if (used == 0)
        fail_usage("--clients: %s: no hosts in the file", path);
    return hosts;
}

/* In the format of mpirun's -H */
static const char *host_list(const char *hosts)
{
    return hosts[0] == '@' ? hosts_of_file(hosts + 1) : hosts;
}

void mpirun_check(const char *hosts)
{
    if (!are_hosts(host_list(hosts)))
        fail_usage("--clients takes hosts such as a,b:2, @FILE or job, not '%s'", hosts);
    if (!program_is_in_path("mpirun") || access(load_mpi(), X_OK) != 0)
        fail("--clients needs mpirun and load-mpi: see `make mpi`");
}

/* ---- command line ---- */

static void add_all(const char **argv, unsigned *count, const char *const *arguments)
{
    for (; *arguments; arguments++)
        argv[(*count)++] = *arguments;
}

/*
 * Processes are not bound to CPUs: all threads of a process would share one. The first process is on this host, since mpirun
 * fills hosts in their order. One application: mpirun 5 of Debian and Ubuntu crashes if given two, separated by ":" (Open
 * MPI issue 13303).
 */
static void make_command(const char **argv, const char *hosts, const char *const *arguments)
{
    static const char *const all[] = {"mpirun", "--oversubscribe", "--bind-to", "none", NULL},
                             *const job[] = {"--map-by", "ppr:1:node", NULL};
    static char list[HOSTS_TEXT + 16];
    const char *const here_and_there[] = {"-H", list, NULL};
    unsigned count = 0;
    add_all(argv, &count, all);
    if (geteuid() == 0)
        argv[count++] = "--allow-run-as-root"; /* mpirun refuses to run as root without it */
    if (strcmp(hosts, "job") != 0)
        snprintf(list, sizeof list, "localhost,%s", host_list(hosts));
    add_all(argv, &count, list[0] ? here_and_there : job);
    argv[count++] = load_mpi();
    add_all(argv, &count, arguments);
    argv[count] = NULL;
}

/* ---- the child ---- */

static void __attribute__((noreturn)) run(const char *const *argv, int output, pid_t parent)
{
    setsid(); /* signals of the terminal go to the parent only */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_FAILED);
    for (unsigned i = 0; i < sizeof environment / sizeof *environment; i++)
        setenv(environment[i].name, environment[i].value, 0);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(argv[0], (char *const *)argv);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(EXIT_FAILED);
}

void mpirun_start(struct mpirun *m, const char *hosts, const char *const *arguments)
{
    const char *argv[ARGUMENTS];
    pid_t self = getpid();
    make_command(argv, hosts, arguments);
    m->output = memfd_create("mpirun", MFD_CLOEXEC);
    m->pid = m->output < 0 ? -1 : fork();
    if (m->pid < 0)
        fail("cannot start mpirun: %s", strerror(errno));
    if (m->pid == 0)
        run(argv, m->output, self);
}

bool mpirun_has_ended(struct mpirun *m)
{
    if (m->pid && waitpid(m->pid, &m->status, WNOHANG) == m->pid)
        m->pid = 0;
    return m->pid == 0;
}

/* mpirun ends its daemons, and these end their processes; it is killed if it waits for an unreachable host. */
void mpirun_end(struct mpirun *m)
{
    uint64_t end_ns = clock_ns() + ENDS_WITHIN_NS;
    if (!mpirun_has_ended(m))
        kill(m->pid, SIGTERM);
    while (!mpirun_has_ended(m)) {
        if (clock_ns() > end_ns)
            kill(m->pid, SIGKILL);
        sleep_ns(LOOK_MS * NS_PER_MS);
    }
}

const char *mpirun_error(const struct mpirun *m)
{
    static const char prefix[] = "load-mpi: ";
    static char text[OUTPUT_TEXT];
    const char *own = NULL, *first = NULL;
    ssize_t n = pread(m->output, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (!own && strncmp(line, prefix, sizeof prefix - 1) == 0)
            own = line;
        if (!first && isalnum((unsigned char)line[0]))
            first = line;
    }
    return own ? own : first ? first : "mpirun printed no message";
}
