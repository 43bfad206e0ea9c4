#include "load.h"

#include "harness/lib/clock.h"
#include "response.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    BATCH = 256,   /* events handled per wait */
    SWEEP_MS = 10, /* how often time-outs are looked for, and refused connects tried again */
    DRAIN_LIMIT_MS = 1000, /* what requests in flight get to end in after the window */
    HOPELESS = 10,         /* failures, and one per connection, without one success: give up */
    RECEIVE_SIZE = 64 * 1024,
    SPARE_DESCRIPTORS = 64, /* besides one per connection: queue, files, the harness's own */
};

const char *const load_error_names[LOAD_ERRORS] = {"connect", "read", "timeout", "status", "ports"};

enum state {
    STATE_OFF,  /* not in use, or not any more */
    STATE_WAIT, /* until `since_ns`, after a connect that failed */
    STATE_CONNECT,
    STATE_SEND,
    STATE_RECEIVE,
};

struct connection {
    int fd;
    enum state state;
    uint32_t watched;    /* epoll events; 0 = not in the queue */
    unsigned long sent;  /* requests sent on this connection */
    size_t request_sent; /* bytes of the current request that are out */
    uint64_t since_ns;   /* when the current request was meant to begin */
    struct response response;
};

struct request_text {
    char text[2048];
    size_t length;
};

enum phase { PHASE_WARMUP, PHASE_WINDOW, PHASE_DRAIN };

struct load {
    const struct load_options *options;
    struct load_result *result;
    int queue;
    enum phase phase;
    uint64_t phase_end_ns;
    uint64_t started_ns, next_sweep_ns, next_progress_ns;
    uint64_t window_begin_ns, cpu_begin_ns;
    unsigned long in_flight;
    uint64_t successes, failures; /* of the whole run, to give up a hopeless one */
    uint64_t ended;               /* requests that ended in the window, well or not */
    bool over;
    struct request_text request, last_request; /* the last one of a connection says close */
    struct connection *connections;
    char received[RECEIVE_SIZE];
};

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return timespec_ns(t);
}

/* ---- one connection ---- */

static void begin_connection(struct load *l, struct connection *c);

static void watch(struct load *l, struct connection *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (c->watched != events)
        epoll_ctl(l->queue, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &event);
    c->watched = events;
}

static void disconnect(struct connection *c)
{
    close(c->fd);
    c->fd = -1;
    c->watched = 0;
}

/* A closed loop of `count` requests starts none that would be one too many. */
static bool may_begin(const struct load *l)
{
    if (l->phase == PHASE_DRAIN)
        return false;
    return l->phase == PHASE_WARMUP || l->options->count == 0 ||
           l->ended + l->in_flight < l->options->count;
}

static void request_ended(struct load *l)
{
    l->in_flight--;
    if (l->phase == PHASE_WINDOW)
        l->ended++;
}

static bool is_hopeless(const struct load *l)
{
    return l->successes == 0 && l->failures >= HOPELESS && l->failures >= l->options->connections;
}

static void request_failed(struct load *l, struct connection *c, enum load_error error,
                           const char *example)
{
    struct load_result *r = l->result;
    request_ended(l);
    l->failures++;
    if (l->phase == PHASE_WINDOW)
        r->errors[error]++;
    if (l->phase != PHASE_DRAIN && r->first_error[error][0] == '\0')
        snprintf(r->first_error[error], sizeof r->first_error[error], "%s", example);
    if (c->fd >= 0)
        disconnect(c);
    c->state = STATE_OFF;
    if (is_hopeless(l)) {
        l->over = true;
    } else if (error == LOAD_ERROR_CONNECT || error == LOAD_ERROR_PORTS) {
        /* Trying again at once would only measure how fast connects can fail. */
        c->state = STATE_WAIT;
        c->since_ns = clock_ns() + SWEEP_MS * NS_PER_MS;
    } else {
        begin_connection(l, c);
    }
}

static void connect_failed(struct load *l, struct connection *c, int error)
{
    bool own_limit = error == EADDRNOTAVAIL || error == EMFILE || error == ENFILE;
    request_failed(l, c, own_limit ? LOAD_ERROR_PORTS : LOAD_ERROR_CONNECT, strerror(error));
}

static void connected(struct load *l, struct connection *c, uint64_t now)
{
    if (l->phase != PHASE_WINDOW)
        return;
    l->result->connections++;
    histogram_record(&l->result->connect, now - c->since_ns);
}

static bool is_last_request(const struct load *l, const struct connection *c)
{
    return c->sent + 1 == l->options->requests_per_connection;
}

/* Sends what is left of the request; 0, or the errno that stopped it. */
static int send_request(struct load *l, struct connection *c)
{
    const struct request_text *request = is_last_request(l, c) ? &l->last_request : &l->request;
    while (c->request_sent < request->length) {
        ssize_t n = send(c->fd, request->text + c->request_sent, request->length - c->request_sent,
                         MSG_NOSIGNAL);
        if (n < 0)
            return errno;
        c->request_sent += (size_t)n;
    }
    c->sent++;
    c->state = STATE_RECEIVE;
    return 0;
}

/* After send_request() returned `error`. */
static void await_answer(struct load *l, struct connection *c, int error)
{
    if (error == 0) {
        watch(l, c, EPOLLIN);
    } else if (error == EAGAIN) {
        c->state = STATE_SEND;
        watch(l, c, EPOLLOUT);
    } else {
        request_failed(l, c, LOAD_ERROR_READ, strerror(error));
    }
}

static void begin_request(struct connection *c)
{
    c->request_sent = 0;
    response_reset(&c->response);
}

static void begin_connection(struct load *l, struct connection *c)
{
    c->state = STATE_OFF;
    if (!may_begin(l))
        return;
    l->in_flight++;
    c->since_ns = clock_ns();
    c->sent = 0;
    c->state = STATE_CONNECT;
    begin_request(c);

    const struct load_target *target = &l->options->target;
    c->fd = socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0 ||
        (connect(c->fd, (const struct sockaddr *)&target->address, target->address_length) != 0 &&
         errno != EINPROGRESS)) {
        connect_failed(l, c, errno);
        return;
    }
    /* On loopback the handshake is over although connect(2) says it is in progress: sending right
     * away saves a wait and two changes of the queue. Where it is not over, send says so. */
    uint64_t now = clock_ns();
    int error = send_request(l, c);
    if (error == EAGAIN && c->request_sent == 0) {
        watch(l, c, EPOLLOUT);
        return;
    }
    if (error && error != EAGAIN) {
        connect_failed(l, c, error);
        return;
    }
    connected(l, c, now);
    await_answer(l, c, error);
}

static void writable(struct load *l, struct connection *c)
{
    if (c->state == STATE_CONNECT) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            connect_failed(l, c, error);
            return;
        }
        connected(l, c, clock_ns());
    }
    await_answer(l, c, send_request(l, c));
}

static void request_succeeded(struct load *l, uint64_t latency_ns)
{
    request_ended(l);
    l->successes++;
    if (l->phase != PHASE_WINDOW)
        return;
    l->result->requests++;
    histogram_record(&l->result->latency, latency_ns);
}

static void answered(struct load *l, struct connection *c)
{
    uint64_t now = clock_ns();
    bool reusable = c->response.keep_alive && c->sent != l->options->requests_per_connection;
    if (c->response.status / 100 != 2) {
        char example[32];
        snprintf(example, sizeof example, "status %u", c->response.status);
        request_failed(l, c, LOAD_ERROR_STATUS, example);
        return;
    }
    request_succeeded(l, now - c->since_ns);
    if (!reusable || !may_begin(l)) {
        disconnect(c);
        begin_connection(l, c);
        return;
    }
    l->in_flight++;
    c->since_ns = now;
    begin_request(c);
    await_answer(l, c, send_request(l, c));
}

static const char *describe_end(const struct connection *c)
{
    return response_is_untouched(&c->response) ? "closed without an answer"
                                               : "closed in the middle of an answer";
}

static void readable(struct load *l, struct connection *c)
{
    enum response_verdict verdict;
    ssize_t n = recv(c->fd, l->received, sizeof l->received, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0) {
        request_failed(l, c, LOAD_ERROR_READ, strerror(errno));
        return;
    }
    if (l->phase == PHASE_WINDOW)
        l->result->bytes += (uint64_t)n;
    verdict = n ? response_read(&c->response, l->received, (size_t)n) : response_end(&c->response);
    if (verdict == RESPONSE_COMPLETE)
        answered(l, c);
    else if (verdict == RESPONSE_BAD)
        request_failed(l, c, LOAD_ERROR_READ, n ? "not an HTTP response" : describe_end(c));
}

/* ---- phases ---- */

static void begin_window(struct load *l)
{
    const struct load_options *o = l->options;
    if (o->window_begins)
        o->window_begins(o->context);
    l->phase = PHASE_WINDOW;
    l->window_begin_ns = clock_ns();
    l->phase_end_ns = o->count ? UINT64_MAX : l->window_begin_ns + o->duration_ns;
    l->cpu_begin_ns = thread_cpu_ns();
}

static void end_window(struct load *l, bool complete)
{
    const struct load_options *o = l->options;
    struct load_result *r = l->result;
    r->cpu_ns = thread_cpu_ns() - l->cpu_begin_ns;
    r->window_ns = clock_ns() - l->window_begin_ns;
    r->censored = l->in_flight;
    r->complete = complete;
    if (o->window_ended)
        o->window_ended(o->context);
    l->phase = PHASE_DRAIN;
    l->phase_end_ns = clock_ns() + DRAIN_LIMIT_MS * NS_PER_MS;
}

static bool is_interrupted(const struct load *l)
{
    return l->options->interrupted && *l->options->interrupted;
}

static void advance_phase(struct load *l, uint64_t now)
{
    if (l->phase == PHASE_WARMUP && now >= l->phase_end_ns)
        begin_window(l);
    else if (l->phase == PHASE_WINDOW &&
             (now >= l->phase_end_ns || (l->options->count && l->ended >= l->options->count)))
        end_window(l, true);
    if (l->phase == PHASE_DRAIN && (l->in_flight == 0 || now >= l->phase_end_ns))
        l->over = true;
    if (is_interrupted(l))
        l->over = true;
}

/* Looks for time-outs and tries refused connects again. */
static void sweep(struct load *l, uint64_t now)
{
    l->next_sweep_ns = now + SWEEP_MS * NS_PER_MS;
    for (unsigned long i = 0; i < l->options->connections && !l->over; i++) {
        struct connection *c = &l->connections[i];
        if (c->state == STATE_WAIT && now >= c->since_ns)
            begin_connection(l, c);
        else if (c->state > STATE_WAIT && now > c->since_ns &&
                 now - c->since_ns > l->options->timeout_ns)
            request_failed(l, c, LOAD_ERROR_TIMEOUT,
                           c->state == STATE_CONNECT ? "while connecting"
                                                     : "while waiting for the answer");
    }
}

static void show_progress(struct load *l, uint64_t now)
{
    const struct load_options *o = l->options;
    double share, seconds = (double)(now - l->started_ns) / 1e9;
    if (!o->show_progress || now < l->next_progress_ns)
        return;
    l->next_progress_ns = now + NS_PER_S / 4;
    if (o->count)
        share = (double)l->ended / (double)o->count;
    else
        share = seconds * 1e9 / (double)(o->warmup_ns + o->duration_ns);
    if (share > 1)
        share = 1;
    fprintf(stderr, "\r\033[K%3.0f %%, %llu requests, %llu failed", share * 100,
            (unsigned long long)l->successes, (unsigned long long)l->failures);
    if (share > 0.02)
        fprintf(stderr, ", %.0f s to go", ceil(seconds / share - seconds));
}

static int wait_limit_ms(const struct load *l, uint64_t now)
{
    if (l->phase_end_ns <= now)
        return 0;
    uint64_t ms = (l->phase_end_ns - now) / NS_PER_MS;
    return ms < SWEEP_MS ? (int)ms + 1 : SWEEP_MS;
}

static void handle(struct load *l, struct connection *c)
{
    if (c->state == STATE_RECEIVE)
        readable(l, c);
    else
        writable(l, c);
}

static void run(struct load *l)
{
    struct epoll_event ready[BATCH];
    uint64_t now = clock_ns();
    l->started_ns = now;
    l->phase_end_ns = now + l->options->warmup_ns;
    advance_phase(l, now);
    for (unsigned long i = 0; i < l->options->connections && !l->over; i++)
        begin_connection(l, &l->connections[i]);
    while (!l->over) {
        int n = epoll_wait(l->queue, ready, BATCH, wait_limit_ms(l, now));
        for (int i = 0; i < n && !l->over; i++)
            handle(l, ready[i].data.ptr);
        now = clock_ns();
        if (now >= l->next_sweep_ns)
            sweep(l, now);
        show_progress(l, now);
        advance_phase(l, now);
    }
    if (l->phase == PHASE_WARMUP)
        begin_window(l);
    if (l->phase == PHASE_WINDOW)
        end_window(l, false);
    if (l->options->show_progress)
        fputs("\r\033[K", stderr);
}

/* ---- set-up ---- */

static bool has_descriptors_for(unsigned long connections)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return true;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return connections + SPARE_DESCRIPTORS <= limit.rlim_cur;
}

static void write_request(struct request_text *request, const struct load_target *target,
                          const char *connection)
{
    int n = snprintf(request->text, sizeof request->text,
                     "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: %s\r\n\r\n", target->path,
                     target->host, connection);
    request->length = (size_t)n;
}

int load_run(const struct load_options *options, struct load_result *result)
{
    int status = -1;
    memset(result, 0, sizeof *result);
    if (!has_descriptors_for(options->connections)) {
        errno = EMFILE;
        return -1;
    }
    struct load *l = calloc(1, sizeof *l);
    if (!l)
        return -1;
    l->options = options;
    l->result = result;
    l->queue = epoll_create1(EPOLL_CLOEXEC);
    l->connections = calloc(options->connections, sizeof *l->connections);
    if (l->queue < 0 || !l->connections)
        goto out;
    for (unsigned long i = 0; i < options->connections; i++)
        l->connections[i].fd = -1;
    write_request(&l->request, &options->target, "keep-alive");
    write_request(&l->last_request, &options->target, "close");
    run(l);
    for (unsigned long i = 0; i < options->connections; i++)
        if (l->connections[i].fd >= 0)
            disconnect(&l->connections[i]);
    status = 0;
out:
    if (l->queue >= 0)
        close(l->queue);
    free(l->connections);
    free(l);
    return status;
}

/* ---- result ---- */

uint64_t load_errors(const struct load_result *result)
{
    uint64_t sum = 0;
    for (int i = 0; i < LOAD_ERRORS; i++)
        sum += result->errors[i];
    return sum;
}

static double percentile_us(const struct histogram *h, double percent)
{
    return h->count ? (double)histogram_percentile(h, percent) / 1e3 : NAN;
}

void load_fields(const struct load_result *r, struct field fields[LOAD_FIELDS])
{
    double seconds = (double)r->window_ns / 1e9;
    const struct field table[LOAD_FIELDS] = {
        field_real("window_s", seconds, 6),
        field_count("conns", r->connections),
        field_count("requests", r->requests),
        field_count("errors_connect", r->errors[LOAD_ERROR_CONNECT] + r->errors[LOAD_ERROR_PORTS]),
        field_count("errors_read", r->errors[LOAD_ERROR_READ]),
        field_count("errors_timeout", r->errors[LOAD_ERROR_TIMEOUT]),
        field_count("errors_status", r->errors[LOAD_ERROR_STATUS]),
        field_real("throughput_rps", seconds > 0 ? (double)r->requests / seconds : NAN, 1),
        field_real("connect_p50_us", percentile_us(&r->connect, 50), 3),
        field_real("connect_p99_us", percentile_us(&r->connect, 99), 3),
        field_real("latency_p50_us", percentile_us(&r->latency, 50), 3),
        field_real("latency_p90_us", percentile_us(&r->latency, 90), 3),
        field_real("latency_p99_us", percentile_us(&r->latency, 99), 3),
        field_real("latency_p999_us", percentile_us(&r->latency, 99.9), 3),
        field_real("latency_max_us", percentile_us(&r->latency, 100), 3),
        field_count("censored", r->censored),
        field_real("send_lag_p99_us", NAN, 3), /* a closed loop has no schedule to lag behind */
    };
    memcpy(fields, table, sizeof table);
}
