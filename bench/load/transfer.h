// One TFTP read (RFC 1350, 2347, 2348, 7440), seen from the client, checked byte for byte against the file itself.
#pragma once
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct request {
  struct sockaddr_in server;
  const uint8_t *file; // what the server must send
  size_t size;
  uint8_t packet[512]; // the RRQ
  size_t length;
};

enum state { RUNNING, DONE, FAILED, WRONG };

struct transfer {
  int socket;
  enum state state;
  int connected;   // a first answer came, and with it the server's TID
  int gap;         // a block is missing, and the server has been told (once a gap)
  size_t block_size, window;
  uint64_t block;  // acknowledged or received in order so far
  size_t unacknowledged, bytes;
  size_t duplicates; // blocks that had come before
  double heard;    // when the last datagram went out or came in, in seconds
  int silences;    // time-outs since the server was heard
  uint8_t ack[4];
};

void transfer_open(struct transfer *, const struct request *, double now);
void transfer_receive(struct transfer *, const struct request *, const struct sockaddr_in *from, const uint8_t *packet,
                      size_t length, double now);
// Acknowledges the last block in order again (RFC 7440 section 4), or repeats the request; gives up after eight times.
void transfer_silent(struct transfer *, const struct request *, double now);
// Leaves in the middle, and says so to the server.
void transfer_abandon(struct transfer *);
extern char last_error[128];
