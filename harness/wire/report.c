/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include "harness/lib/record.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

static const char *const packet_names[PACKET_VERDICTS] = {
    [PACKET_TCP] = "tcp",
    [PACKET_OTHER] = "other",
    [PACKET_TRUNCATED] = "truncated",
    [PACKET_BAD] = "bad",
    [PACKET_COVERED] = "not_looked_into",
};

/* Negative if packets of several sources, or of several CPUs, are out of order. */
static double seconds_between(uint64_t from_ns, uint64_t to_ns)
{
    return (double)(int64_t)(to_ns - from_ns) / 1e9;
}

/* ---- table ---- */

static void print_cell(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, " %11.1f", value);
    else
        fprintf(file, " %11s", "-");
}

static void print_intervals(const struct wire_result *r, FILE *file)
{
    static const double percents[] = {50, 90, 99, 99.9, 100};
    static const char *const labels[FLOW_INTERVALS] = {
        [FLOW_SYNACK] = "SYN to SYN/ACK",    [FLOW_HANDSHAKE] = "SYN/ACK to ACK",
        [FLOW_WAIT] = "request to response", [FLOW_FIRST_BYTE] = "SYN to first byte",
        [FLOW_RESPONSE] = "response",        [FLOW_CLOSE] = "FIN to FIN",
    };
    fprintf(file, "%-20s %11s %11s %11s %11s %11s %11s\n", "us", "p50", "p90", "p99", "p99.9",
            "max", "samples");
    for (int i = 0; i < FLOW_INTERVALS; i++) {
        fprintf(file, "%-20s", labels[i]);
        for (size_t k = 0; k < sizeof percents / sizeof *percents; k++)
            print_cell(file, histogram_percentile_us(&r->intervals[i], percents[k]));
        fprintf(file, " %11llu\n", (unsigned long long)r->intervals[i].count);
    }
}

static void print_counts(FILE *file, const char *what, const char *const *names,
                         const uint64_t *counts, int number)
{
    fprintf(file, "%s:", what);
    for (int i = 0; i < number; i++)
        fprintf(file, "%s %s %llu", i ? "," : "", names[i], (unsigned long long)counts[i]);
}

void wire_report_table(const struct wire_result *r, FILE *file)
{
    print_intervals(r, file);
    putc('\n', file);
    print_counts(file, "connections", flow_sight_names, r->totals.sights, FLOW_SIGHTS);
    fprintf(file, ", open %lu; given up %llu; %llu exchanges\n", r->open,
            (unsigned long long)r->totals.given_up, (unsigned long long)r->totals.exchanges);
    print_counts(file, "seen", flow_count_names, r->totals.counts, FLOW_COUNTS);
    putc('\n', file);
    print_counts(file, "packets", packet_names, r->packets, PACKET_VERDICTS);
    fprintf(file,
            ", of other ports %llu, seen twice %llu; dropped by the kernel %llu, by the interface "
            "%llu\n",
            (unsigned long long)r->totals.others, (unsigned long long)r->totals.seen_twice,
            (unsigned long long)r->capture.dropped,
            (unsigned long long)r->capture.interface_dropped);
}

void wire_report_covered(const struct wire_result *r, FILE *file)
{
    const char *before = "";
    for (int i = 0; i < PACKET_COVERS; i++) {
        if (r->covered[i] == 0)
            continue;
        fprintf(file, "%s%llu packets in %s", before, (unsigned long long)r->covered[i],
                packet_cover_names[i]);
        before = ", ";
    }
}

/* ---- JSON ---- */

static void write_summary(const struct wire_result *r, FILE *file)
{
    const struct field fields[] = {
        field_real("seconds", seconds_between(r->first_ns, r->last_ns), 9),
        field_count("exchanges", r->totals.exchanges),
        field_count("open", r->open),
        field_count("given_up", r->totals.given_up),
        field_count("frames", r->capture.frames),
        field_count("other_ports", r->totals.others),
        field_count("seen_twice", r->totals.seen_twice),
        field_count("dropped", r->capture.dropped),
        field_count("interface_dropped", r->capture.interface_dropped),
        field_text("verdict", wire_verdict(r)),
    };
    record_write_json(file, fields, sizeof fields / sizeof *fields);
}

static void write_interval(const struct histogram *h, FILE *file)
{
    const struct field fields[] = {
        field_count("count", h->count),
        field_real("mean_us", h->count ? histogram_mean(h) / 1e3 : NAN, 3),
        field_real("p50_us", histogram_percentile_us(h, 50), 3),
        field_real("p90_us", histogram_percentile_us(h, 90), 3),
        field_real("p99_us", histogram_percentile_us(h, 99), 3),
        field_real("p999_us", histogram_percentile_us(h, 99.9), 3),
        field_real("max_us", histogram_percentile_us(h, 100), 3),
    };
    record_write_json(file, fields, sizeof fields / sizeof *fields);
}

static void write_counts(FILE *file, const char *what, const char *const *names,
                         const uint64_t *counts, int number)
{
    fprintf(file, ",\n\"%s\": {", what);
    for (int i = 0; i < number; i++)
        fprintf(file, "%s\"%s\": %llu", i ? ", " : "", names[i], (unsigned long long)counts[i]);
    putc('}', file);
}

/* Kinds with a count of 0 are omitted. */
static void write_covered(const struct wire_result *r, FILE *file)
{
    const char *before = "";
    fputs(",\n\"not_looked_into\": {", file);
    for (int i = 0; i < PACKET_COVERS; i++) {
        if (r->covered[i] == 0)
            continue;
        fprintf(file, "%s\"%s\": %llu", before, packet_cover_names[i],
                (unsigned long long)r->covered[i]);
        before = ", ";
    }
    putc('}', file);
}

void wire_report_json(const struct wire_result *r, FILE *file)
{
    fputs("{\n\"summary\": ", file);
    write_summary(r, file);
    fputs(",\n\"intervals\": {\n", file);
    for (int i = 0; i < FLOW_INTERVALS; i++) {
        fprintf(file, "%s\"%s\": ", i ? ",\n" : "", flow_interval_names[i]);
        write_interval(&r->intervals[i], file);
    }
    putc('}', file);
    write_counts(file, "connections", flow_sight_names, r->totals.sights, FLOW_SIGHTS);
    write_counts(file, "counts", flow_count_names, r->totals.counts, FLOW_COUNTS);
    write_counts(file, "packets", packet_names, r->packets, PACKET_VERDICTS);
    write_covered(r, file);
    fputs("\n}\n", file);
}

/* ---- CSV ---- */

enum {
    CONNECTION_FIELDS = 7,
    ALL_FIELDS = CONNECTION_FIELDS + FLOW_INTERVALS + FLOW_COUNTS,
};

static const char *address_text(const struct endpoint *endpoint, char text[INET6_ADDRSTRLEN])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(endpoint->address, mapped, sizeof mapped) == 0)
        return inet_ntop(AF_INET, endpoint->address + 12, text, INET6_ADDRSTRLEN);
    return inet_ntop(AF_INET6, endpoint->address, text, INET6_ADDRSTRLEN);
}

void wire_report_connection(const struct flow_summary *summary, uint64_t first_ns, FILE *file)
{
    static const char *const interval_columns[FLOW_INTERVALS] = {
        "synack_ns", "handshake_ns", "wait_ns", "first_byte_ns", "response_ns", "close_ns"};
    static const struct flow_summary none;
    const struct flow_summary *s = summary ? summary : &none;
    char client[INET6_ADDRSTRLEN], server[INET6_ADDRSTRLEN];
    struct field fields[ALL_FIELDS] = {
        field_real("begin_s", seconds_between(first_ns, s->begin_ns), 9),
        field_text("client", address_text(&s->client, client)),
        field_count("client_port", s->client.port),
        field_text("server", address_text(&s->server, server)),
        field_count("server_port", s->server.port),
        field_text("sight", flow_sight_names[s->sight]),
        field_count("exchanges", s->exchanges),
    };
    for (int i = 0; i < FLOW_INTERVALS; i++)
        fields[CONNECTION_FIELDS + i] = field_count(interval_columns[i], s->intervals[i]);
    for (int i = 0; i < FLOW_COUNTS; i++)
        fields[CONNECTION_FIELDS + FLOW_INTERVALS + i] = field_count(flow_count_names[i],
                                                                     s->counts[i]);
    if (summary)
        record_write_csv(file, fields, ALL_FIELDS);
    else
        record_write_csv_header(file, fields, ALL_FIELDS);
}
