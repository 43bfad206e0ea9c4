/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOAD_CLIENTS_H
#define WAKEONE_LOAD_CLIENTS_H

/*
 * The processes that make one load together: the result of each (a row of clients.csv), and the protocol between the first
 * of them and the trial that measures the server, over a UNIX socket (unix(7), abstract, both run as the same user on the
 * same host):
 *
 *      load-mpi --observer NAME                    trial
 *      clients_build()             ------------>   compares: results are sent in their memory layout
 *      CLIENTS_BEGIN               ------------>   all clients are stopped: first snapshot; or CLIENTS_FAILED
 *                                  <------------   one byte
 *      CLIENTS_END                 ------------>   likewise: second snapshot
 *                                  <------------   one byte
 *      CLIENTS_RESULT, struct load_result, count, struct client[count]
 */

#include "load.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CLIENT_HOST = 64, CLIENTS_BUILD = 64, CLIENTS_MAX = 1 << 16 };

enum clients_message {
    CLIENTS_BEGIN = 'b',
    CLIENTS_END = 'e',
    CLIENTS_RESULT = 'r',
    CLIENTS_FAILED = 'n'
};

/* The result of one process. */
struct client {
    char host[CLIENT_HOST];
    unsigned long threads;
    bool open_loop;
    uint64_t window_ns, intended, not_started, requests, errors, ports, cpu_ns;
    double reached_rps, send_lag_p99_us;
    double begin_error_us, end_error_us; /* see clients_window_error_us() */
};

/* Version and memory layout of a result: programs with the same build string can exchange results. */
void clients_build(char text[CLIENTS_BUILD]);

/* Upper bound of the difference between the clients' windows, in microseconds: the maximum over both ends and all clients. */
double clients_window_error_us(const struct client *clients, unsigned count);

/* clients.csv: `trial` is its first column; NULL = no such column. */
void clients_write_header(FILE *file, const unsigned long *trial);
void clients_write(FILE *file, const unsigned long *trial, const struct client *clients,
                   unsigned count);

/* Transfers all of `size`. On failure false, with errno; 0 = the peer has closed the connection. */
bool clients_send(int fd, const void *data, size_t size);
bool clients_receive(int fd, void *data, size_t size);

#endif
