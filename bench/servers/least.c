// The least a C program can do: the file mapped, a window in one sendmsg that the kernel cuts (UDP_SEGMENT), one thread.
// Not a TFTP server: no retransmission, no netascii, no limits, no jail. It is the bar that a real server is held to.
// usage: least PORT DIR
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UDP_LEVEL = 17, UDP_SEGMENT = 103, EVENTS = 256, BATCH = 64, LARGEST_SEND = 65507 };

struct transfer {
  int socket;
  uint8_t *file;
  size_t size, block_size, window, segment;
  uint64_t acknowledged, last; // block numbers; `last` is the short block that ends the transfer
};

static void send_window(struct transfer *t) {
  static uint8_t headers[BATCH][4];
  static struct iovec vectors[2 * BATCH];
  uint64_t end = t->acknowledged + t->window;
  if (end > t->last) end = t->last;
  size_t fit = LARGEST_SEND / (t->block_size + 4);
  if (fit > BATCH) fit = BATCH;
  for (uint64_t block = t->acknowledged + 1; block <= end;) {
    size_t n = 0;
    for (; n < fit && block <= end; n++, block++) {
      uint64_t at = (block - 1) * t->block_size;
      memcpy(headers[n], (uint8_t[]){0, 3, block >> 8, block}, 4);
      vectors[2 * n] = (struct iovec){headers[n], 4};
      vectors[2 * n + 1] = (struct iovec){t->file + at, block == t->last ? t->size - at : t->block_size};
    }
    int segment = n > 1 ? t->block_size + 4 : 0;
    if (t->segment != (size_t)segment) setsockopt(t->socket, UDP_LEVEL, UDP_SEGMENT, &segment, sizeof segment);
    t->segment = segment;
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2 * n};
    if (sendmsg(t->socket, &message, 0) < 0) return;
  }
}

static void end(struct transfer *t) {
  close(t->socket);
  munmap(t->file, t->size + 1);
  free(t);
}

static void on_packet(struct transfer *t) {
  uint8_t packet[512];
  ssize_t length = recv(t->socket, packet, sizeof packet, MSG_DONTWAIT);
  if (length < 4) return;
  if (packet[1] != 4) return end(t);
  uint16_t ahead = (uint16_t)(packet[2] << 8 | packet[3]) - (uint16_t)t->acknowledged;
  if (ahead > t->window) return;
  t->acknowledged += ahead;
  if (t->acknowledged == t->last) return end(t);
  send_window(t);
}

static void on_request(int port, int epoll) {
  char packet[1500], oack[512] = {0, 6}, *option, *reply = oack + 2;
  struct sockaddr_in client, local = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof client;
  ssize_t length = recvfrom(port, packet, sizeof packet - 1, MSG_DONTWAIT, (struct sockaddr *)&client, &size);

  if (length < 4 || packet[1] != 1) return;
  packet[length] = 0;
  int file = open(packet + 2, O_RDONLY | O_NOFOLLOW);
  struct stat status;
  if (file < 0 || fstat(file, &status)) return;
  struct transfer *t = calloc(1, sizeof *t);
  *t = (struct transfer){.size = status.st_size, .block_size = 512, .window = 1};
  t->file = mmap(NULL, t->size + 1, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  option = packet + 2 + strlen(packet + 2) + 1;
  for (option += strlen(option) + 1; option < packet + length;) {
    char *value = option + strlen(option) + 1;
    if (!strcmp(option, "blksize")) t->block_size = atoi(value);
    if (!strcmp(option, "windowsize")) t->window = atoi(value);
    reply += sprintf(reply, "%.32s%c%.8s", option, 0, value) + 1;
    option = value + strlen(value) + 1;
  }
  t->last = t->size / t->block_size + 1;
  t->socket = socket(AF_INET, SOCK_DGRAM, 0);
  bind(t->socket, (struct sockaddr *)&local, sizeof local);
  connect(t->socket, (struct sockaddr *)&client, size);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = t};
  epoll_ctl(epoll, EPOLL_CTL_ADD, t->socket, &event);
  if (reply > oack + 2) send(t->socket, oack, reply - oack, 0);
  else send_window(t);
}

int main(int argc, char **argv) {
  if (argc != 3 || chdir(argv[2])) return 2;
  uint16_t number = atoi(argv[1]);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int port = socket(AF_INET, SOCK_DGRAM, 0), epoll = epoll_create1(0);
  if (bind(port, (struct sockaddr *)&address, sizeof address)) return perror("bind"), 1;
  struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
  epoll_ctl(epoll, EPOLL_CTL_ADD, port, &event);
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr) on_packet(events[i].data.ptr);
      else on_request(port, epoll);
    }
  }
}
