/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_UTF8_H
#define WAKEONE_UTF8_H

#include <stdint.h>

/* Decodes the character at `at`, which is NUL-terminated, and sets *bytes to its length. 0 = invalid UTF-8 (RFC 3629:
 * no overlong forms, no surrogates); *bytes bytes are to be skipped. */
uint32_t utf8_decode(const unsigned char *at, unsigned *bytes);

#endif
