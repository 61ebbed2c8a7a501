// A load of TFTP clients in one thread, cheap enough not to be the bottleneck. Prints one line of JSON.
#define _GNU_SOURCE
#include "transfer.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, EVENTS = 256, LARGEST = 65536 };
static const double SCAN = 0.02; // seconds

static struct {
  const char *host, *name, *path;
  int port, block_size, window, clients, transfers;
  double seconds, gap; // at most so long; between the first requests of two clients
  double silence;      // after which a client asks again
} options = {.host = "127.0.0.1", .port = 69, .clients = 1, .transfers = 1, .seconds = 60, .silence = 1};

static struct request request;
static struct transfer *all;
static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static struct sockaddr_in senders[BATCH];
static int epoll, begun, answered, count[WRONG + 1], timeouts;
static size_t bytes, duplicates, granted_block_size, granted_window;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void begin(struct transfer *t, double now) {
  transfer_open(t, &request, now);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = t};
  epoll_ctl(epoll, EPOLL_CTL_ADD, t->socket, &event);
  begun++;
}

static void note_answer(const struct transfer *t) {
  if (!t->connected) return;
  answered++;
  granted_block_size = t->block_size;
  granted_window = t->window;
}

static void settle(struct transfer *t, double now) {
  if (t->state == RUNNING) return;
  count[t->state]++;
  bytes += t->bytes;
  duplicates += t->duplicates;
  note_answer(t);
  close(t->socket);
  t->socket = -1;
  if (begun < options.transfers) begin(t, now);
}

static void drain(struct transfer *t, double now) {
  for (int received = BATCH; received == BATCH && t->state == RUNNING;) {
    int named = !t->connected;
    for (int i = 0; i < BATCH; i++) {
      messages[i].msg_hdr.msg_name = named ? &senders[i] : NULL;
      messages[i].msg_hdr.msg_namelen = named ? sizeof senders[i] : 0;
    }
    received = recvmmsg(t->socket, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < received && t->state == RUNNING; i++)
      transfer_receive(t, &request, &senders[i], vectors[i].iov_base, messages[i].msg_len, now);
  }
}

static void ask_again(double now) {
  for (int i = 0; i < options.clients; i++) {
    struct transfer *t = &all[i];
    if (t->socket < 0 || now - t->heard < options.silence) continue;
    timeouts++;
    transfer_silent(t, &request, now);
    settle(t, now);
  }
}

static void run(double start) {
  struct epoll_event events[EVENTS];
  double scanned = start, now = start;
  for (int ended = 0; ended < options.transfers && now - start < options.seconds; now = seconds()) {
    while (begun < options.clients && begun < options.transfers && now - start >= begun * options.gap)
      begin(&all[begun], now);
    int ready = epoll_wait(epoll, events, EVENTS, options.gap > 0 ? 1 : 20);
    now = seconds();
    for (int i = 0; i < ready; i++) {
      drain(events[i].data.ptr, now);
      settle(events[i].data.ptr, now);
    }
    if (now - scanned > SCAN) ask_again(scanned = now);
    ended = count[DONE] + count[FAILED] + count[WRONG];
  }
}

static void parse(int argc, char **argv) {
  for (int letter; (letter = getopt(argc, argv, "h:p:f:l:b:w:c:n:x:g:t:")) > 0;) switch (letter) {
    case 'h': options.host = optarg; break;
    case 'p': options.port = atoi(optarg); break;
    case 'f': options.name = optarg; break;
    case 'l': options.path = optarg; break;
    case 'b': options.block_size = atoi(optarg); break;
    case 'w': options.window = atoi(optarg); break;
    case 'c': options.clients = atoi(optarg); break;
    case 'n': options.transfers = atoi(optarg); break;
    case 'x': options.seconds = atof(optarg); break;
    case 'g': options.gap = atof(optarg) / 1e3; break;
    case 't': options.silence = atof(optarg) / 1e3; break;
    default: exit(2);
  }
  if (!options.name || !options.path || optind < argc) {
    fputs("usage: load [-h HOST] [-p PORT] -f NAME -l FILE [-b BLKSIZE] [-w WINDOWSIZE] [-c CLIENTS] [-n TRANSFERS]"
          " [-x SECONDS] [-g GAP_MS] [-t SILENCE_MS]\n", stderr);
    exit(2);
  }
}

static void prepare(void) {
  struct stat status;
  int file = open(options.path, O_RDONLY);
  if (file < 0 || fstat(file, &status)) perror(options.path), exit(2);
  request.size = status.st_size;
  request.file = mmap(NULL, request.size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  request.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(options.port)};
  inet_pton(AF_INET, options.host, &request.server.sin_addr);
  char *end = (char *)request.packet + 2;
  request.packet[1] = 1;
  end += sprintf(end, "%.200s%coctet", options.name, 0) + 1;
  if (options.block_size) end += sprintf(end, "blksize%c%d", 0, options.block_size) + 1;
  if (options.window) end += sprintf(end, "windowsize%c%d", 0, options.window) + 1;
  request.length = end - (char *)request.packet;
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){malloc(LARGEST), LARGEST};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  all = calloc(options.clients, sizeof *all);
  for (int i = 0; i < options.clients; i++) all[i].socket = -1;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  epoll = epoll_create1(0);
}

int main(int argc, char **argv) {
  parse(argc, argv);
  prepare();
  double start = seconds();
  run(start);
  double elapsed = seconds() - start;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  int left = 0; // by the client, because its time was over
  for (int i = 0; i < options.clients; i++)
    if (all[i].socket >= 0) {
      left++;
      bytes += all[i].bytes;
      duplicates += all[i].duplicates;
      note_answer(&all[i]);
      transfer_abandon(&all[i]);
    }
  for (char *c = last_error; *c; c++)
    if (*c == '"' || *c == '\\' || *c < ' ') *c = '?';
  printf("{\"done\":%d,\"failed\":%d,\"wrong\":%d,\"left\":%d,\"answered\":%d,\"bytes\":%zu,\"seconds\":%.6f,"
         "\"cpuSeconds\":%.6f,\"timeouts\":%d,\"duplicates\":%zu,\"blockSize\":%zu,\"windowSize\":%zu,\"error\":\"%s\"}\n",
         count[DONE], count[FAILED], count[WRONG], left, answered, bytes, elapsed, cpu, timeouts, duplicates,
         granted_block_size, granted_window, last_error);
  return count[FAILED] + count[WRONG] > 0;
}
