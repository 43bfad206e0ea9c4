/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/output.h"
#include "task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* IDs of tracks that are not threads, above all thread IDs (PID_MAX_LIMIT is 1 << 22). */
enum { CPU_TRACKS = 1 << 23, CONNECTION_TRACKS = 1 << 24 };

enum state { NOT_THERE, SLEEPING, BLOCKED, RUNNABLE, RUNNING };

/* Colour names known to chrome://tracing. */
static const struct {
    const char *name, *colour;
} states[] = {
    [SLEEPING] = {"sleeping", "thread_state_sleeping"},
    [BLOCKED] = {"blocked", "thread_state_uninterruptible"},
    [RUNNABLE] = {"runnable", "thread_state_runnable"},
    [RUNNING] = {"running", "thread_state_running"},
};

static const struct {
    const char *name, *colour;
} counts[TASK_COUNTS] = {
    [COUNT_WAKEUPS] = {"undecided", "grey"},
    [COUNT_USEFUL] = {"useful", "good"},
    [COUNT_SPURIOUS] = {"spurious", "bad"},
    [COUNT_ABSORBED] = {"absorbed", "terrible"},
};

struct trace_thread {
    uint32_t tid, tgid;
    const char *name; /* NULL = unknown */
    bool alive, seen; /* seen: has events */
    unsigned count;   /* class of the iteration's wakeups */

    enum state state;
    uint64_t since;
    uint64_t woken_at; /* first waking since it slept, or while it ran; 0 = none */
    uint32_t woken_by, connection;
    uint16_t cpu;
    uint8_t began_with; /* enum task_count, as of TRACE_ON */
};

/* ---- adding events ---- */

void trace_name(struct trace *trace, uint32_t tid, uint32_t tgid, const char *name, bool alive)
{
    if (trace->name_count < TRACE_NAMES_MAX)
        trace->names = array_grow(trace->names, trace->name_count, &trace->name_room,
                                  sizeof *trace->names);
    struct trace_name *one = &trace->names[trace->name_count % TRACE_NAMES_MAX];
    *one = (struct trace_name){
        .tid = tid, .tgid = tgid, .order = trace->name_count++, .alive = alive};
    memcpy(one->name, name, strnlen(name, sizeof one->name - 1));
}

void trace_mark(struct trace *trace, uint64_t at, const char *text)
{
    if (trace->mark_count == TRACE_MARKS_MAX)
        return;
    trace->marks[trace->mark_count].at = at;
    trace->marks[trace->mark_count++].text = text;
}

void trace_take(struct trace *trace, const struct trace_event *ring, uint64_t capacity,
                uint64_t written)
{
    uint64_t first = written > capacity ? written - capacity : 0;
    if (written == 0)
        return;
    trace->events = realloc(trace->events,
                            (trace->count + (written - first)) * sizeof *trace->events);
    if (!trace->events)
        fail("out of memory");
    if (first > 0 && ring[first % capacity].at > trace->whole_from)
        trace->whole_from = ring[first % capacity].at;
    trace->dropped += first;
    for (uint64_t i = first; i < written; i++) {
        trace->events[trace->count] = ring[i % capacity];
        trace->events[trace->count].order = trace->count;
        trace->count++;
    }
}

/* ---- order, beginning, threads, classes ---- */

static int by_time(const void *a, const void *b)
{
    const struct trace_event *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static uint32_t count_before(const struct trace *trace, uint64_t at)
{
    uint32_t count = 0;
    while (count < trace->count && trace->events[count].at < at)
        count++;
    return count;
}

/* The events are in order. */
static void leave_out_beginning(struct trace *trace)
{
    uint64_t wanted = trace->ended_at > trace->last_ns ? trace->ended_at - trace->last_ns : 0;
    uint32_t lost = count_before(trace, trace->whole_from), all = lost;
    if (trace->whole_from > trace->began_at)
        trace->began_at = trace->whole_from;
    if (trace->last_ns && wanted > trace->began_at) {
        trace->began_at = wanted;
        all = count_before(trace, wanted);
    }
    trace->dropped += lost;
    trace->older += all > lost ? all - lost : 0;
    trace->count -= all;
    if (all)
        memmove(trace->events, trace->events + all, trace->count * sizeof *trace->events);
}

static int by_tid(const void *a, const void *b)
{
    const struct trace_thread *x = a, *y = b;
    return (x->tid > y->tid) - (x->tid < y->tid);
}

static int by_order(const void *a, const void *b)
{
    const struct trace_name *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static struct trace_thread *thread_of(const struct trace *trace, uint32_t tid)
{
    const struct trace_thread wanted = {.tid = tid};
    if (trace->thread_count == 0)
        return NULL;
    return bsearch(&wanted, trace->threads, trace->thread_count, sizeof wanted, by_tid);
}

static unsigned names_kept(const struct trace *trace)
{
    return trace->name_count < TRACE_NAMES_MAX ? trace->name_count : TRACE_NAMES_MAX;
}

static void keep_each_once(struct trace *trace)
{
    unsigned kept = 0;
    qsort(trace->threads, trace->thread_count, sizeof *trace->threads, by_tid);
    for (unsigned i = 0; i < trace->thread_count; i++)
        if (kept == 0 || trace->threads[kept - 1].tid != trace->threads[i].tid)
            trace->threads[kept++] = trace->threads[i];
    trace->thread_count = kept;
}

static void find_threads(struct trace *trace)
{
    unsigned names = names_kept(trace);
    trace->threads = calloc((size_t)trace->count + names + 1, sizeof *trace->threads);
    if (!trace->threads)
        fail("out of memory");
    for (uint32_t i = 0; i < trace->count; i++)
        if (trace->events[i].tid)
            trace->threads[trace->thread_count++].tid = trace->events[i].tid;
    for (unsigned i = 0; i < names; i++)
        trace->threads[trace->thread_count++].tid = trace->names[i].tid;
    keep_each_once(trace);
    if (names)
        qsort(trace->names, names, sizeof *trace->names, by_order);
    for (unsigned i = 0; i < names; i++) {
        struct trace_thread *thread = thread_of(trace, trace->names[i].tid);
        thread->tgid = trace->names[i].tgid;
        thread->name = trace->names[i].name;
        thread->alive = trace->names[i].alive;
    }
}

/* The class of a wakeup is known at the end of its iteration: so events are processed backwards. */
static void decide(struct trace *trace)
{
    for (unsigned i = 0; i < trace->thread_count; i++)
        trace->threads[i].count = COUNT_WAKEUPS;
    for (uint32_t i = trace->count; i-- > 0;) {
        struct trace_event *event = &trace->events[i];
        struct trace_thread *thread = event->tid ? thread_of(trace, event->tid) : NULL;
        if (!thread)
            continue;
        thread->seen |= event->kind != TRACE_ACCEPTED;
        if (event->kind == TRACE_ASLEEP || event->kind == TRACE_ENDED)
            thread->count = event->count;
        else if (event->kind == TRACE_ON && event->count != TASK_COUNTS)
            event->count = (uint8_t)thread->count;
    }
}

void trace_end(struct trace *trace)
{
    if (trace->count)
        qsort(trace->events, trace->count, sizeof *trace->events, by_time);
    if (trace->count && trace->ended_at < trace->events[trace->count - 1].at)
        trace->ended_at = trace->events[trace->count - 1].at;
    if (trace->count && trace->began_at > trace->events[0].at)
        trace->began_at = trace->events[0].at;
    leave_out_beginning(trace);
    find_threads(trace);
    decide(trace);
}

uint64_t trace_wakeups(const struct trace *trace, unsigned count)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < trace->count; i++)
        sum += trace->events[i].kind == TRACE_ON && trace->events[i].count == count;
    return sum;
}

void trace_free(struct trace *trace)
{
    free(trace->events);
    free(trace->names);
    free(trace->threads);
    *trace = (struct trace){0};
}

/* ---- JSON ---- */

/* Output of a completed trace. */
struct writing {
    const struct trace *trace;
    FILE *file;
    const char *separator;
    struct arrival *arrivals; /* by number */
    struct arrival **by_socket;
    unsigned arrival_count;
    uint64_t arrows;
};

struct arrival {
    uint64_t at, socket;
    uint32_t number, woken;
    uint32_t order; /* of arrival, from 1, used as its name: numbers are not ordered */
    uint64_t last_woken_at;
    uint64_t accepted_at; /* 0 = not within the trace */
    uint32_t accepted_by; /* 0 = an untracked thread */
    uint16_t cpu;
};

/* Microseconds, the unit of the format. */
static void write_us(FILE *file, uint64_t ns)
{
    fprintf(file, "%llu.%03u", (unsigned long long)(ns / 1000), (unsigned)(ns % 1000));
}

static void write_moment(FILE *file, const struct trace *trace, uint64_t at)
{
    write_us(file, at > trace->began_at ? at - trace->began_at : 0);
}

/* Begins an event's object. */
static void begin(struct writing *w, const char *phase, uint64_t process, uint64_t track,
                  const char *name)
{
    fprintf(w->file, "%s{\"ph\":\"%s\",\"pid\":%llu,\"tid\":%llu,\"name\":", w->separator, phase,
            (unsigned long long)process, (unsigned long long)track);
    record_write_json_text(w->file, name);
    w->separator = ",\n";
}

static void begin_at(struct writing *w, const char *phase, uint64_t process, uint64_t track,
                     const char *name, uint64_t at)
{
    begin(w, phase, process, track, name);
    fputs(",\"ts\":", w->file);
    write_moment(w->file, w->trace, at);
}

static void begin_slice(struct writing *w, uint64_t process, uint64_t track, const char *name,
                        uint64_t from, uint64_t to)
{
    begin_at(w, "X", process, track, name, from);
    fputs(",\"dur\":", w->file);
    write_us(w->file, to - from);
}

static uint32_t process_of(const struct trace_thread *thread)
{
    return thread->tgid ? thread->tgid : thread->tid;
}

/* "nginx 1234" */
static const char *label(const struct trace_thread *thread, uint32_t number)
{
    static char text[32];
    snprintf(text, sizeof text, "%s%s%u", thread->name ? thread->name : "", thread->name ? " " : "",
             number);
    return text;
}

/* Metadata event: the name of a process or a thread. */
static void name_track(struct writing *w, const char *what, uint64_t process, uint64_t track,
                       const char *name)
{
    begin(w, "M", process, track, what);
    fputs(",\"args\":{\"name\":", w->file);
    record_write_json_text(w->file, name);
    fputs("}}", w->file);
}

static void name_cpus(struct writing *w, uint64_t tracks, const char *what)
{
    bool named[CPUS_MAX] = {false};
    char name[32];
    name_track(w, "process_name", tracks, tracks, what);
    for (uint32_t i = 0; i < w->trace->count; i++) {
        uint16_t cpu = w->trace->events[i].cpu;
        if (cpu >= CPUS_MAX || named[cpu])
            continue;
        named[cpu] = true;
        snprintf(name, sizeof name, "CPU %u", cpu);
        name_track(w, "thread_name", tracks, tracks + 1 + cpu, name);
    }
}

static void write_names(struct writing *w)
{
    for (unsigned i = 0; i < w->trace->thread_count; i++) {
        const struct trace_thread *thread = &w->trace->threads[i];
        uint32_t process = process_of(thread);
        if (process == thread->tid)
            name_track(w, "process_name", process, process, label(thread, process));
        name_track(w, "thread_name", process, thread->tid, label(thread, thread->tid));
    }
    name_cpus(w, CPU_TRACKS, "CPUs");
    name_cpus(w, CONNECTION_TRACKS, "connections");
}

/* ---- connections ---- */

static int by_number(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* The kernel reuses socket addresses. */
static int by_socket(const void *a, const void *b)
{
    const struct arrival *x = *(struct arrival *const *)a, *y = *(struct arrival *const *)b;
    if (x->socket != y->socket)
        return x->socket < y->socket ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static struct arrival *arrival_numbered(const struct writing *w, uint32_t number)
{
    const struct arrival wanted = {.number = number};
    if (w->arrival_count == 0 || number == 0)
        return NULL;
    return bsearch(&wanted, w->arrivals, w->arrival_count, sizeof wanted, by_number);
}

/* The last connection with this socket up to that time. */
static struct arrival *arrival_on(const struct writing *w, uint64_t socket, uint64_t at)
{
    unsigned low = 0, high = w->arrival_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct arrival *a = w->by_socket[middle];
        if (a->socket < socket || (a->socket == socket && a->at <= at))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && w->by_socket[low - 1]->socket == socket ? w->by_socket[low - 1] : NULL;
}

static unsigned count_kind(const struct trace *trace, enum trace_kind kind)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < trace->count; i++)
        count += trace->events[i].kind == kind;
    return count;
}

static void find_arrivals(struct writing *w)
{
    const struct trace *trace = w->trace;
    w->arrival_count = count_kind(trace, TRACE_ARRIVED);
    w->arrivals = calloc(w->arrival_count + 1, sizeof *w->arrivals);
    w->by_socket = calloc(w->arrival_count + 1, sizeof(struct arrival *));
    if (!w->arrivals || !w->by_socket)
        fail("out of memory");
    unsigned count = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct trace_event *e = &trace->events[i];
        if (e->kind != TRACE_ARRIVED)
            continue;
        count++;
        w->arrivals[count - 1] = (struct arrival){.at = e->at,
                                                  .socket = e->subject,
                                                  .number = e->connection,
                                                  .order = count,
                                                  .last_woken_at = e->at,
                                                  .cpu = e->cpu};
    }
    qsort(w->arrivals, count, sizeof *w->arrivals, by_number);
    for (unsigned i = 0; i < count; i++)
        w->by_socket[i] = &w->arrivals[i];
    qsort(w->by_socket, count, sizeof(struct arrival *), by_socket);
}

static void follow_arrivals(struct writing *w)
{
    for (uint32_t i = 0; i < w->trace->count; i++) {
        const struct trace_event *e = &w->trace->events[i];
        struct arrival *a = e->kind == TRACE_WOKEN      ? arrival_numbered(w, e->connection)
                            : e->kind == TRACE_ACCEPTED ? arrival_on(w, e->subject, e->at)
                                                        : NULL;
        if (a && e->kind == TRACE_WOKEN) {
            a->woken++;
            a->last_woken_at = e->at;
        } else if (a) {
            a->accepted_at = e->at;
            a->accepted_by = e->tid;
        }
    }
}

static void write_arrivals(struct writing *w)
{
    char name[32];
    for (unsigned i = 0; i < w->arrival_count; i++) {
        const struct arrival *a = &w->arrivals[i];
        snprintf(name, sizeof name, "connection %u", a->order);
        /* one nanosecond longer, to contain the last arrow */
        begin_slice(w, CONNECTION_TRACKS, CONNECTION_TRACKS + 1U + a->cpu, name, a->at,
                    a->last_woken_at + 1);
        fprintf(w->file, ",\"args\":{\"connection\":%u,\"woken\":%u", a->order, a->woken);
        if (a->accepted_at) {
            fprintf(w->file, ",\"accepted_by\":%u,\"waited_us\":", a->accepted_by);
            write_us(w->file, a->accepted_at - a->at);
        }
        fputs("}}", w->file);
    }
}

static void write_arrow(struct writing *w, const struct arrival *a, const struct trace_thread *to,
                        uint64_t at)
{
    uint64_t number = ++w->arrows;
    begin_at(w, "s", CONNECTION_TRACKS, CONNECTION_TRACKS + 1U + a->cpu, "wakes", at);
    fprintf(w->file, ",\"cat\":\"wakes\",\"id\":%llu}", (unsigned long long)number);
    begin_at(w, "f", process_of(to), to->tid, "wakes", at);
    fprintf(w->file, ",\"bp\":\"e\",\"cat\":\"wakes\",\"id\":%llu}", (unsigned long long)number);
}

static void write_accept(struct writing *w, const struct trace_thread *by, uint64_t socket,
                         uint64_t at)
{
    const struct arrival *a = arrival_on(w, socket, at);
    begin_at(w, "i", process_of(by), by->tid, "accept", at);
    fputs(",\"s\":\"t\"", w->file);
    if (a)
        fprintf(w->file, ",\"args\":{\"connection\":%u}", a->order);
    putc('}', w->file);
}

/* ---- threads ---- */

static void write_on_cpu(struct writing *w, const struct trace_thread *t, uint64_t to)
{
    begin_slice(w, CPU_TRACKS, CPU_TRACKS + 1U + t->cpu, label(t, t->tid), t->since, to);
    fprintf(w->file, ",\"args\":{\"tid\":%u}}", t->tid);
}

static void write_running(struct writing *w, const struct trace_thread *t, uint64_t to)
{
    bool woken = t->began_with != TASK_COUNTS;
    begin_slice(w, process_of(t), t->tid, states[RUNNING].name, t->since, to);
    fprintf(w->file, ",\"cname\":\"%s\",\"args\":{\"cpu\":%u",
            woken ? counts[t->began_with].colour : states[RUNNING].colour, t->cpu);
    if (woken)
        fprintf(w->file, ",\"wakeup\":\"%s\"", counts[t->began_with].name);
    fputs("}}", w->file);
    write_on_cpu(w, t, to);
}

static void write_state(struct writing *w, const struct trace_thread *t, enum state state,
                        uint64_t from, uint64_t to)
{
    if (from >= to)
        return;
    begin_slice(w, process_of(t), t->tid, states[state].name, from, to);
    fprintf(w->file, ",\"cname\":\"%s\"", states[state].colour);
    if (state == RUNNABLE && t->woken_at) {
        fprintf(w->file, ",\"args\":{\"waker\":%u", t->woken_by);
        if (t->connection)
            fprintf(w->file, ",\"connection\":%u", t->connection);
        putc('}', w->file);
    }
    putc('}', w->file);
}

/* A sleep ended by a wakeup is followed by a wait for a CPU. The wakeup may precede the sleep: the thread was about to
 * sleep. */
static void write_sleep(struct writing *w, const struct trace_thread *t, uint64_t to)
{
    uint64_t until = t->woken_at > t->since ? t->woken_at : t->woken_at ? t->since : to;
    write_state(w, t, t->state, t->since, until);
    write_state(w, t, RUNNABLE, until, to);
}

static void close_slice(struct writing *w, const struct trace_thread *t, uint64_t to)
{
    if (t->state == RUNNING)
        write_running(w, t, to);
    else if (t->state == RUNNABLE)
        write_state(w, t, RUNNABLE, t->since, to);
    else if (t->state != NOT_THERE)
        write_sleep(w, t, to);
}

static void enter(struct writing *w, struct trace_thread *t, enum state state,
                  const struct trace_event *event)
{
    close_slice(w, t, event->at);
    t->state = state;
    t->since = event->at;
    t->cpu = event->cpu;
    t->began_with = event->kind == TRACE_ON ? event->count : TASK_COUNTS;
    if (state == RUNNING)
        t->woken_at = 0;
}

/* The state of a thread before its first event. */
static enum state state_before(const struct trace_event *event)
{
    switch (event->kind) {
    case TRACE_BEGAN:
        return NOT_THERE;
    case TRACE_WOKEN:
        return SLEEPING;
    case TRACE_ON:
        return event->count == TASK_COUNTS ? RUNNABLE : SLEEPING;
    default:
        return RUNNING;
    }
}

/* Threads without events slept all the time, if they existed. */
static void begin_threads(const struct writing *w)
{
    const struct trace *trace = w->trace;
    for (unsigned i = 0; i < trace->thread_count; i++) {
        struct trace_thread *t = &trace->threads[i];
        t->state = t->alive && !t->seen ? SLEEPING : NOT_THERE;
        t->since = trace->began_at;
        t->woken_at = 0;
        t->began_with = TASK_COUNTS;
    }
}

static void take_woken(struct writing *w, struct trace_thread *t, const struct trace_event *event)
{
    const struct arrival *a = arrival_numbered(w, event->connection);
    if (a)
        write_arrow(w, a, t, event->at);
    if (t->woken_at >= t->since && t->woken_at)
        return;
    t->woken_at = event->at;
    t->woken_by = (uint32_t)event->subject;
    t->connection = a ? a->order : 0;
}

static void take_event(struct writing *w, struct trace_thread *t, const struct trace_event *event)
{
    static const enum state becomes[] = {
        [TRACE_BEGAN] = RUNNABLE,  [TRACE_ON] = RUNNING,      [TRACE_PREEMPTED] = RUNNABLE,
        [TRACE_ASLEEP] = SLEEPING, [TRACE_BLOCKED] = BLOCKED, [TRACE_ENDED] = NOT_THERE,
    };
    if (event->kind == TRACE_ACCEPTED) {
        write_accept(w, t, event->subject, event->at);
        return;
    }
    if (t->seen) { /* its first event */
        t->seen = false;
        t->state = state_before(event);
        t->cpu = event->cpu;
    }
    if (event->kind == TRACE_WOKEN)
        take_woken(w, t, event);
    else
        enter(w, t, becomes[event->kind], event);
}

static void write_threads(struct writing *w)
{
    const struct trace *trace = w->trace;
    begin_threads(w);
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct trace_event *event = &trace->events[i];
        struct trace_thread *t = event->tid ? thread_of(trace, event->tid) : NULL;
        if (t)
            take_event(w, t, event);
    }
    for (unsigned i = 0; i < trace->thread_count; i++)
        close_slice(w, &trace->threads[i], trace->ended_at);
}

static void write_marks(struct writing *w)
{
    for (unsigned i = 0; i < w->trace->mark_count; i++) {
        if (w->trace->marks[i].at < w->trace->began_at)
            continue;
        begin_at(w, "i", CONNECTION_TRACKS, CONNECTION_TRACKS + 1, w->trace->marks[i].text,
                 w->trace->marks[i].at);
        fputs(",\"s\":\"g\"}", w->file);
    }
}

static void write_metadata(const struct trace *trace, const struct field *about, unsigned count,
                           FILE *file)
{
    const struct field own[] = {
        field_count("began_at_ns", trace->began_at),
        field_count("ended_at_ns", trace->ended_at),
        field_count("connections", count_kind(trace, TRACE_ARRIVED)),
        field_count("events", trace->count),
        field_count("events_dropped", trace->dropped),
        field_count("events_older", trace->older),
        field_count("runs_missed", trace->missed),
        field_count("useful", trace_wakeups(trace, COUNT_USEFUL)),
        field_count("spurious", trace_wakeups(trace, COUNT_SPURIOUS)),
        field_count("absorbed", trace_wakeups(trace, COUNT_ABSORBED)),
        field_count("undecided", trace_wakeups(trace, COUNT_WAKEUPS)),
    };
    struct field fields[TRACE_ABOUT_MAX + sizeof own / sizeof *own];
    unsigned of_caller = count < TRACE_ABOUT_MAX ? count : TRACE_ABOUT_MAX;
    for (unsigned i = 0; i < of_caller; i++)
        fields[i] = about[i];
    memcpy(fields + of_caller, own, sizeof own);
    fputs("\n],\n\"displayTimeUnit\": \"ns\",\n\"otherData\": {\n", file);
    record_write_json_members(file, fields, of_caller + sizeof own / sizeof *own);
    fputs("}\n}\n", file);
}

void trace_write(const struct trace *trace, const struct field *about, unsigned count, FILE *file)
{
    struct writing w = {.trace = trace, .file = file, .separator = ""};
    fputs("{\"traceEvents\": [\n", file);
    write_names(&w);
    find_arrivals(&w);
    follow_arrivals(&w);
    write_arrivals(&w);
    write_threads(&w);
    write_marks(&w);
    write_metadata(trace, about, count, file);
    free(w.arrivals);
    free(w.by_socket);
}

static void report_dropped(const struct trace *trace)
{
    if (trace->dropped)
        message("trace: %llu events did not fit into memory and were dropped, the oldest first: "
                "the trace has the "
                "last %.3f s",
                (unsigned long long)trace->dropped,
                (double)(trace->ended_at - trace->began_at) / 1e9);
    if (trace->missed)
        message("trace: the kernel left out %llu events", (unsigned long long)trace->missed);
}

void trace_write_file(const struct trace *trace, const char *path)
{
    struct utsname system;
    char kernel[sizeof system.sysname + sizeof system.release + 1];
    uname(&system);
    snprintf(kernel, sizeof kernel, "%s %s", system.sysname, system.release);
    const struct field about[] = {
        field_text("program", program_invocation_short_name),
        field_text("kernel", kernel),
        field_text("architecture", system.machine),
    };
    FILE *file = output_open(path);
    trace_write(trace, about, sizeof about / sizeof *about, file);
    output_close(file, path);
    report_dropped(trace);
}
