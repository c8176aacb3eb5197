/* Another time for a process that loads this: CHAOS_CLOCK names a file whose first eight bytes are the seconds that
   its clock is ahead. Only the time of day jumps; what measures durations goes on, as when an operator sets a clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile int64_t *ahead;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CHAOS_CLOCK");
    real = dlsym(RTLD_NEXT, "clock_gettime");
    if (path != NULL) {
        void *found = mmap(NULL, 8, PROT_READ, MAP_SHARED, open(path, O_RDONLY | O_CLOEXEC), 0);
        ahead = found == MAP_FAILED ? NULL : found;
    }
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (real == NULL) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(clock, out);
    if (done == 0 && ahead != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += *ahead;
    return done;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
