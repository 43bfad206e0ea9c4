/* SPDX-License-Identifier: BSD-2-Clause */
#include "arguments.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECTIONS = 16 };

/* 0 and NULL = not given, unless load_arguments_begin() sets another default. */
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
    {OPTION_RANGE, "rate", "R", "open loop: requests per second, independent of the responses",
     &given.rate, 1, 10000000, NULL},
    {OPTION_CHOICE, "arrivals", "KIND", "with --rate: constant or poisson (constant)",
     &given.arrivals, 0, 0, arrival_names},
    {OPTION_NUMBER, "burst", "N", "open loop: N requests at once; needs --every", &given.burst, 1,
     1000000, NULL},
    {OPTION_DURATION, "every", "D", "open loop: interval between bursts; needs --burst",
     &given.every_ns, NS_PER_US, 3600 * NS_PER_S, NULL},
    {OPTION_NUMBER, "max-open", "N",
     "open loop: open connections at most; requests beyond it are not started, but counted (10000)",
     &given.max_open, 1, 1000000, NULL},
    {OPTION_NUMBER, "requests-per-connection", "K",
     "requests per connection; 0 = as many as the server allows (1)", &given.requests, 0,
     1000000000, NULL},
    {OPTION_TEXT, "mix", "LIST",
     "connection classes, NAME:WEIGHT[:REQUESTS[:HOLD]],...; short:90,long:10", &given.mix, 0, 0,
     NULL},
    {OPTION_NUMBER, "threads", "T", "threads, which share connections, rate and count (1)",
     &given.threads, 1, LOAD_THREADS, NULL},
    {OPTION_FLAG, "spin", NULL, "busy-poll instead of sleeping; each thread takes a whole CPU",
     &given.spin, 0, 0, NULL},
    {OPTION_DURATION, "timeout", "D", "timeout of a request, connect included (5s)",
     &given.timeout_ns, NS_PER_MS, 3600 * NS_PER_S, NULL},
    {OPTION_TEXT, "sources", "RANGE", "source addresses, such as 127.0.0.0/24", &given.sources, 0,
     0, NULL},
    {OPTION_CHOICE, "close", "HOW", "close by fin or rst; rst leaves no TIME_WAIT (fin)",
     &given.close, 0, 0, close_names},
    {OPTION_TEXT, "method", "WORD", "request method (GET, or POST with a body)", &given.method, 0,
     0, NULL},
    {OPTION_TEXTS, "header", "LINE", "\"Name: value\", added to the request; can be repeated",
     &given.headers, 0, 0, NULL},
    {OPTION_TEXT, "body", "TEXT", "request body; @FILE reads it from FILE", &given.body, 0, 0,
     NULL},
    {OPTION_TEXT, "expect", "TEXT", "count responses without TEXT in their body as errors",
     &given.expect, 0, 0, NULL},
    {OPTION_NUMBER, "expect-length", "N", "count bodies of another length as errors",
     &given.expect_length, 0, 1000000000000ULL, NULL},
    {OPTION_TEXT, "expect-status", "LIST", "statuses that are not errors, such as 2xx,404 (2xx)",
     &given.expect_status, 0, 0, NULL},
    {OPTION_TEXT, "unix-socket", "PATH", "connect to this UNIX socket instead of the URL's host",
     &given.unix_socket, 0, 0, NULL},
    {OPTION_NUMBER, "seed", "S", "random seed of arrivals and mix (1)", &given.seed, 0, 999999999,
     NULL},
    {OPTION_FLAG, "allow-remote", NULL,
     "allow a target on another machine, with its owner's consent", &given.allow_remote, 0, 0,
     NULL},
    OPTIONS_END,
};

const struct option_spec load_arguments_of_tool[] = {
    {OPTION_DURATION, "ramp", "D", "raise --rate A..B over D, the window; reports the knee",
     &given.ramp_ns, 100 * NS_PER_MS, 86400 * NS_PER_S, NULL},
    {OPTION_CHOICE, "tls-resume", "HOW",
     "https: on = resume the TLS session of an earlier connection (off)", &given.resume, 0, 0,
     resume_names},
    {OPTION_TEXT, "cacert", "FILE", "https: PEM file of trusted CAs (the system's)", &given.cacert,
     0, 0, NULL},
    {OPTION_FLAG, "insecure", NULL, "https: do not verify the certificate", &given.insecure, 0, 0,
     NULL},
    {OPTION_TEXT, "urls", "FILE",
     "request from lines WEIGHT PATH or WEIGHT URL instead of URL's path", &given.urls, 0, 0, NULL},
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

/* ---- combinations of options ---- */

static void check_arrivals(const struct load_options *load)
{
    bool open = given.rate.first || given.burst, rises = given.rate.last > given.rate.first;
    const struct {
        bool wrong;
        const char *message;
    } checks[] = {
        {given.rate.first && given.burst, "--rate and --burst exclude each other"},
        {given.burst && !given.every_ns, "--burst needs --every, the interval between bursts"},
        {given.every_ns && !given.burst, "--every needs --burst, the size of a burst"},
        {given.arrivals != NOT_GIVEN && !given.rate.first,
         "--arrivals needs --rate, the requests per second"},
        {open && given.connections,
         "--connections is for a closed loop: with --rate or --burst, see --max-open"},
        {open && given.think_ns, "--think is for a closed loop: leave out --rate and --burst"},
        {!open && given.max_open, "--max-open is for an open loop: give --rate or --burst as well"},
        {rises && !given.ramp_ns,
         "--rate A..B needs --ramp, an option of load: how long the rate rises"},
        {given.ramp_ns && !rises, "--ramp needs --rate A..B, such as 1000..20000"},
        {given.ramp_ns && (load->duration_ns || load->count),
         "--ramp is the length of the window: leave out --duration and --count"},
        {given.mix && given.requests != NO_NUMBER,
         "--mix sets the requests per connection: leave out --requests-per-connection"},
        {given.insecure && given.cacert,
         "--insecure does not verify certificates: leave out --cacert"},
        {given.unix_socket && given.sources, "--sources is not supported with --unix-socket"},
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

/* Every thread needs at least one connection and one request: with a share of 0, which means unlimited, it would not end. */
static void check_threads(const struct load_options *load)
{
    unsigned long all = load->schedule.kind == SCHEDULE_NONE ? load->connections : load->max_open;
    if (all && all < load->threads)
        fail_usage("--threads %lu is more than the %lu connections to share", load->threads, all);
    if (load->count && load->count < load->threads)
        fail_usage("--threads %lu is more than the %lu requests to share", load->threads,
                   load->count);
}

static void set_classes(struct load_options *load)
{
    classes_set_plain(&load->classes, given.requests == NO_NUMBER ? 1 : given.requests);
    const char *wrong = given.mix ? classes_parse(&load->classes, given.mix) : NULL;
    if (wrong)
        fail_usage("--mix '%s': %s; expected NAME:WEIGHT[:REQUESTS[:HOLD]],...", given.mix, wrong);
}

/* ---- request and source addresses ---- */

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
        fail_usage("invalid request: %s", wrong);
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

/* The user of the URL becomes a header field, unless --header sets one. The field is in `load`, which must not move. */
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

/* Messages end up in logs, so the URL is printed without user and password. */
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

/* ---- URLs ---- */

/* At most URLS_FILE_MAX bytes, terminated by a NUL. */
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

/* A line with a URL of the same server; the Host field may name it differently. */
static void resolve_url(const struct load_target *target, struct url *url)
{
    struct load_target other;
    const char *wrong = load_target_parse(&other, url->text, given.unix_socket);
    if (wrong && other.is_machine_error)
        fail("%s:%u: cannot look up the host of '%s': %s", given.urls, url->line,
             behind_user(url->text), wrong);
    if (!wrong && other.authorization[0])
        wrong = "the user belongs into the URL of the command line, for all requests";
    if (!wrong && !load_target_is_same_server(target, &other))
        wrong = "not on the server of the URL of the command line";
    if (wrong)
        fail_usage("%s:%u: cannot use the URL '%s': %s", given.urls, url->line,
                   behind_user(url->text), wrong);
    url->host = copy_or_die(other.host);
    url->path = copy_or_die(other.path);
}

static void set_urls(struct load_options *load)
{
    static struct urls urls;
    static char text[URLS_FILE_MAX + 2]; /* the URLs point into it */
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
        fail_usage("%s is on another machine: add --allow-remote if you may load it", url);
    if (load->sources.count && !load_target_keep_family(target, load->sources.family))
        fail_usage("--sources %s and %s are of different address families", given.sources, url);
    if (!target->is_tls && (given.insecure || given.cacert || given.resume))
        fail_usage("--tls-resume, --cacert and --insecure are for https:// URLs");
    load->tls = (struct tls_options){
        .resume = given.resume, .insecure = given.insecure, .cacert = given.cacert};
    if (given.urls)
        set_urls(load);
    add_authorization(load);
}
