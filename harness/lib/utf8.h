#ifndef WAKEONE_UTF8_H
#define WAKEONE_UTF8_H

#include <stdint.h>

/* The character at `at`, and how many bytes it has; 0 = these bytes are not UTF-8 (RFC 3629: no overlong forms, no
 * surrogates), and *bytes of them are skipped. `at` ends with a 0. */
uint32_t utf8_decode(const unsigned char *at, unsigned *bytes);

#endif
