#ifndef WAKEONE_EVENTS_H
#define WAKEONE_EVENTS_H

/* Between the program in the kernel and whoever loads it. */

#include <stdint.h>

enum { SLOTS_MAX = 65535, SHORT_WAYS = 16384, LISTENERS_MAX = 4096 };

/* What the program could not follow. */
struct losses {
    uint64_t tasks;  /* threads and processes begun when all slots were taken */
    uint64_t events; /* steps of connections for which the ring had no room */
    uint64_t runs;   /* of the program, left out by the kernel: it was interrupted by itself */
};

/* A listening socket, by the local address that its connections have. */
struct listener {
    uint32_t network; /* inode number of its network namespace; 0 = the kernel has none */
    uint32_t family, port;
    uint8_t address[16]; /* of IPv4 the first 4; all 0 = any */
};

enum event_kind { EVENT_ESTABLISHED, EVENT_WOKEN, EVENT_ACCEPTED };

/* One step of a connection, told only where somebody asked for connections one by one. */
struct event {
    uint64_t at;     /* ns, CLOCK_MONOTONIC */
    uint64_t socket; /* identity of the connection as long as it lives; 0 = not known */
    uint64_t number; /* of the connection, as no other has it; 0 with EVENT_ACCEPTED */
    uint32_t kind;   /* enum event_kind */
    uint32_t tid;    /* woken or accepted; 0 with EVENT_ESTABLISHED, or of a thread not followed */
    uint32_t port;
    uint32_t reserved;
};

#endif
