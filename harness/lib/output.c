#include "output.h"

#include "message.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *output_open(const char *path)
{
    if (strcmp(path, "-") == 0)
        return stdout;
    FILE *file = fopen(path, "we");
    if (!file)
        fail("cannot write %s: %s", path, strerror(errno));
    return file;
}

void output_close(FILE *file, const char *path)
{
    bool failed = ferror(file) != 0;
    failed |= (file == stdout ? fflush(file) : fclose(file)) != 0;
    if (failed)
        fail("cannot write %s: %s", path, strerror(errno));
}

void output_try(const char *path)
{
    if (path)
        output_close(output_open(path), path);
}

void output_try_directory(const char *path)
{
    struct stat status;
    if (!path)
        return;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        fail("cannot make the directory %s: %s", path, strerror(errno));
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode) || access(path, W_OK) != 0)
        fail("cannot write into %s: it takes a directory", path);
}

void output_histogram(const struct histogram *h, const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.hgrm", directory, name);
    if (h->count == 0) {
        unlink(path);
        return;
    }
    FILE *file = output_open(path);
    histogram_write_hgrm(h, file);
    output_close(file, path);
}
