/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CLASSES_H
#define WAKEONE_CLASSES_H

/*
 * Connection classes of a mix: weight, requests per connection, and how long it is kept open after the last
 * response. "short:90,long:10" is nine connections of one request to one of a hundred that then stays open for a second.
 */

#include <stdint.h>

enum { CLASSES_MAX = 8, CLASS_NAME_MAX = 16 };

struct class
{
    char name[CLASS_NAME_MAX];
    unsigned long weight;
    unsigned long requests; /* per connection; 0 = as many as the server allows */
    uint64_t hold_ns;       /* kept open after the last response */
};

struct classes {
    unsigned count;
    unsigned long weight; /* of all */
    struct class all[CLASSES_MAX];
};

/* A single class, of `requests` per connection. */
void classes_set_plain(struct classes *classes, unsigned long requests);

/* Parses "NAME:WEIGHT[:REQUESTS[:HOLD]],...". Without REQUESTS, `short` is 1 and 0s, `long` 100 and 1s; other names need
 * them. With REQUESTS, HOLD is 0s unless given. Returns NULL, or an error message. */
const char *classes_parse(struct classes *classes, const char *text);

/* The class of a uniform random number from 0 to weight - 1. */
unsigned classes_choose(const struct classes *classes, unsigned long drawn);

#endif
