/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_WIRE_REPORT_H
#define WAKEONE_WIRE_REPORT_H

/* Output of the results: tables for people, JSON and CSV for programs. */

#include "wire.h"

#include <stdio.h>

/* Percentiles of each interval, connections by observed part, packets. */
void wire_report_table(const struct wire_result *result, FILE *file);

/* "12 packets in ESP, 3 packets in MACsec": packets that were not decoded, by kind. */
void wire_report_covered(const struct wire_result *result, FILE *file);

/* See results/README.md. */
void wire_report_json(const struct wire_result *result, FILE *file);

/* A connection as a CSV row; with NULL the header. Times are relative to `first_ns`. */
void wire_report_connection(const struct flow_summary *summary, uint64_t first_ns, FILE *file);

#endif
