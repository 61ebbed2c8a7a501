#define _GNU_SOURCE
#include "link.h"
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int tap_open(const char *name_of_namespace, const char *interface) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", name_of_namespace);
  int namespace = open(path, O_RDONLY | O_CLOEXEC);
  if (namespace < 0 || setns(namespace, CLONE_NEWNET)) fail(path);
  close(namespace);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) fail("/dev/net/tun");
  // Without IFF_VNET_HDR it takes no offloads: the kernel cuts what UDP_SEGMENT hands over, as before a plain card.
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request)) fail(interface);
  return device;
}
