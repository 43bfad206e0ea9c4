#ifndef WAKEONE_WIRE_REPORT_H
#define WAKEONE_WIRE_REPORT_H

/* What was seen on the wire, for people and for programs. */

#include "wire.h"

#include <stdio.h>

/* Percentiles of each interval, connections by how much of them was seen, packets. */
void wire_report_table(const struct wire_result *result, FILE *file);

/* "12 packets in ESP, 3 packets in MACsec": those that were not looked into, by kind. */
void wire_report_covered(const struct wire_result *result, FILE *file);

/* See results/README.md. */
void wire_report_json(const struct wire_result *result, FILE *file);

/* A connection as a line of CSV; with NULL the header. Times since `first_ns`. */
void wire_report_connection(const struct flow_summary *summary, uint64_t first_ns, FILE *file);

#endif
