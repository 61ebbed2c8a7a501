// A link between two network namespaces with delay, loss, reordering, duplication, a rate and a finite queue, for
// kernels without netem. usage: link NAMESPACE INTERFACE NAMESPACE INTERFACE
// Each line on standard input sets the link anew, and is answered with the counts of what went before:
//   SEED ONEWAY DELAY_US LOSS REORDER DUPLICATE RATE QUEUE INGRESS
// ONEWAY 1: all but the delay holds only from the first end to the second. Chances are parts of 1; RATE and INGRESS are
// bytes a second, QUEUE is bytes; 0: none. It ends with its standard input.
#define _GNU_SOURCE
#include "link.h"
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 65536, BATCH = 64 };
static struct direction directions[2];
static int ends[2];

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void pass_on(int from, const uint8_t *bytes, size_t length) {
  if (write(ends[!from], bytes, length) == (ssize_t)length) directions[from].out++;
}

static void receive(int from) {
  static uint8_t buffer[LARGEST];
  for (int i = 0; i < BATCH; i++) {
    ssize_t length = read(ends[from], buffer, sizeof buffer);
    if (length <= 0) return;
    if (direction_take(&directions[from], buffer, length, seconds())) pass_on(from, buffer, length);
  }
}

static void deliver(int from) {
  struct frame *frame;
  while ((frame = direction_due(&directions[from], seconds()))) {
    pass_on(from, frame->bytes, frame->length);
    direction_drop(&directions[from]);
  }
}

static int configure(void) {
  char line[512];
  ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
  if (length <= 0) return 0;
  line[length] = 0;
  unsigned long long seed;
  int one_way;
  struct faults f;
  if (sscanf(line, "%llu %d %lf %lf %lf %lf %lf %lf %lf", &seed, &one_way, &f.delay, &f.loss, &f.reorder, &f.duplicate,
             &f.rate, &f.queue, &f.ingress) != 9) {
    fprintf(stderr, "link: expected nine numbers, got %s", line);
    return 0;
  }
  f.delay *= 1e-6;
  printf("[");
  for (int i = 0; i < 2; i++) {
    struct direction *d = &directions[i];
    printf("%s{\"in\":%lu,\"out\":%lu,\"lost\":%lu,\"overflowed\":%lu}", i ? "," : "", d->in, d->out, d->lost,
           d->overflowed);
    direction_reset(d, i && one_way ? (struct faults){.delay = f.delay} : f);
  }
  printf("]\n");
  fflush(stdout);
  random_seed(seed);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 5) return fputs("usage: link NAMESPACE INTERFACE NAMESPACE INTERFACE\n", stderr), 2;
  for (int i = 0; i < 2; i++) ends[i] = tap_open(argv[1 + 2 * i], argv[2 + 2 * i]);
  // It has to wake on time, whatever else the processor does. Not everybody may ask for that.
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
  puts("ready");
  fflush(stdout);
  for (;;) {
    double next = direction_next(&directions[0]), other = direction_next(&directions[1]), left;
    if (other < next) next = other;
    left = next - seconds();
    if (left < 0) left = 0;
    struct timespec wait = {left, (left - (time_t)left) * 1e9};
    struct pollfd ready[] = {{ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    ppoll(ready, 3, next < 1e17 ? &wait : NULL, NULL);
    for (int i = 0; i < 2; i++) {
      deliver(i);
      if (ready[i].revents) receive(i);
    }
    if (ready[2].revents && !configure()) return 0;
  }
}
