#include "link.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

void random_seed(uint64_t seed) { state = seed; }

// splitmix64: every seed is a good one, also small neighbouring numbers.
static int chance(double probability) {
  uint64_t mixed = state += 0x9e3779b97f4a7c15;
  if (probability <= 0) return 0;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return (double)((mixed ^ mixed >> 31) >> 11) / 9007199254740992.0 < probability;
}

static void grow(struct direction *d) {
  size_t capacity = d->capacity ? 2 * d->capacity : 256;
  struct frame *ring = malloc(capacity * sizeof *ring);
  if (!ring) perror("malloc"), exit(1);
  for (size_t i = 0; i < d->count; i++) ring[i] = d->ring[(d->first + i) & (d->capacity - 1)];
  free(d->ring);
  d->ring = ring;
  d->first = 0;
  d->capacity = capacity;
}

static void append(struct direction *d, double due, const uint8_t *bytes, size_t length) {
  if (d->count == d->capacity) grow(d);
  struct frame *frame = &d->ring[(d->first + d->count++) & (d->capacity - 1)];
  *frame = (struct frame){due, length, malloc(length)};
  if (!frame->bytes) perror("malloc"), exit(1);
  memcpy(frame->bytes, bytes, length);
}

// When a frame has passed the bottleneck; negative: the queue before it is full.
static double bottleneck(struct direction *d, size_t length, double now) {
  const struct faults *f = &d->faults;
  if (f->ingress > 0) {
    d->arrived = (d->arrived > now ? d->arrived : now) + length / f->ingress;
    now = d->arrived;
  }
  if (f->rate <= 0) return now;
  if (d->idle < now) d->idle = now;
  if ((d->idle - now) * f->rate + length > f->queue) return -1;
  return d->idle += length / f->rate;
}

int direction_take(struct direction *d, const uint8_t *bytes, size_t length, double now) {
  const struct faults *f = &d->faults;
  d->in++;
  // Every frame draws the same number of chances: one fault does not move the others of the same seed.
  int lost = chance(f->loss), overtakes = chance(f->reorder), twice = chance(f->duplicate);
  if (lost) return d->lost++, 0;
  double passed = bottleneck(d, length, now);
  if (passed < 0) return d->overflowed++, 0;
  if (overtakes) return 1;
  for (int copies = 1 + twice; copies > 0; copies--) append(d, passed + f->delay, bytes, length);
  return 0;
}

struct frame *direction_due(struct direction *d, double now) {
  return direction_next(d) <= now ? &d->ring[d->first] : NULL;
}

void direction_drop(struct direction *d) {
  free(d->ring[d->first].bytes);
  d->first = (d->first + 1) & (d->capacity - 1);
  d->count--;
}

double direction_next(const struct direction *d) { return d->count ? d->ring[d->first].due : 1e18; }

void direction_reset(struct direction *d, struct faults faults) {
  while (d->count) direction_drop(d);
  d->faults = faults;
  d->arrived = d->idle = 0;
  d->in = d->out = d->lost = d->overflowed = 0;
}
