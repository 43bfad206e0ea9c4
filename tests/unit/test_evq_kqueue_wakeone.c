/* SPDX-License-Identifier: BSD-2-Clause */
#include "evq_kqueue_cases.h"
