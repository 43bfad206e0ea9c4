/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void load_report_phases(const struct load_result *r, struct load_phase phases[LOAD_PHASES])
{
    const struct load_phase all[LOAD_PHASES] = {
        {"latency", &r->latency}, {"from_send", &r->from_send}, {"send_lag", &r->send_lag},
        {"connect", &r->connect}, {"handshake", &r->handshake}, {"first_byte", &r->first_byte},
    };
    memcpy(phases, all, sizeof all);
}

const char *load_report_percentiles(struct load_report *report, const char *text)
{
    const char *at = text;
    double last = 0;
    report->percentile_count = 0;
    do {
        char *end;
        size_t length = strspn(at, "0123456789.");
        double percent = strtod(at, &end);
        if (length == 0 || end != at + length || (*end != ',' && *end != '\0'))
            return "not comma-separated numbers";
        if (!(percent > last && percent < 100))
            return "percentiles must rise and be between 0 and 100";
        if (report->percentile_count == REPORT_PERCENTILES)
            return "more than 16 percentiles";
        report->percentiles[report->percentile_count++] = last = percent;
        at = *end ? end + 1 : NULL;
    } while (at);
    return NULL;
}

/* The latency includes the ages of requests in flight at the end; other phases do not. */
static double phase_us(const struct load_report *report, const struct load_phase *phase,
                       double percent, bool *is_lower_bound)
{
    *is_lower_bound = false;
    if (phase->h == &report->result->latency)
        return latency_us(report->result, percent, is_lower_bound);
    return histogram_percentile_us(phase->h, percent);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static double cpu_us(uint64_t cpu_ns, uint64_t requests)
{
    return ratio((double)cpu_ns / 1e3, (double)requests);
}

/* ---- tables ---- */

enum { CELL = 15, LABEL = 9, CLASS_LABEL = 15 };

/* The heading of a table whose last columns are the least important. Returns how many fit; at least one is printed. */
static unsigned print_heads(FILE *file, const struct load_report *report, unsigned label_width,
                            const char *label, const char *const *heads, unsigned count)
{
    unsigned fit = report->room > label_width + CELL ? (report->room - label_width) / CELL : 1;
    if (report->room == 0 || fit > count)
        fit = count;
    fprintf(file, "\n%-*s", (int)label_width, label);
    for (unsigned i = 0; i < fit; i++)
        fprintf(file, "%*s", CELL, heads[i]);
    putc('\n', file);
    return fit;
}

static void print_cell(FILE *file, double value, int decimals, bool is_lower_bound)
{
    char text[32];
    if (isfinite(value))
        snprintf(text, sizeof text, "%s%.*f", is_lower_bound ? ">=" : "", decimals, value);
    else
        snprintf(text, sizeof text, "-");
    fprintf(file, " %14s", text);
}

static void print_row(FILE *file, const char *label, const struct load_report *report,
                      double percent, const struct load_phase *phases, unsigned count,
                      bool *any_bound)
{
    fprintf(file, "%-*s", LABEL, label);
    for (unsigned i = 0; i < count; i++) {
        bool is_lower_bound;
        double value = phase_us(report, &phases[i], percent, &is_lower_bound);
        *any_bound |= is_lower_bound;
        print_cell(file, value, 1, is_lower_bound);
    }
    putc('\n', file);
}

/* Explains the mark of a lower bound, as far as there is room */
static void print_note(FILE *file, const struct load_report *report)
{
    static const char all[] =
        ">= lower bound: requests in flight at the end are counted with their age";
    bool fits = report->room == 0 || report->room >= strlen(all);
    fprintf(file, "%s\n", fits ? all : ">= lower bound");
}

static void print_percentiles(FILE *file, const struct load_report *report)
{
    static const char *const heads[LOAD_PHASES] = {"latency us", "from send us", "send lag us",
                                                   "connect us", "handshake us", "first byte us"};
    struct load_phase all[LOAD_PHASES], phases[LOAD_PHASES];
    const char *used[LOAD_PHASES];
    unsigned count = 0, fit;
    bool any_bound = false;
    load_report_phases(report->result, all);
    for (unsigned i = 0; i < LOAD_PHASES; i++)
        if (i == 0 || all[i].h->count > 0) {
            used[count] = heads[i];
            phases[count++] = all[i];
        }
    fit = print_heads(file, report, LABEL, "", used, count);
    for (unsigned i = 0; i < report->percentile_count; i++) {
        char label[16];
        snprintf(label, sizeof label, "p%g", report->percentiles[i]);
        print_row(file, label, report, report->percentiles[i], phases, fit, &any_bound);
    }
    print_row(file, "max", report, 100, phases, fit, &any_bound);
    fprintf(file, "%-*s", LABEL, "samples");
    for (unsigned i = 0; i < fit; i++)
        print_cell(file, (double)phases[i].h->count, 0, false);
    fputs("\n", file);
    if (any_bound)
        print_note(file, report);
}

void load_report_statuses(const struct load_result *r, char *text, size_t size)
{
    size_t used = 0;
    snprintf(text, size, "none");
    for (unsigned i = 0; i < STATUS_CLASSES; i++) {
        uint64_t count = load_statuses_of_class(r, i);
        if (count && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s %llu", used ? ", " : "",
                                     status_class_names[i], (unsigned long long)count);
    }
}

/* A server may send all 900 possible codes: the rest is in the JSON. */
static void print_status_codes(FILE *file, const struct load_result *r)
{
    enum { SHOWN = 16 };
    unsigned seen = 0;
    for (unsigned status = STATUS_LEAST; status <= STATUS_MOST; status++)
        if (r->statuses[status] && seen++ < SHOWN)
            fprintf(file, "%s %u %llu", seen > 1 ? "," : "\nstatus codes:", status,
                    (unsigned long long)r->statuses[status]);
    if (seen > SHOWN)
        fprintf(file, ", and %u more", seen - SHOWN);
}

static void print_errors(FILE *file, const struct load_result *r)
{
    char statuses[REPORT_STATUSES];
    bool any = false;
    load_report_statuses(r, statuses, sizeof statuses);
    fprintf(file, "\nanswers: %s", statuses);
    print_status_codes(file, r);
    fputs("\nerrors:", file);
    for (int i = 0; i < LOAD_ERRORS; i++)
        if (r->errors[i] > 0) {
            fprintf(file, " %s %llu", load_error_names[i], (unsigned long long)r->errors[i]);
            any = true;
        }
    fprintf(file, "%s; in flight at the end: %llu", any ? "" : " none",
            (unsigned long long)r->censored);
    if (r->retried)
        fprintf(file, "; retried after a keep-alive connection was closed: %llu",
                (unsigned long long)r->retried);
    if (r->intended > 0)
        fprintf(file, "; not started: %llu of %llu", (unsigned long long)r->not_started,
                (unsigned long long)r->intended);
    if (r->time_wait_after != NOT_COUNTED && r->time_wait_before != NOT_COUNTED)
        fprintf(file, "\nsockets in TIME_WAIT on this machine: %llu before, %llu after",
                (unsigned long long)r->time_wait_before, (unsigned long long)r->time_wait_after);
    putc('\n', file);
}

static void print_values(FILE *file, const double *values, const int *decimals, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        print_cell(file, values[i], decimals[i], false);
    putc('\n', file);
}

static void print_threads(FILE *file, const struct load_report *report)
{
    enum { COLUMNS = 3 };
    static const char *const heads[COLUMNS] = {"requests", "a second", "CPU us/request"};
    static const int decimals[COLUMNS] = {0, 1, 1};
    const struct load_result *r = report->result;
    if (r->thread_count < 2)
        return;
    unsigned fit = print_heads(file, report, LABEL, "thread", heads, COLUMNS);
    for (unsigned long i = 0; i < r->thread_count; i++) {
        const struct load_thread *t = &r->threads[i];
        const double values[COLUMNS] = {
            (double)t->requests,
            ratio((double)t->requests * 1e9, (double)t->window_ns),
            cpu_us(t->cpu_ns, t->requests),
        };
        fprintf(file, "%-*lu", LABEL, i);
        print_values(file, values, decimals, fit);
    }
}

static void print_classes(FILE *file, const struct load_report *report)
{
    enum { COLUMNS = 4 };
    static const char *const heads[COLUMNS] = {"requests", "p50 us", "p99 us", "connections"};
    static const int decimals[COLUMNS] = {0, 1, 1, 0};
    const struct classes *classes = &report->options->classes;
    if (classes->count < 2)
        return;
    unsigned fit = print_heads(file, report, CLASS_LABEL, "class", heads, COLUMNS);
    for (unsigned i = 0; i < classes->count; i++) {
        const struct load_class *c = &report->result->classes[i];
        const double values[COLUMNS] = {
            (double)c->requests,
            histogram_percentile_us(&c->latency, 50),
            histogram_percentile_us(&c->latency, 99),
            (double)c->connections,
        };
        fprintf(file, "%-*s", CLASS_LABEL, classes->all[i].name);
        print_values(file, values, decimals, fit);
    }
}

enum { URL_LABEL_MAX = 40 };

/* As wide as the longest URL, if that leaves room for a column. */
static unsigned url_label_width(const struct load_report *report)
{
    const struct urls *urls = report->options->urls;
    size_t width = sizeof "URL";
    for (unsigned i = 0; i < urls->count; i++)
        if (strlen(urls->all[i].text) + 1 > width)
            width = strlen(urls->all[i].text) + 1;
    if (width > URL_LABEL_MAX)
        width = URL_LABEL_MAX;
    if (report->room > CELL + LABEL && width > report->room - CELL)
        width = report->room - CELL;
    return (unsigned)width;
}

static void print_urls(FILE *file, const struct load_report *report)
{
    enum { COLUMNS = 4 };
    static const char *const heads[COLUMNS] = {"requests", "p50 us", "p99 us", "errors"};
    static const int decimals[COLUMNS] = {0, 1, 1, 0};
    const struct urls *urls = report->options->urls;
    if (!urls)
        return;
    unsigned width = url_label_width(report);
    unsigned fit = print_heads(file, report, width, "URL", heads, COLUMNS);
    for (unsigned i = 0; i < urls->count; i++) {
        const struct url_result *r = &report->options->url_results[i];
        const double values[COLUMNS] = {
            (double)r->latency.count,
            histogram_percentile_us(&r->latency, 50),
            histogram_percentile_us(&r->latency, 99),
            (double)r->errors,
        };
        fprintf(file, "%-*.*s", (int)width, (int)width - 1, urls->all[i].text);
        print_values(file, values, decimals, fit);
    }
}

static void print_knee(FILE *file, const struct load_report *report)
{
    const struct ramp *ramp = report->result->ramp;
    const struct ramp_knee knee = ramp_find_knee(ramp);
    unsigned long last = report->options->schedule.rate_end;
    if (!knee.bends)
        fprintf(file, "no knee up to %lu/s\n", last);
    else if (knee.slice < 0)
        fprintf(file, "knee: below %.0f/s, the first slice\n", ramp_offered(ramp, 0));
    else
        fprintf(file, "knee: %.0f/s, of which %.0f/s were reached\n",
                ramp_offered(ramp, (unsigned)knee.slice), ramp_reached(ramp, (unsigned)knee.slice));
}

static void print_ramp(FILE *file, const struct load_report *report)
{
    enum { COLUMNS = 5 };
    static const char *const heads[COLUMNS] = {"offered/s", "reached/s", "p99 us", "p50 us",
                                               "send lag us"};
    static const int decimals[COLUMNS] = {1, 1, 1, 1, 1};
    const struct ramp *ramp = report->result->ramp;
    if (!ramp)
        return;
    unsigned fit = print_heads(file, report, LABEL, "from s", heads, COLUMNS);
    for (unsigned i = 0; i < RAMP_SLICES; i++) {
        const struct ramp_slice *slice = &ramp->slices[i];
        const double values[COLUMNS] = {
            ramp_offered(ramp, i),
            ramp_reached(ramp, i),
            histogram_percentile_us(&slice->latency, 99),
            histogram_percentile_us(&slice->latency, 50),
            histogram_percentile_us(&slice->send_lag, 99),
        };
        fprintf(file, "%-*.2f", LABEL, (double)(i * ramp->slice_ns) / 1e9);
        print_values(file, values, decimals, fit);
    }
    print_knee(file, report);
}

static void print_tls(FILE *file, const struct load_result *r)
{
    if (r->tls.version[0])
        fprintf(file, "TLS: %llu handshakes, of which %llu resumed a session; %s, %s, ALPN %s\n",
                (unsigned long long)r->handshake.count, (unsigned long long)r->resumed,
                r->tls.version, r->tls.cipher, r->tls.alpn[0] ? r->tls.alpn : "none");
}

static void print_address(FILE *file, const struct load_target *target)
{
    char taken[128], all[1024];
    if (target->count < 2)
        return;
    load_target_format(target, target->taken, taken, sizeof taken);
    load_target_format_all(target, all, sizeof all);
    fprintf(file, "address: %s, of %s\n", taken, all);
}

void load_report_table(const struct load_report *report, FILE *file)
{
    const struct load_result *r = report->result;
    fprintf(file, "%llu requests on %llu connections in %.3f s: %.1f a second",
            (unsigned long long)r->requests, (unsigned long long)r->connections,
            (double)r->window_ns / 1e9, r->throughput_rps);
    if (r->intended > 0)
        fprintf(file, " of %.1f due", ratio((double)r->intended * 1e9, (double)r->window_ns));
    fprintf(file, "\nclient CPU per request: %.1f us\n", cpu_us(r->cpu_ns, r->requests));
    print_address(file, &report->options->target);
    print_tls(file, r);
    print_percentiles(file, report);
    print_classes(file, report);
    print_urls(file, report);
    print_ramp(file, report);
    print_threads(file, report);
    print_errors(file, r);
}

/* ---- JSON ---- */

static void write_summary(FILE *file, const struct load_report *report)
{
    enum { MORE_FIELDS = 12 };
    char address[128];
    const struct load_result *r = report->result;
    const struct schedule_options *schedule = &report->options->schedule;
    const struct load_target *target = &report->options->target;
    bool is_open = schedule->kind != SCHEDULE_NONE;
    load_target_format(target, target->taken, address, sizeof address);
    struct field fields[LOAD_FIELDS + MORE_FIELDS];
    const struct field more[MORE_FIELDS] = {
        field_text("load", load_kind_name(schedule)),
        field_real("rate_offered", is_open ? schedule_rate(schedule) : NAN, 1),
        field_count("intended", is_open ? r->intended : NOT_COUNTED),
        field_count("not_started", is_open ? r->not_started : NOT_COUNTED),
        field_count("too_late", is_open ? r->too_late : NOT_COUNTED),
        field_count("max_open", is_open ? r->max_open : NOT_COUNTED),
        field_count("retried", r->retried),
        field_real("client_cpu_us_per_req", cpu_us(r->cpu_ns, r->requests), 3),
        field_count("time_wait_before", r->time_wait_before),
        field_count("time_wait_after", r->time_wait_after),
        field_text("address", address),
        field_text("verdict", load_verdict(r)),
    };
    load_fields(r, fields);
    memcpy(fields + LOAD_FIELDS, more, sizeof more);
    record_write_json(file, fields, LOAD_FIELDS + MORE_FIELDS);
}

static double mean_us(const struct histogram *h)
{
    return h->count ? histogram_mean(h) / 1e3 : NAN;
}

static void write_phase(FILE *file, const struct load_report *report,
                        const struct load_phase *phase)
{
    const struct field fields[] = {
        field_count("count", phase->h->count),
        field_real("mean_us", mean_us(phase->h), 3),
        field_real("max_us", histogram_percentile_us(phase->h, 100), 3),
    };
    fprintf(file, "\"%s\": {\n", phase->name);
    record_write_json_members(file, fields, sizeof fields / sizeof *fields);
    fputs(", \"percentiles\": [", file);
    for (unsigned i = 0; i < report->percentile_count; i++) {
        bool is_lower_bound;
        double us = phase_us(report, phase, report->percentiles[i], &is_lower_bound);
        fprintf(file, "%s{\"percent\": %g, \"us\": ", i ? ", " : "", report->percentiles[i]);
        fprintf(file, isfinite(us) ? "%.3f" : "null", us);
        fprintf(file, ", \"is_lower_bound\": %s}", is_lower_bound ? "true" : "false");
    }
    fputs("]}", file);
}

static void write_phases(FILE *file, const struct load_report *report)
{
    struct load_phase phases[LOAD_PHASES];
    load_report_phases(report->result, phases);
    for (unsigned i = 0; i < LOAD_PHASES; i++) {
        fputs(i ? ",\n" : "", file);
        write_phase(file, report, &phases[i]);
    }
}

static void write_errors(FILE *file, const struct load_report *report)
{
    const struct load_result *r = report->result;
    for (int i = 0; i < LOAD_ERRORS; i++) {
        const struct field fields[] = {
            field_count("count", r->errors[i]),
            field_text("first", r->first_error[i][0] ? r->first_error[i] : NULL),
        };
        fprintf(file, "%s\"%s\": ", i ? ",\n" : "", load_error_names[i]);
        record_write_json(file, fields, sizeof fields / sizeof *fields);
    }
}

static void write_statuses(FILE *file, const struct load_report *report)
{
    struct field fields[STATUS_CLASSES];
    for (unsigned i = 0; i < STATUS_CLASSES; i++)
        fields[i] = field_count(status_class_names[i], load_statuses_of_class(report->result, i));
    record_write_json_members(file, fields, STATUS_CLASSES);
}

static void write_status_codes(FILE *file, const struct load_report *report)
{
    const uint64_t *counts = report->result->statuses;
    const char *comma = "";
    for (unsigned status = STATUS_LEAST; status <= STATUS_MOST; status++)
        if (counts[status]) {
            fprintf(file, "%s\"%u\": %llu", comma, status, (unsigned long long)counts[status]);
            comma = ", ";
        }
}

static void write_threads(FILE *file, const struct load_report *report)
{
    const struct load_result *r = report->result;
    for (unsigned long i = 0; i < r->thread_count; i++) {
        const struct load_thread *t = &r->threads[i];
        const struct field fields[] = {
            field_count("thread", i),
            field_real("window_s", (double)t->window_ns / 1e9, 6),
            field_count("conns", t->connections),
            field_count("requests", t->requests),
            field_real("throughput_rps", ratio((double)t->requests * 1e9, (double)t->window_ns), 1),
            field_real("client_cpu_us_per_req", cpu_us(t->cpu_ns, t->requests), 3),
        };
        fputs(i ? ",\n" : "", file);
        record_write_json(file, fields, sizeof fields / sizeof *fields);
    }
}

static void write_classes(FILE *file, const struct load_report *report)
{
    const struct classes *classes = &report->options->classes;
    for (unsigned i = 0; classes->count > 1 && i < classes->count; i++) {
        const struct load_class *c = &report->result->classes[i];
        const struct field fields[] = {
            field_text("class", classes->all[i].name),
            field_count("conns", c->connections),
            field_count("requests", c->requests),
            field_real("latency_p50_us", histogram_percentile_us(&c->latency, 50), 3),
            field_real("latency_p99_us", histogram_percentile_us(&c->latency, 99), 3),
        };
        fputs(i ? ",\n" : "", file);
        record_write_json(file, fields, sizeof fields / sizeof *fields);
    }
}

static void write_urls(FILE *file, const struct load_report *report)
{
    const struct urls *urls = report->options->urls;
    for (unsigned i = 0; urls && i < urls->count; i++) {
        const struct url_result *r = &report->options->url_results[i];
        const struct field fields[] = {
            field_text("url", urls->all[i].text),
            field_count("weight", urls->all[i].weight),
            field_count("requests", r->latency.count),
            field_count("errors", r->errors),
            field_real("latency_p50_us", histogram_percentile_us(&r->latency, 50), 3),
            field_real("latency_p99_us", histogram_percentile_us(&r->latency, 99), 3),
        };
        fputs(i ? ",\n" : "", file);
        record_write_json(file, fields, sizeof fields / sizeof *fields);
    }
}

static void write_slices(FILE *file, const struct load_report *report)
{
    const struct ramp *ramp = report->result->ramp;
    struct ramp_knee knee = ramp ? ramp_find_knee(ramp) : (struct ramp_knee){0};
    for (unsigned i = 0; ramp && i < RAMP_SLICES; i++) {
        const struct ramp_slice *slice = &ramp->slices[i];
        const struct field fields[] = {
            field_real("begin_s", (double)(i * ramp->slice_ns) / 1e9, 3),
            field_real("offered_rps", ramp_offered(ramp, i), 1),
            field_real("reached_rps", ramp_reached(ramp, i), 1),
            field_count("due", slice->due),
            field_count("requests", slice->latency.count),
            field_count("errors", slice->errors),
            field_real("latency_p50_us", histogram_percentile_us(&slice->latency, 50), 3),
            field_real("latency_p99_us", histogram_percentile_us(&slice->latency, 99), 3),
            field_real("send_lag_p99_us", histogram_percentile_us(&slice->send_lag, 99), 3),
        };
        fputs(i ? ",\n{" : "{", file);
        record_write_json_members(file, fields, sizeof fields / sizeof *fields);
        fprintf(file, ", \"holds\": %s}", ramp_holds(slice, knee.p99_limit_us) ? "true" : "false");
    }
}

static void write_knee(FILE *file, const struct load_report *report)
{
    const struct ramp *ramp = report->result->ramp;
    if (!ramp)
        return;
    struct ramp_knee knee = ramp_find_knee(ramp);
    bool found = knee.bends && knee.slice >= 0;
    unsigned i = found ? (unsigned)knee.slice : 0;
    const struct field fields[] = {
        field_count("slice", found ? i : NOT_COUNTED),
        field_real("offered_rps", found ? ramp_offered(ramp, i) : NAN, 1),
        field_real("reached_rps", found ? ramp_reached(ramp, i) : NAN, 1),
        field_real("p99_limit_us", knee.p99_limit_us, 3),
    };
    record_write_json_members(file, fields, sizeof fields / sizeof *fields);
    fprintf(file, ", \"bends\": %s, \"client_was_late\": %s", knee.bends ? "true" : "false",
            knee.client_was_late ? "true" : "false");
}

static void write_tls(FILE *file, const struct load_report *report)
{
    const struct load_result *r = report->result;
    const struct field fields[] = {
        field_count("handshakes", r->handshake.count),
        field_count("resumed", r->resumed),
        field_text("version", r->tls.version),
        field_text("cipher", r->tls.cipher),
        field_text("alpn", r->tls.alpn[0] ? r->tls.alpn : NULL),
    };
    if (r->tls.version[0])
        record_write_json_members(file, fields, sizeof fields / sizeof *fields);
}

void load_report_json(const struct load_report *report, FILE *file)
{
    static const struct {
        const char *name;
        char open, close;
        void (*write)(FILE *, const struct load_report *);
    } parts[] = {
        {"phases", '{', '}', write_phases},     {"errors", '{', '}', write_errors},
        {"statuses", '{', '}', write_statuses}, {"status_codes", '{', '}', write_status_codes},
        {"threads", '[', ']', write_threads},   {"classes", '[', ']', write_classes},
        {"urls", '[', ']', write_urls},         {"slices", '[', ']', write_slices},
        {"knee", '{', '}', write_knee},         {"urls", '[', ']', write_urls},
        {"slices", '[', ']', write_slices},     {"knee", '{', '}', write_knee},
        {"tls", '{', '}', write_tls},
    };
    fputs("{\n\"summary\": ", file);
    write_summary(file, report);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fprintf(file, ",\n\"%s\": %c\n", parts[i].name, parts[i].open);
        parts[i].write(file, report);
        fprintf(file, "%c", parts[i].close);
    }
    fputs("\n}\n", file);
}
