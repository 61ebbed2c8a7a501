"""Uploads a file by Jumpstarter's client, and downloads it; prints both rates in MB/s."""

import json
import os
import sys
import time

from jumpstarter.utils.env import env

size = int(sys.argv[1])
home = sys.argv[2]
source, target = f"{home}/source", f"{home}/target"
with open(source, "wb") as file:
    file.write(os.urandom(size))


def rate(call):
    begun = time.perf_counter()
    call()
    return size / (time.perf_counter() - begun) / 1e6


with env() as client:
    storage = client.tftp.storage
    # The first one pays for what is loaded on demand.
    storage.write_bytes("small", b"x")
    up = rate(lambda: storage.write_from_path("file", source))
    down = rate(lambda: storage.read_into_path("file", target))
with open(source, "rb") as one, open(target, "rb") as other:
    assert one.read() == other.read()
print(json.dumps({"up": up, "down": down}))
