#ifndef WAKEONE_VERSION_H
#define WAKEONE_VERSION_H

/* The one place that names the version, and its date: programs, run.sh, manual pages and `make dist` read it here. */
#define WAKEONE_VERSION "1.0"
#define WAKEONE_DATE    "2026-11-29"

#endif
