// The parts of the link emulator: one direction of a link, and the TAP devices at its ends.
#pragma once
#include <stddef.h>
#include <stdint.h>

// What one direction does to frames. Times in seconds, sizes in bytes, rates in bytes a second, chances from 0 to 1.
struct faults {
  double delay, loss, reorder, duplicate;
  double rate, queue; // the bottleneck and the queue before it; rate 0: none
  double ingress;     // how fast frames reach the bottleneck; 0: all at once
};

struct frame {
  double due;
  size_t length;
  uint8_t *bytes;
};

// Frames under way. The delay is the same for all, so a ring in order of arrival is in order of departure too.
struct direction {
  struct faults faults;
  struct frame *ring; // a power of two
  size_t first, count, capacity;
  double arrived, idle; // when the last frame has fully arrived; when the bottleneck is free again
  uint64_t in, out, lost, overflowed;
};

// Takes a frame that came at `now`. A frame that overtakes the others is returned as 1: the caller sends it at once.
int direction_take(struct direction *, const uint8_t *bytes, size_t length, double now);
// The first frame that is due, or NULL. It stays valid until direction_drop().
struct frame *direction_due(struct direction *, double now);
void direction_drop(struct direction *);
// When the next frame is due; a huge number: none is under way.
double direction_next(const struct direction *);
// Forgets all frames and counts, and starts anew with these faults.
void direction_reset(struct direction *, struct faults);
void random_seed(uint64_t seed);

// Creates a TAP device in the network namespace of that name (ip-netns(8)). Ends the process with a message if it cannot.
int tap_open(const char *name_of_namespace, const char *interface);
