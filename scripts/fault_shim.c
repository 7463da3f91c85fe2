/* Fails one call of a process that changes files below a folder: see fault_test.py.

   Loaded before the C library (LD_PRELOAD), so that SQLite's own calls pass through it, too. It does nothing before
   fault_arm. Calls are counted from 1; the one with the number `at` fails in the way `kind`:

     'e'  an error (EIO), once            'f'  the disk is full (ENOSPC), from there on; removing works
     's'  half of a write, once           't'  half of a write, then the process is killed
     'k'  the process is killed before it
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX];
static int at, count;
static char kind;

void fault_arm(const char *folder, int number, char how) {
    snprintf(root, sizeof root, "%s", folder);
    count = 0;
    at = number;
    kind = how;
}

int fault_count(void) { return count; }

void fault_disarm(void) { root[0] = 0; }

/* 0: go on; 1: fail with errno set; 2: do half of it. */
enum { OTHER, WRITE, MAKE };

static int fate_of_path(const char *path, int what) {
    size_t length = strlen(root);
    if (!length || !path || strncmp(path, root, length) != 0) return 0;
    int number = __sync_add_and_fetch(&count, 1);
    if (kind == 'f') {
        errno = ENOSPC;
        return at && number >= at && what != OTHER;
    }
    if (number != at) return 0;
    if (kind == 'k' || (kind == 't' && what != WRITE)) kill(getpid(), SIGKILL);
    if (what == WRITE && (kind == 's' || kind == 't')) return 2;
    errno = EIO;
    return 1;
}

static int fate_of(int descriptor, int what) {
    if (!root[0]) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fate_of_path(path, what);
}

static ssize_t half_done(ssize_t written) {
    if (kind == 't') kill(getpid(), SIGKILL);
    return written;
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    NEXT(write);
    int fate = fate_of(fd, WRITE);
    return fate == 1 ? -1 : fate == 2 ? half_done(next(fd, data, size / 2)) : next(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    NEXT(pwrite);
    int fate = fate_of(fd, WRITE);
    return fate == 1 ? -1 : fate == 2 ? half_done(next(fd, data, size / 2, offset)) : next(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    NEXT(pwrite64);
    int fate = fate_of(fd, WRITE);
    return fate == 1 ? -1 : fate == 2 ? half_done(next(fd, data, size / 2, offset)) : next(fd, data, size, offset);
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t size) {
    static ssize_t (*next)(int, int, off64_t *, size_t);
    if (!next) next = dlsym(RTLD_NEXT, "sendfile64");
    int fate = fate_of(out, WRITE);
    return fate == 1 ? -1 : fate == 2 ? half_done(next(out, in, offset, size / 2)) : next(out, in, offset, size);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t size) {
    static ssize_t (*next)(int, int, off_t *, size_t);
    if (!next) next = dlsym(RTLD_NEXT, "sendfile");
    int fate = fate_of(out, WRITE);
    return fate == 1 ? -1 : fate == 2 ? half_done(next(out, in, offset, size / 2)) : next(out, in, offset, size);
}

int fsync(int fd) {
    NEXT(fsync);
    return fate_of(fd, OTHER) ? -1 : next(fd);
}

int fdatasync(int fd) {
    NEXT(fdatasync);
    return fate_of(fd, OTHER) ? -1 : next(fd);
}

int ftruncate(int fd, off_t size) {
    NEXT(ftruncate);
    return fate_of(fd, OTHER) ? -1 : next(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    NEXT(ftruncate64);
    return fate_of(fd, OTHER) ? -1 : next(fd, size);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return fate_of_path(to, OTHER) ? -1 : next(from, to);
}

int link(const char *from, const char *to) {
    NEXT(link);
    return fate_of_path(to, MAKE) ? -1 : next(from, to);
}

int unlink(const char *path) {
    NEXT(unlink);
    return fate_of_path(path, OTHER) ? -1 : next(path);
}

int mkdir(const char *path, mode_t mode) {
    static int (*next)(const char *, mode_t);
    if (!next) next = dlsym(RTLD_NEXT, "mkdir");
    return fate_of_path(path, MAKE) ? -1 : next(path, mode);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        static int (*next)(const char *, int, ...); \
        if (!next) next = dlsym(RTLD_NEXT, #name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        int makes = (flags & O_CREAT) && access(path, F_OK) != 0; \
        return makes && fate_of_path(path, MAKE) ? -1 : next(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
