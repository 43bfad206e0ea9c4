/* SPDX-License-Identifier: BSD-2-Clause */
#define __bpf__
#include "harness/lib/loglinear.h"
#undef __bpf__

#include "loglinear_cases.h"
