#ifndef WAKEONE_CLASSES_H
#define WAKEONE_CLASSES_H

/*
 * Kinds of connections in a mix: how often, how many requests each, how long it is kept open after
 * the last answer. "short:90,long:10" is nine connections of one request to one of a hundred that
 * then stays open for a second.
 */

#include <stdint.h>

enum { CLASSES_MAX = 8, CLASS_NAME_MAX = 16 };

struct class
{
    char name[CLASS_NAME_MAX];
    unsigned long weight;
    unsigned long requests; /* per connection; 0 = as many as the server allows */
    uint64_t hold_ns;       /* open, and silent, after the last answer */
};

struct classes {
    unsigned count;
    unsigned long weight; /* of all */
    struct class all[CLASSES_MAX];
};

/* One class, of `requests` each. */
void classes_set_plain(struct classes *classes, unsigned long requests);

/* Reads "NAME:WEIGHT[:REQUESTS[:HOLD]],...". Without REQUESTS, `short` is 1 and 0s, `long` 100 and 1s;
 * other names need them. With REQUESTS, HOLD is 0s unless it is given. Returns NULL, or what is wrong. */
const char *classes_parse(struct classes *classes, const char *text);

/* The class of a number drawn evenly from 0 to weight - 1. */
unsigned classes_choose(const struct classes *classes, unsigned long drawn);

#endif
