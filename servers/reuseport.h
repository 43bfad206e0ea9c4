/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_REUSEPORT_H
#define WAKEONE_REUSEPORT_H

/* Shared by reuseport.c and its BPF program. */

enum { REUSEPORT_WORKERS_MAX = 1024 };

#define REUSEPORT_GONE 0xffffffffU /* in place of a number of connections: the worker has ended */

#endif
