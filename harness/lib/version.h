/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VERSION_H
#define WAKEONE_VERSION_H

/* The one place that names the version and its date: programs, run.sh, env.json, manual pages and `make dist` read it here.
 * CHANGELOG.md, CITATION.cff and debian/changelog repeat it; a test compares them (tests/cli/project.bats). */
#define WAKEONE_VERSION "1.0"
#define WAKEONE_DATE    "2026-11-29"

#endif
