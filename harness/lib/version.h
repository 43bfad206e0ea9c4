#ifndef WAKEONE_VERSION_H
#define WAKEONE_VERSION_H

/* The one place that names the version: programs, run.sh, `make dist` and debian/changelog's test read it here. */
#define WAKEONE_VERSION "1.0"

#endif
