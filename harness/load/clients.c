/* SPDX-License-Identifier: BSD-2-Clause */
#include "clients.h"

#include "harness/lib/record.h"
#include "harness/lib/version.h"

#include <errno.h>
#include <math.h>
#include <sys/socket.h>

void clients_build(char text[CLIENTS_BUILD])
{
    for (unsigned i = 0; i < CLIENTS_BUILD; i++)
        text[i] = '\0';
    snprintf(text, CLIENTS_BUILD, "%s, %zu and %zu bytes, %d", WAKEONE_VERSION,
             sizeof(struct load_result), sizeof(struct client), (int)*(const char *)&(int){1});
}

double clients_window_error_us(const struct client *clients, unsigned count)
{
    double most = 0;
    for (unsigned i = 0; i < count; i++)
        most = fmax(most, fmax(clients[i].begin_error_us, clients[i].end_error_us));
    return most;
}

/* ---- clients.csv ---- */

enum { CLIENT_FIELDS = 15 };

static void fill_fields(struct field fields[CLIENT_FIELDS], unsigned long trial, unsigned number,
                        const struct client *c)
{
    double seconds = (double)c->window_ns / 1e9;
    const struct field all[CLIENT_FIELDS] = {
        field_count("trial", trial),
        field_count("client", number),
        field_text("host", c->host),
        field_count("threads", c->threads),
        field_real("window_s", seconds, 6),
        field_real("due_rps", c->open_loop && seconds > 0 ? (double)c->intended / seconds : NAN, 1),
        field_real("reached_rps", c->reached_rps, 1),
        field_count("requests", c->requests),
        field_count("errors", c->errors),
        field_count("errors_ports", c->ports),
        field_count("not_started", c->open_loop ? c->not_started : NOT_COUNTED),
        field_real("send_lag_p99_us", c->send_lag_p99_us, 1),
        field_real("cpu_us_per_req",
                   c->requests ? (double)c->cpu_ns / 1e3 / (double)c->requests : NAN, 3),
        field_real("begin_error_us", c->begin_error_us, 1),
        field_real("end_error_us", c->end_error_us, 1),
    };
    for (unsigned i = 0; i < CLIENT_FIELDS; i++)
        fields[i] = all[i];
}

void clients_write_header(FILE *file, const unsigned long *trial)
{
    static const struct client none;
    struct field fields[CLIENT_FIELDS];
    unsigned left_out = trial ? 0 : 1;
    fill_fields(fields, 0, 0, &none);
    record_write_csv_header(file, fields + left_out, CLIENT_FIELDS - left_out);
}

void clients_write(FILE *file, const unsigned long *trial, const struct client *clients,
                   unsigned count)
{
    unsigned left_out = trial ? 0 : 1;
    for (unsigned i = 0; i < count; i++) {
        struct field fields[CLIENT_FIELDS];
        fill_fields(fields, trial ? *trial : 0, i, &clients[i]);
        record_write_csv(file, fields + left_out, CLIENT_FIELDS - left_out);
    }
}

/* ---- the socket ---- */

bool clients_send(int fd, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        from += n;
        size -= (size_t)n;
    }
    return true;
}

bool clients_receive(int fd, void *data, size_t size)
{
    char *to = data;
    while (size > 0) {
        ssize_t n = recv(fd, to, size, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = 0;
        if (n <= 0)
            return false;
        to += n;
        size -= (size_t)n;
    }
    return true;
}
