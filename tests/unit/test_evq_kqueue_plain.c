/* SPDX-License-Identifier: BSD-2-Clause */
#define FAKE_WITHOUT_WAKEONE
#include "evq_kqueue_cases.h"
