#include "arguments.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECTIONS = 16 };

/* 0 and NULL = not given, where load_arguments_begin() does not say otherwise. */
static struct {
    unsigned long connections, burst, max_open, requests, threads, seed, expect_length;
    struct number_range rate;
    uint64_t think_ns, every_ns, timeout_ns, ramp_ns;
    unsigned arrivals, close, resume;
    const char *mix, *sources, *method, *body, *expect, *expect_status, *unix_socket, *urls,
        *cacert;
    struct text_list headers;
    bool spin, allow_remote, insecure;
} given;

enum { CONSTANT, POISSON, NOT_GIVEN };
static const char *const arrival_names[] = {"constant", "poisson", NULL};
static const char *const close_names[] = {"fin", "rst", NULL};
static const char *const resume_names[] = {"off", "on", NULL};
static const unsigned long NO_NUMBER = ~0UL;

const struct option_spec load_arguments[] = {
    {OPTION_NUMBER, "connections", "C", "closed loop: connections open at a time (16)",
     &given.connections, 1, 1000000, NULL},
    {OPTION_DURATION, "think", "D", "closed loop: from an answer to the next request (0s)",
     &given.think_ns, 0, 3600 * NS_PER_S, NULL},
    {OPTION_RANGE, "rate", "R", "open loop: requests per second, whatever the server does",
     &given.rate, 1, 10000000, NULL},
    {OPTION_CHOICE, "arrivals", "KIND", "of --rate: constant or poisson (constant)",
     &given.arrivals, 0, 0, arrival_names},
    {OPTION_NUMBER, "burst", "N", "open loop: N requests at once ...", &given.burst, 1, 1000000,
     NULL},
    {OPTION_DURATION, "every", "D", "... each D", &given.every_ns, NS_PER_US, 3600 * NS_PER_S,
     NULL},
    {OPTION_NUMBER, "max-open", "N",
     "open loop: connections open at most; what is due then is not started, and counted (10000)",
     &given.max_open, 1, 1000000, NULL},
    {OPTION_NUMBER, "requests-per-connection", "K", "0 = as many as the server allows (1)",
     &given.requests, 0, 1000000000, NULL},
    {OPTION_TEXT, "mix", "LIST",
     "kinds of connections, NAME:WEIGHT[:REQUESTS[:HOLD]],...; short:90,long:10", &given.mix, 0, 0,
     NULL},
    {OPTION_NUMBER, "threads", "T", "each with its share of all this (1)", &given.threads, 1,
     LOAD_THREADS, NULL},
    {OPTION_FLAG, "spin", NULL, "never sleep: answers are seen sooner, and each thread takes a CPU",
     &given.spin, 0, 0, NULL},
    {OPTION_DURATION, "timeout", "D", "of one request, connect included (5s)", &given.timeout_ns,
     NS_PER_MS, 3600 * NS_PER_S, NULL},
    {OPTION_TEXT, "sources", "RANGE", "addresses connections come from, such as 127.0.0.0/24",
     &given.sources, 0, 0, NULL},
    {OPTION_CHOICE, "close", "HOW", "fin, or rst, which leaves no TIME_WAIT (fin)", &given.close, 0,
     0, close_names},
    {OPTION_TEXT, "method", "WORD", "of the request (GET, or POST with a body)", &given.method, 0,
     0, NULL},
    {OPTION_TEXTS, "header", "LINE", "\"Name: value\", added to the request; more than one is fine",
     &given.headers, 0, 0, NULL},
    {OPTION_TEXT, "body", "TEXT", "of the request; @FILE reads it from there", &given.body, 0, 0,
     NULL},
    {OPTION_TEXT, "expect", "TEXT", "an answer without it in its body is an error", &given.expect,
     0, 0, NULL},
    {OPTION_NUMBER, "expect-length", "N", "an answer of another length is an error",
     &given.expect_length, 0, 1000000000000ULL, NULL},
    {OPTION_TEXT, "expect-status", "LIST", "statuses that are no error, such as 2xx,404 (2xx)",
     &given.expect_status, 0, 0, NULL},
    {OPTION_TEXT, "unix-socket", "PATH", "connect there instead of to the URL's host",
     &given.unix_socket, 0, 0, NULL},
    {OPTION_NUMBER, "seed", "S", "of the arrivals and the mix (1)", &given.seed, 0, 999999999,
     NULL},
    {OPTION_FLAG, "allow-remote", NULL, "load a machine other than this one: ask its owner first",
     &given.allow_remote, 0, 0, NULL},
    OPTIONS_END,
};

const struct option_spec load_arguments_of_tool[] = {
    {OPTION_DURATION, "ramp", "D", "--rate A..B rises in D, which is the window; shows the knee",
     &given.ramp_ns, 100 * NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_CHOICE, "tls-resume", "HOW",
     "https: on = a connection resumes an earlier one's session (off)", &given.resume, 0, 0,
     resume_names},
    {OPTION_TEXT, "cacert", "FILE", "https: PEM file of the authorities to trust (the system's)",
     &given.cacert, 0, 0, NULL},
    {OPTION_FLAG, "insecure", NULL, "https: any certificate will do", &given.insecure, 0, 0, NULL},
    {OPTION_TEXT, "urls", "FILE",
     "lines WEIGHT PATH, or WEIGHT URL: requested instead of URL's path", &given.urls, 0, 0, NULL},
    OPTIONS_END,
};

void load_arguments_begin(struct load_options *load)
{
    memset(load, 0, sizeof *load);
    given.arrivals = NOT_GIVEN;
    given.requests = NO_NUMBER;
    given.expect_length = NO_NUMBER;
    given.threads = 1;
    given.seed = 1;
    given.timeout_ns = 5 * NS_PER_S;
    given.expect_status = "2xx";
}

/* ---- what goes together ---- */

static void check_arrivals(const struct load_options *load)
{
    bool open = given.rate.first || given.burst, rises = given.rate.last > given.rate.first;
    const struct {
        bool wrong;
        const char *message;
    } checks[] = {
        {given.rate.first && given.burst, "--rate and --burst are two kinds of arrivals: give one"},
        {given.burst && !given.every_ns, "--burst takes --every as well: how often it comes"},
        {given.every_ns && !given.burst, "--every takes --burst as well: how many come"},
        {given.arrivals != NOT_GIVEN && !given.rate.first,
         "--arrivals takes --rate as well: how many a second"},
        {open && given.connections,
         "--connections is for a closed loop: with --rate or --burst, see --max-open"},
        {open && given.think_ns, "--think is for a closed loop: --rate or --burst do not wait"},
        {!open && given.max_open, "--max-open is for an open loop: give --rate or --burst as well"},
        {rises && !given.ramp_ns,
         "--rate A..B takes --ramp of load as well: how long the rate rises"},
        {given.ramp_ns && !rises, "--ramp takes --rate A..B as well, such as 1000..20000"},
        {given.ramp_ns && (load->duration_ns || load->count),
         "--ramp is the length of the window: leave out --duration and --count"},
        {given.mix && given.requests != NO_NUMBER,
         "--mix says how many requests a connection has: leave out --requests-per-connection"},
        {given.insecure && given.cacert, "--insecure checks no certificate: leave out --cacert"},
        {given.unix_socket && given.sources, "--sources has no meaning for a UNIX socket"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].wrong)
            fail_usage("%s", checks[i].message);
}

static void set_arrivals(struct load_options *load)
{
    struct schedule_options *s = &load->schedule;
    if (given.rate.first)
        s->kind = given.arrivals == POISSON ? SCHEDULE_POISSON : SCHEDULE_CONSTANT;
    else if (given.burst)
        s->kind = SCHEDULE_BURST;
    s->rate = given.rate.first;
    s->rate_end = given.rate.last;
    s->ramp_begin_ns = load->warmup_ns;
    s->ramp_ns = given.ramp_ns;
    if (given.ramp_ns)
        load->duration_ns = given.ramp_ns;
    s->burst = given.burst;
    s->every_ns = given.every_ns;
    s->seed = given.seed;
    load->connections = given.connections ? given.connections : CONNECTIONS;
    load->max_open = given.max_open;
    load->think_ns = given.think_ns;
    load->threads = given.threads;
    load->spin = given.spin;
    load->timeout_ns = given.timeout_ns;
    load->close = given.close ? LOAD_CLOSE_RST : LOAD_CLOSE_FIN;
}

/* Every thread has work: one without a request to make would make them for ever. */
static void check_threads(const struct load_options *load)
{
    unsigned long all = load->schedule.kind == SCHEDULE_NONE ? load->connections : load->max_open;
    if (all && all < load->threads)
        fail_usage("--threads %lu is more than the %lu connections they would have between them",
                   load->threads, all);
    if (load->count && load->count < load->threads)
        fail_usage("--threads %lu is more than the %lu requests they would make between them",
                   load->threads, load->count);
}

static void set_classes(struct load_options *load)
{
    classes_set_plain(&load->classes, given.requests == NO_NUMBER ? 1 : given.requests);
    const char *wrong = given.mix ? classes_parse(&load->classes, given.mix) : NULL;
    if (wrong)
        fail_usage("--mix takes NAME:WEIGHT[:REQUESTS[:HOLD]],...; of '%s', %s", given.mix, wrong);
}

/* ---- what is sent, and where from ---- */

static char *read_file_or_die(const char *path, size_t *length)
{
    char *text = NULL, part[4096];
    size_t n;
    FILE *from = fopen(path, "re"), *to = open_memstream(&text, length);
    if (!from || !to)
        fail("cannot read %s: %s", path, strerror(errno));
    while ((n = fread(part, 1, sizeof part, from)) > 0)
        fwrite(part, 1, n, to);
    if (ferror(from) || fclose(to) != 0)
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(from);
    return text;
}

static void set_request(struct load_options *load)
{
    struct request *request = &load->request;
    request->method = given.method;
    request->headers = given.headers;
    request->body = given.body;
    request->body_length = given.body ? strlen(given.body) : 0;
    if (given.body && given.body[0] == '@')
        request->body = read_file_or_die(given.body + 1, &request->body_length);
    const char *wrong = request_check(request);
    if (wrong)
        fail_usage("cannot send such a request: %s", wrong);
    if (!expect_set(&load->expect, given.expect,
                    given.expect_length == NO_NUMBER ? EXPECT_ANY_LENGTH : given.expect_length))
        fail_usage("--expect takes %d bytes at most", EXPECT_TEXT_MAX);
    wrong = status_set_parse(&load->expect_status, given.expect_status);
    if (wrong)
        fail_usage("--expect-status takes a list such as 2xx,404, not '%s': %s",
                   given.expect_status, wrong);
}

static void set_sources(struct load_options *load)
{
    if (!given.sources)
        return;
    const char *wrong = sources_parse(&load->sources, given.sources);
    if (!wrong)
        wrong = sources_check(&load->sources);
    if (wrong)
        fail_usage("cannot use --sources %s: %s", given.sources, wrong);
}

void load_arguments_end(struct load_options *load)
{
    check_arrivals(load);
    set_arrivals(load);
    check_threads(load);
    set_classes(load);
    set_request(load);
    set_sources(load);
}

/* The user of the URL, unless a field says it already. The field is in `load`, which must stay where it is. */
static void add_authorization(struct load_options *load)
{
    struct text_list *headers = &load->request.headers;
    for (unsigned i = 0; i < headers->count; i++)
        if (strncasecmp(headers->texts[i], "Authorization:", 14) == 0)
            return;
    if (load->target.authorization[0] == '\0')
        return;
    if (headers->count == TEXT_LIST_MAX)
        fail_usage("--header can be given %d times with a user in the URL", TEXT_LIST_MAX - 1);
    headers->texts[headers->count++] = load->target.authorization;
}

/* Messages end up in logs: they have no password in them. */
static const char *behind_user(const char *url)
{
    const char *authority = strstr(url, "://"), *shown = url;
    if (!authority)
        return url;
    authority += strlen("://");
    for (const char *c = authority; c < authority + strcspn(authority, "/?#"); c++)
        if (*c == '@')
            shown = c + 1;
    return shown;
}

/* ---- what is requested ---- */

/* URLS_FILE_MAX bytes at most, with a NUL behind them. */
static size_t read_urls_or_die(const char *path, char *text)
{
    FILE *from = fopen(path, "re");
    if (!from)
        fail("cannot read %s: %s", path, strerror(errno));
    size_t length = fread(text, 1, URLS_FILE_MAX + 1, from);
    if (ferror(from))
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(from);
    if (length > URLS_FILE_MAX)
        fail_usage("--urls %s is longer than %d bytes", path, URLS_FILE_MAX);
    text[length] = '\0';
    return length;
}

static const char *copy_or_die(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        fail("out of memory");
    return copy;
}

/* A line with a URL of the same server; its Host may be another name of it. */
static void resolve_url(const struct load_target *target, struct url *url)
{
    struct load_target other;
    const char *wrong = load_target_parse(&other, url->text, given.unix_socket);
    if (wrong && other.is_machine_error)
        fail("%s:%u: cannot look up the host of '%s': %s", given.urls, url->line,
             behind_user(url->text), wrong);
    if (!wrong && other.authorization[0])
        wrong = "a user is given with the URL of the command line, for all";
    if (!wrong && !load_target_is_same_server(target, &other))
        wrong = "it is not on the server of the URL of the command line";
    if (wrong)
        fail_usage("%s:%u: cannot use the URL '%s': %s", given.urls, url->line,
                   behind_user(url->text), wrong);
    url->host = copy_or_die(other.host);
    url->path = copy_or_die(other.path);
}

static void set_urls(struct load_options *load)
{
    static struct urls urls;
    static char text[URLS_FILE_MAX + 2]; /* which they are pieces of */
    unsigned line;
    size_t length = read_urls_or_die(given.urls, text);
    const char *wrong = urls_parse(&urls, text, length, &line);
    if (wrong)
        fail_usage("%s:%u: %s", given.urls, line, wrong);
    for (unsigned i = 0; i < urls.count; i++)
        if (!urls.all[i].path)
            resolve_url(&load->target, &urls.all[i]);
    load->urls = &urls;
}

void load_arguments_target(struct load_options *load, const char *url)
{
    struct load_target *target = &load->target;
    const char *wrong = load_target_parse(target, url, given.unix_socket);
    url = behind_user(url);
    if (wrong && target->is_machine_error)
        fail("cannot look up the host of '%s': %s", url, wrong);
    if (wrong)
        fail_usage("cannot use the URL '%s': %s", url, wrong);
    if (!given.allow_remote && !load_target_is_local(target))
        fail_usage("%s is not this machine: if it is yours to load, add --allow-remote", url);
    if (load->sources.count && !load_target_keep_family(target, load->sources.family))
        fail_usage("--sources %s is not of the same family as %s", given.sources, url);
    if (!target->is_tls && (given.insecure || given.cacert || given.resume))
        fail_usage("--tls-resume, --cacert and --insecure are for https:// URLs");
    load->tls = (struct tls_options){
        .resume = given.resume, .insecure = given.insecure, .cacert = given.cacert};
    if (given.urls)
        set_urls(load);
    add_authorization(load);
}
