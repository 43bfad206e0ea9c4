/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer: starts a third-party server with the interface of the suite's servers.
 *
 *      trial --> peer --> nginx, in a session of its own, as user nobody --> its workers
 *                  \----> watchdog: ends that session when peer has ended, for any reason
 *
 * It is called by the name of the server (build/peer/nginx-off), has the options of the suite's servers, prints their
 * ready line when all threads of the server sleep, and ends on SIGTERM. The server and its configuration are defined by
 * the script next to it (build/peer/nginx-off.sh):
 *
 *      sh SCRIPT NAME DIRECTORY PORT WORKERS KEEPALIVE
 *
 * It writes its configuration into the directory, and prints, one a line, the least number of threads when all have
 * started, and the arguments of the command. Its exit status 2 means that the server is unavailable; the reason is on
 * stderr. The page of counters has only the threads (harness/lib/stats_page.h): connections and requests are those of
 * the client.
 */

#include "session.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"
#include "harness/lib/stats_page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ARGUMENTS_MAX = 62,
    TEXT_MAX = 4096,
    START_LIMIT_MS = 15000,
    STOP_LIMIT_MS = 3000,
    KILL_LIMIT_MS = 2000,
    POLL_MS = 10,
    NOBODY = 65534,
};

static const char reply[] = "Hello, world\n";

static struct {
    unsigned long workers, port, ready_fd;
    bool keepalive;
    const char *stats;
    struct cpulist cpus;
} settings = {.workers = 8, .ready_fd = 1};

static const char *name;
static char directory[PATH_MAX];
static struct command {
    unsigned long threads; /* minimum */
    char text[TEXT_MAX];
    char *arguments[ARGUMENTS_MAX + 1];
} command;
static pid_t server, watchdog;

/* ---- directory ---- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_directory(void)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The temporary directory of root may be inaccessible to the user of the server. */
static bool is_accessible(const char *path)
{
    if (geteuid() != 0)
        return true;
    bool open = seteuid(NOBODY) == 0 && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
    return seteuid(0) == 0 && open;
}

/* Also writable for the server. */
static void make_directory_or_die(void)
{
    const char *above = temporary_directory();
    if (*above != '/' || !is_accessible(above)) /* the server has another working directory */
        above = "/tmp";
    int length = snprintf(directory, sizeof directory, "%s/wakeone-peer.XXXXXX", above);
    if (length >= (int)sizeof directory)
        fail("the name of the directory for temporary files is too long");
    if (!mkdtemp(directory) || chmod(directory, 0755) != 0)
        fail("cannot make a directory in %s: %s", above, strerror(errno));
    if (geteuid() == 0 && chown(directory, NOBODY, NOBODY) != 0)
        fail("cannot change the owner of %s to nobody: %s", directory, strerror(errno));
}

/* The last line of the server's output, or of its error log. */
static void last_message(char *line, size_t size)
{
    static const char *const logs[] = {"error.log", "output"};
    snprintf(line, size, "no output");
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        char path[sizeof directory + 16], text[1024];
        snprintf(path, sizeof path, "%s/%s", directory, logs[i]);
        FILE *file = fopen(path, "re");
        bool any = false;
        while (file && fgets(text, sizeof text, file))
            if (text[strspn(text, " \t\n")]) {
                text[strcspn(text, "\n")] = '\0';
                snprintf(line, size, "%s", text);
                any = true;
            }
        if (file)
            fclose(file);
        if (any)
            return;
    }
}

/* ---- the command ---- */

/* Third-party servers cannot choose a free port themselves. */
static unsigned long free_port_or_die(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        fail("cannot find a free port: %s", strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

static void __attribute__((noreturn)) run_script(const char *self, int out)
{
    char beside[TEXT_MAX + 4], script[PATH_MAX], port[16], workers[24];
    snprintf(beside, sizeof beside, "%s.sh", self);
    if (!realpath(beside, script)) /* a link: the script sources common.sh from its own directory */
        fail_usage("there is no third-party server %s: %s: %s", name, beside, strerror(errno));
    snprintf(port, sizeof port, "%lu", settings.port);
    snprintf(workers, sizeof workers, "%lu", settings.workers);
    dup2(out, STDOUT_FILENO);
    execl("/bin/sh", "sh", script, name, directory, port, workers, settings.keepalive ? "1" : "0",
          (char *)NULL);
    _exit(EXIT_FAILED);
}

static size_t read_all(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t n;
    while (used < size - 1 && (n = read(fd, text + used, size - 1 - used)) != 0) {
        if (n < 0 && errno != EINTR)
            break;
        used += n > 0 ? (size_t)n : 0;
    }
    text[used] = '\0';
    return used;
}

static void split_command_or_die(void)
{
    unsigned count = 0;
    char *rest, *line = strtok_r(command.text, "\n", &rest);
    command.threads = line ? strtoul(line, NULL, 10) : 0;
    while ((line = strtok_r(NULL, "\n", &rest)) && count < ARGUMENTS_MAX)
        command.arguments[count++] = line;
    if (!command.threads || !count)
        fail("the script of %s prints no command", name);
}

static void read_command_or_die(const char *self)
{
    int out[2], status;
    if (pipe2(out, O_CLOEXEC) != 0)
        fail("cannot run the script of %s: %s", name, strerror(errno));
    pid_t script = fork();
    if (script == 0)
        run_script(self, out[1]);
    close(out[1]);
    read_all(out[0], command.text, sizeof command.text);
    close(out[0]);
    if (script < 0 || waitpid(script, &status, 0) < 0 || !WIFEXITED(status))
        fail("cannot run the script of %s", name);
    if (WEXITSTATUS(status) == 0) {
        split_command_or_die();
        return;
    }
    remove_directory();
    exit(WEXITSTATUS(status)); /* it has printed the reason */
}

/* ---- processes ---- */

static void give_up_root_or_die(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        fail("cannot become nobody: %s", strerror(errno));
}

static void use_cpus(void)
{
    cpu_set_t set;
    if (!settings.cpus.count)
        return;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < settings.cpus.count; i++)
        CPU_SET(settings.cpus.cpus[i], &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fail("cannot run %s on these CPUs: %s", name, strerror(errno));
}

static void __attribute__((noreturn)) run_server(const sigset_t *before)
{
    char output[sizeof directory + 16];
    snprintf(output, sizeof output, "%s/output", directory);
    setsid();
    use_cpus();
    give_up_root_or_die();
    int null = open("/dev/null", O_RDONLY);
    int out = open(output, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (null < 0 || out < 0 || chdir(directory) != 0)
        fail("cannot write to %s: %s", directory, strerror(errno));
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, before, NULL);
    close_range(3, ~0U, 0);
    execvp(command.arguments[0], command.arguments);
    message("cannot run %s: %s", command.arguments[0], strerror(errno));
    _exit(EXIT_FAILED);
}

/* Sleeps until the other end of the pipe is closed, which the kernel does when peer ends. */
static void __attribute__((noreturn)) watch(int peer, pid_t session)
{
    char byte;
    setsid();
    prctl(PR_SET_NAME, "watchdog");
    while (read(peer, &byte, 1) < 0 && errno == EINTR)
        ;
    session_kill(session, KILL_LIMIT_MS);
    remove_directory();
    _exit(EXIT_DONE);
}

/* Blocks the signals that end this process, for sigwaitinfo(); orphans of the server become its children. */
static void start_or_die(sigset_t *wanted)
{
    sigset_t before;
    int ends[2];
    sigemptyset(wanted);
    sigaddset(wanted, SIGTERM);
    sigaddset(wanted, SIGINT);
    sigaddset(wanted, SIGHUP);
    sigaddset(wanted, SIGCHLD);
    sigprocmask(SIG_BLOCK, wanted, &before);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("cannot start %s: %s", name, strerror(errno));
    server = fork();
    if (server == 0)
        run_server(&before);
    watchdog = server < 0 ? -1 : fork();
    if (watchdog == 0) {
        dup2(ends[0], 0);
        close_range(1, ~0U, 0);
        watch(0, server);
    }
    close(ends[0]); /* the other end stays open until this process ends */
    if (server < 0 || watchdog < 0) {
        if (server > 0)
            session_kill(server, KILL_LIMIT_MS);
        fail("cannot start %s: %s; see `ulimit -u`", name, strerror(errno));
    }
}

/* True if the server, not only one of its workers, has ended. */
static bool reap(void)
{
    pid_t pid;
    bool ended = false;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ended |= pid == server;
    return ended;
}

/* SIGTERM to the server, and after STOP_LIMIT_MS SIGKILL to its session. */
static void stop(void)
{
    static struct session session;
    uint64_t end = clock_ns() + STOP_LIMIT_MS * NS_PER_MS;
    kill(server, SIGTERM);
    do {
        sleep_ns(2 * NS_PER_MS);
        reap();
        session_read(&session, server);
    } while (session.threads > 0 && clock_ns() < end);
    session_kill(server, KILL_LIMIT_MS);
    reap();
    remove_directory();
}

static void __attribute__((noreturn)) fail_to_start(const char *why)
{
    char line[1024];
    last_message(line, sizeof line);
    stop();
    fail_usage("%s did not start: %s: %s", name, why, line);
}

/* ---- readiness ---- */

/* Writes the reply to the run, if WAKEONE_PEERS is set: it is compared with that of the suite's servers. */
static void keep_reply(const char *text)
{
    const char *place = getenv("WAKEONE_PEERS");
    char path[TEXT_MAX];
    if (!place)
        return;
    snprintf(path, sizeof path, "%s/%s.reply", place, name);
    FILE *file = fopen(path, "we");
    if (!file || fputs(text, file) == EOF || fclose(file) != 0)
        message("cannot write %s: %s", path, strerror(errno));
}

/* Makes one request as a client does, and checks the reply. */
static bool answers(char *why, size_t size)
{
    static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)settings.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 2};
    char text[8192];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    bool sent = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0;
    size_t n = sent ? read_all(fd, text, sizeof text) : 0;
    if (fd >= 0)
        close(fd);
    if (!sent) {
        snprintf(why, size, "no process listens on its port");
        return false;
    }
    snprintf(why, size, "its reply is not that of the suite's servers");
    bool same = n >= sizeof reply - 1 && strcmp(text + n - (sizeof reply - 1), reply) == 0;
    if (same)
        keep_reply(text);
    return same;
}

/* Returns when all threads exist and sleep, at two readings in a row. */
static void wait_until_asleep_or_die(struct session *session)
{
    uint64_t end = clock_ns() + START_LIMIT_MS * NS_PER_MS;
    char why[80] = "";
    bool answered = false;
    unsigned before = 0;
    for (;;) {
        if (reap())
            fail_to_start("it ended");
        answered = answered || answers(why, sizeof why);
        session_read(session, server);
        bool quiet = answered && session->threads >= command.threads &&
                     session->asleep == session->threads;
        if (quiet && session->threads == before)
            return;
        before = quiet ? session->threads : 0;
        if (clock_ns() > end)
            fail_to_start(answered ? "not all of its workers have started and sleep" : why);
        sleep_ns(POLL_MS * NS_PER_MS);
    }
}

/* ---- counters and ready line ---- */

static struct stats_page *map_stats_or_die(const struct session *session)
{
    size_t size = sizeof(struct stats_page) + session->threads * sizeof(struct worker_stats);
    int fd = settings.stats ? open(settings.stats, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)
                            : -1;
    if (settings.stats && (fd < 0 || ftruncate(fd, (off_t)size) != 0))
        fail("cannot write the counters to %s: %s", settings.stats, strerror(errno));
    struct stats_page *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                   settings.stats ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, fd, 0);
    if (page == MAP_FAILED)
        fail("out of memory");
    if (fd >= 0)
        close(fd);
    page->magic = STATS_MAGIC;
    page->slots = page->workers = session->threads;
    page->foreign = 1;
    for (unsigned i = 0; i < session->threads; i++)
        page->slot[i].pid = (uint64_t)session->tids[i];
    return page;
}

static void print_ready_or_die(void)
{
    if (dprintf((int)settings.ready_fd, "ready port=%lu pid=%d\n", settings.port, (int)getpid()) >
        0)
        return;
    int error = errno;
    stop();
    fail("cannot write the ready line to descriptor %lu: %s", settings.ready_fd, strerror(error));
}

/* Returns when a signal arrives. False if the server ended before. */
static bool serve(const sigset_t *wanted, struct stats_page *stats)
{
    for (;;) {
        int number = sigwaitinfo(wanted, NULL);
        if (number == SIGCHLD && !reap())
            continue;
        if (number == SIGCHLD)
            stat_add(&stats->dead, 1);
        return number != SIGCHLD;
    }
}

static void parse_settings(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "starts a third-party server like one of the suite: see docs/architecture.md",
        .example = "build/peer/nginx-off --workers 8 --port 8080",
    };
    static const struct option_spec options[] = {
        {OPTION_NUMBER, "workers", "N", "worker processes, or threads of a threaded server (8)",
         &settings.workers, 1, 512},
        {OPTION_NUMBER, "port", "P", "on 127.0.0.1 (a free one)", &settings.port, 1024, 65535},
        {OPTION_CPUS, "cpus", "LIST", "CPUs of all its processes (any)", &settings.cpus},
        {OPTION_FLAG, "keepalive", NULL, "keep connections open (close them)", &settings.keepalive},
        {OPTION_TEXT, "stats", "FILE", "page with its threads, mapped from this file (none)",
         &settings.stats},
        {OPTION_NUMBER, "ready-fd", "N", "descriptor for the ready line (1)", &settings.ready_fd, 0,
         65535},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv);
    if (first < argc)
        fail_usage("unexpected argument '%s'", argv[first]);
}

int main(int argc, char **argv)
{
    static struct session session;
    sigset_t wanted;
    char self[TEXT_MAX];
    snprintf(self, sizeof self, "%s", argv[0]);
    name = strdup(basename(argv[0]));
    parse_settings(argc, argv);
    if (!settings.port)
        settings.port = free_port_or_die();
    make_directory_or_die();
    read_command_or_die(self);
    signal(SIGPIPE, SIG_IGN); /* writing to a closed pipe is an error to be reported */
    start_or_die(&wanted);
    wait_until_asleep_or_die(&session);
    struct stats_page *stats = map_stats_or_die(&session);
    print_ready_or_die();
    bool stopped = serve(&wanted, stats);
    char line[1024];
    last_message(line, sizeof line);
    stop();
    if (!stopped)
        fail("%s ended by itself: %s", name, line);
    return EXIT_DONE;
}
