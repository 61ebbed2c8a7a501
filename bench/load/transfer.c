#include "transfer.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATA = 3, ERROR = 5, OACK = 6, RECEIVE_BUFFER = 8 << 20, PATIENCE = 8 };

char last_error[128];

void transfer_open(struct transfer *t, const struct request *request, double now) {
  int size = RECEIVE_BUFFER;
  *t = (struct transfer){.block_size = 512, .window = 1, .heard = now, .ack = {0, 4}};
  t->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  // A window of large blocks must fit, or the client loses what the server sent well.
  setsockopt(t->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(t->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  sendto(t->socket, request->packet, request->length, 0, (struct sockaddr *)&request->server, sizeof request->server);
}

static void acknowledge(struct transfer *t, double now) {
  t->ack[2] = t->block >> 8;
  t->ack[3] = t->block;
  t->unacknowledged = 0;
  t->heard = now;
  send(t->socket, t->ack, sizeof t->ack, 0);
}

static void take_options(struct transfer *t, const char *text, const char *end, double now) {
  while (text < end) {
    const char *value = text + strnlen(text, end - text) + 1;
    if (value >= end) break;
    if (!strcmp(text, "blksize")) t->block_size = atoi(value);
    if (!strcmp(text, "windowsize")) t->window = atoi(value);
    text = value + strnlen(value, end - value) + 1;
  }
  acknowledge(t, now);
}

// RFC 7440 section 4: what is out of order is dropped, and the last block in order is acknowledged, once a gap. A block
// that ends a window and comes again shows that its ACK was lost: it is acknowledged again.
static void out_of_order(struct transfer *t, uint16_t block, double now) {
  int last_in_order = block == (uint16_t)t->block;
  int ahead = !last_in_order && (uint16_t)(block - (uint16_t)t->block) < 0x8000;
  int window_again = last_in_order && t->unacknowledged == 0 && !t->gap;
  t->duplicates += !ahead;
  if ((ahead && t->window > 1 && !t->gap) || window_again) acknowledge(t, now);
  t->gap |= ahead;
}

static void take_block(struct transfer *t, const struct request *request, uint16_t block, const uint8_t *payload,
                       size_t length, double now) {
  if (block != (uint16_t)(t->block + 1)) return out_of_order(t, block, now);
  if (length > request->size - t->bytes || memcmp(request->file + t->bytes, payload, length)) {
    t->state = WRONG;
    return;
  }
  t->block++;
  t->bytes += length;
  t->gap = 0;
  t->heard = now;
  int last = length < t->block_size;
  if (last || ++t->unacknowledged >= t->window) acknowledge(t, now);
  if (last) t->state = t->bytes == request->size ? DONE : WRONG;
}

void transfer_receive(struct transfer *t, const struct request *request, const struct sockaddr_in *from,
                      const uint8_t *packet, size_t length, double now) {
  if (length < 4) return;
  if (!t->connected) t->connected = !connect(t->socket, (const struct sockaddr *)from, sizeof *from);
  t->silences = 0;
  switch (packet[0] << 8 | packet[1]) {
  case DATA: return take_block(t, request, packet[2] << 8 | packet[3], packet + 4, length - 4, now);
  case OACK:
    if (t->block == 0) take_options(t, (const char *)packet + 2, (const char *)packet + length, now);
    return;
  case ERROR:
    strncpy(last_error, (const char *)packet + 4, length - 4 < sizeof last_error ? length - 4 : sizeof last_error - 1);
    t->state = FAILED;
  }
}

void transfer_silent(struct transfer *t, const struct request *request, double now) {
  t->heard = now;
  // What the server sends again may lose a block again: that is a gap of its own, and must not wait for the next silence.
  t->gap = 0;
  if (++t->silences > PATIENCE) t->state = FAILED;
  else if (t->connected) acknowledge(t, now);
  else
    sendto(t->socket, request->packet, request->length, 0, (struct sockaddr *)&request->server, sizeof request->server);
}

void transfer_abandon(struct transfer *t) {
  static const uint8_t error[] = {0, 5, 0, 0, 0};
  if (t->connected) send(t->socket, error, sizeof error, 0);
  t->state = FAILED;
}
