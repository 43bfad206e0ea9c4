/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_trial: accepts the arguments of `trial`, measures nothing, and appends a row at once.
 *
 * The row comes from a simulated machine with known parameters, so that the output of the engine and of the
 * statistics can be checked against them. Its environment:
 *
 *   FAKE_SD        standard deviation of the logarithm of the requests per second (0)
 *   FAKE_DRIFT     slowdown of the machine at the end, as a fraction ...
 *   FAKE_TRIALS    ... after so many trials (1)
 *   FAKE_SLOW      NAME:FACTOR: a server whose requests per second are multiplied by FACTOR
 *   FAKE_SEED      of the noise (1)
 *   FAKE_VERDICT   NAME:VERDICT or NAME:VERDICT:N: the verdict of the rows of that server, or of its first N
 *   FAKE_SCALE     scaling of throughput with the CPUs: 1 = in proportion, 0 = constant (0)
 *   FAKE_MS        how long a trial takes (0): as long as that, or, where WAKEONE_UPTIME names a clock (a file like
 *                  /proc/uptime, see harness/runs/execute.c), that clock is advanced and no time passes
 */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The columns of trials.csv in order; tests compare them with the output of `trial`. */
static const char header[] =
    "trial,round,position,machine,strategy,backend,workers,cpus,server_cpus,client_cpus,"
    "load,connections,rate_offered,requests_per_connection,window_s,conns,requests,"
    "errors_connect,errors_read,errors_timeout,errors_status,throughput_rps,connect_p50_us,"
    "connect_p99_us,latency_p50_us,latency_p90_us,latency_p99_us,latency_p999_us,"
    "latency_max_us,censored,send_lag_p99_us,wakeups,useful,spurious,absorbed,"
    "wakeups_per_conn,eagain,ctx_switches,server_cpu_us_per_req,client_cpu_us_per_req,jain,"
    "max_share,idle_workers,listen_overflows,steal_pct,hiccup_pct,hiccup_max_us,"
    "nr_throttled,throttled_us,"
    "instrument_diff_pct,instrument,verdict\n";

/* Columns that are arguments of the command line, and their values if not given. */
static const struct {
    const char *option, *column, *otherwise;
} columns[] = {
    {"--trial", "trial", "0"},
    {"--round", "round", "0"},
    {"--position", "position", "0"},
    {"--as", "strategy", ""},
    {"--backend", "backend", "epoll"},
    {"--workers", "workers", "8"},
    {"--server-cpus", "server_cpus", ""},
    {"--client-cpus", "client_cpus", ""},
    {"--connections", "connections", ""},
    {"--rate", "rate_offered", ""},
    {"--requests-per-connection", "requests_per_connection", "1"},
};

static const char *argument_of(int argc, char **argv, const char *option, const char *otherwise)
{
    for (int i = 1; i + 1 < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], option) == 0)
            return argv[i + 1];
    return otherwise;
}

static int has(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], option) == 0)
            return 1;
    return 0;
}

static double setting(const char *name, double otherwise)
{
    const char *text = getenv(name);
    return text ? strtod(text, NULL) : otherwise;
}

/* "NAME:VALUE" of the environment: the value if NAME is this one, else NULL */
static const char *setting_of(const char *setting_name, const char *name)
{
    const char *text = getenv(setting_name);
    size_t length = strlen(name);
    return text && strncmp(text, name, length) == 0 && text[length] == ':' ? text + length + 1
                                                                           : NULL;
}

/* SplitMix64 (G. Steele et al., OOPSLA 2014): one number of each trial, whatever the others were. */
static double uniform(uint64_t n)
{
    n *= 0x9e3779b97f4a7c15;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return ((double)((n ^ (n >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller */
static double normal(uint64_t n)
{
    return sqrt(-2 * log(uniform(2 * n + 1))) * cos(2 * acos(-1) * uniform(2 * n + 2));
}

static double requests_per_second(const char *name, unsigned long trial, double speed)
{
    const char *factor = setting_of("FAKE_SLOW", name);
    double time = (double)trial / setting("FAKE_TRIALS", 1);
    uint64_t n = trial + 1000000007 * (uint64_t)setting("FAKE_SEED", 1);
    return 20000 * exp(setting("FAKE_SD", 0) * normal(n)) * (factor ? strtod(factor, NULL) : 1) *
           (1 - setting("FAKE_DRIFT", 0) * time) * speed;
}

/* All of it, or nothing and 0: no half row where the disk is full, as of `trial`. */
static int write_whole(int fd, off_t size, const char *first, const char *text)
{
    const char *const parts[] = {size == 0 ? first : "", text};
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(parts[i]);
        ssize_t count = write(fd, parts[i], length);
        if (count == (ssize_t)length)
            continue;
        errno = count < 0 ? errno : ENOSPC;
        int error = errno;
        if (ftruncate(fd, size) != 0)
            perror("ftruncate");
        errno = error;
        return 0;
    }
    return 1;
}

static void append(const char *directory, const char *name, const char *first, const char *text)
{
    char path[4096];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || fstat(fd, &status) != 0 || write_whole(fd, status.st_size, first, text) == 0 ||
        close(fd) != 0) {
        perror(path);
        exit(1);
    }
}

static unsigned cpus_here(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (unsigned)CPU_COUNT(&allowed) : 1;
}

static unsigned count_cpus(const char *list)
{
    unsigned count = 0;
    while (*list) {
        char *end;
        unsigned long first = strtoul(list, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        count += (unsigned)(last - first) + 1;
        list = end + (*end == ',');
    }
    return count;
}

/* Of lists that are the same or have none in common; without them as many as there are */
static const char *cpus_of(const char *server, const char *client)
{
    static char text[16];
    unsigned count = count_cpus(server) + (strcmp(server, client) != 0 ? count_cpus(client) : 0);
    snprintf(text, sizeof text, "%u", count ? count : cpus_here());
    return text;
}

/* The verdict of a row by the environment, "VERDICT" or "VERDICT:ROUNDS" */
static const char *verdict_of(const char *name, unsigned long round)
{
    static char text[32];
    const char *verdict = setting_of("FAKE_VERDICT", name);
    const char *rounds = verdict ? strchr(verdict, ':') : NULL;
    if (!verdict || (rounds && round > strtoul(rounds + 1, NULL, 10)))
        return "ok";
    snprintf(text, sizeof text, "%.*s", (int)strcspn(verdict, ":"), verdict);
    return text;
}

static const char *value_of(int argc, char **argv, const char *column, const char *name,
                            double throughput)
{
    static char text[64];
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(columns[i].column, column) == 0)
            return argument_of(argc, argv, columns[i].option, columns[i].otherwise);
    if (strcmp(column, "cpus") == 0)
        return cpus_of(argument_of(argc, argv, "--server-cpus", ""),
                       argument_of(argc, argv, "--client-cpus", ""));
    if (strcmp(column, "machine") == 0)
        return "vm";
    if (strcmp(column, "load") == 0)
        return *argument_of(argc, argv, "--rate", "") ? "open-constant" : "closed";
    if (strcmp(column, "instrument") == 0)
        return "ctxsw";
    if (strcmp(column, "verdict") == 0)
        return has(argc, argv, "--warm-up-trial")
                   ? "warm-up"
                   : verdict_of(name, strtoul(argument_of(argc, argv, "--round", "0"), NULL, 10));
    if (strcmp(column, "throughput_rps") != 0)
        return "";
    snprintf(text, sizeof text, "%.3f", throughput);
    return text;
}

/* In milliseconds: of the clock that the engine reads, or slept. */
static void spend(double milliseconds)
{
    const char *path = getenv("WAKEONE_UPTIME");
    double seconds = 0;
    if (!path) {
        usleep((useconds_t)(1000 * milliseconds));
        return;
    }
    FILE *clock = fopen(path, "r+");
    if (!clock || fscanf(clock, "%lf", &seconds) != 1 || fseek(clock, 0, SEEK_SET) != 0 ||
        fprintf(clock, "%.2f 0.00\n", seconds + milliseconds / 1000) < 0 || fclose(clock) != 0) {
        perror(path);
        exit(1);
    }
}

static void append_row(int argc, char **argv, const char *directory, const char *name,
                       double throughput)
{
    char row[4096], column[64];
    size_t used = 0;
    for (const char *at = header; *at; at += strcspn(at, ",\n") + 1) {
        size_t length = strcspn(at, ",\n");
        snprintf(column, sizeof column, "%.*s", (int)length, at);
        used += (size_t)snprintf(row + used, sizeof row - used, "%s%c",
                                 value_of(argc, argv, column, name, throughput), at[length]);
    }
    append(directory, has(argc, argv, "--wire") ? "wire.csv" : "trials.csv", header, row);
}

int main(int argc, char **argv)
{
    const char *directory = argument_of(argc, argv, "--out", ".");
    const char *trial = argument_of(argc, argv, "--trial", "0"),
               *name = argument_of(argc, argv, "--as", "");
    char text[256];
    spend(setting("FAKE_MS", 0));
    snprintf(text, sizeof text, "%s,%s,%s,0,worker,100\n", trial, name,
             argument_of(argc, argv, "--workers", "8"));
    append(directory, "workers.csv", "trial,strategy,workers,worker,role,accepts\n", text);
    if (setting("FAKE_HISTOGRAM", 1)) {
        snprintf(text, sizeof text, "hist/%s.hgrm", trial);
        append(directory, text, "", "100.0 0.5 50 2\n200.0 1.0 100 inf\n");
    }
    double cpus = strtod(value_of(argc, argv, "cpus", name, 0), NULL);
    append_row(argc, argv, directory, name,
               requests_per_second(name, strtoul(trial, NULL, 10),
                                   pow(cpus / 2, setting("FAKE_SCALE", 0))));
    return 0;
}
