/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/loglinear.h"

#include "loglinear_cases.h"
