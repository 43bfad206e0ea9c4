/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TRACEPOINT_H
#define WAKEONE_TRACEPOINT_H

#include <stdbool.h>

struct btf;

/* True if argument `index` (0 = the first) of the kernel's tracepoint is an integer, according to BTF: backports by
 * distributions make version numbers unreliable. False if there is no such argument, if BTF does not describe the
 * tracepoint (before Linux 5.5), and if `btf` is NULL. */
bool tracepoint_takes_integer(const struct btf *btf, const char *tracepoint, unsigned index);

#endif
