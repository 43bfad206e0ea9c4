#ifndef WAKEONE_LOAD_CLIENTS_H
#define WAKEONE_LOAD_CLIENTS_H

/*
 * The processes that make one load together: what each has done (a row of clients.csv), and what the first of them and
 * the trial that measures the server exchange through a socket of UNIX (unix(7), abstract, both run as the same user on
 * the same host):
 *
 *      load-mpi --observer NAME                    trial
 *      clients_build()             ------------>   compares: results are sent as they are in memory
 *      CLIENTS_BEGIN               ------------>   all clients stand still: first snapshot; or CLIENTS_CANNOT
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
    CLIENTS_CANNOT = 'n'
};

/* What one process has done. */
struct client {
    char host[CLIENT_HOST];
    unsigned long threads;
    bool open_loop;
    uint64_t window_ns, intended, not_started, requests, errors, ports, cpu_ns;
    double reached_rps, send_lag_p99_us;
    double begin_error_us, end_error_us; /* see clients_window_error_us() */
};

/* Version and layout of a result: two programs that agree on this understand each other. */
void clients_build(char text[CLIENTS_BUILD]);

/* By at most how much the ends of the clients' windows differ, in microseconds: the largest of both ends and all clients. */
double clients_window_error_us(const struct client *clients, unsigned count);

/* clients.csv: `trial` is a column in front of the others; NULL = none. */
void clients_write_header(FILE *file, const unsigned long *trial);
void clients_write(FILE *file, const unsigned long *trial, const struct client *clients,
                   unsigned count);

/* All of it, or false and errno; 0 = the other side has closed. */
bool clients_send(int fd, const void *data, size_t size);
bool clients_receive(int fd, void *data, size_t size);

#endif
