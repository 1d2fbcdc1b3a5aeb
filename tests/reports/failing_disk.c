/* A disk that cannot read some bytes of a file, for a process that is started with this library preloaded.
 *
 * BAD_FILE: the end of the file's name. BAD_FROM, BAD_TO: the bytes that give EIO. As with a real disk, a read that
 * begins in front of them gives what lies there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t (*reading)(int, void *, size_t, off_t);

static int is_bad(int descriptor)
{
    char link[64], name[PATH_MAX];
    const char *bad = getenv("BAD_FILE");
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, name, sizeof name);
    size_t end = strlen(bad);
    return length >= (ssize_t)end && memcmp(name + length - end, bad, end) == 0;
}

static ssize_t read_at(const char *call, int descriptor, void *into, size_t size, off_t position)
{
    off_t from = atoll(getenv("BAD_FROM")), to = atoll(getenv("BAD_TO"));
    if (position < to && position + (off_t)size > from && is_bad(descriptor)) {
        if (position >= from) {
            errno = EIO;
            return -1;
        }
        size = from - position;
    }
    return ((reading)dlsym(RTLD_NEXT, call))(descriptor, into, size, position);
}

ssize_t pread(int descriptor, void *into, size_t size, off_t position)
{
    return read_at("pread", descriptor, into, size, position);
}

ssize_t pread64(int descriptor, void *into, size_t size, off_t position)
{
    return read_at("pread64", descriptor, into, size, position);
}
