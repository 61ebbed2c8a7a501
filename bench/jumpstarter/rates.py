"""Uploads a file by Jumpstarter's client, and downloads it.

Prints for each direction the rate in MB/s, and the processor time in seconds that the client and the exporter took.
"""

import json
import os
import sys
import time

from jumpstarter.utils.env import env

size = int(sys.argv[1])
home = sys.argv[2]
exporter = sys.argv[3]
source, target = f"{home}/source", f"{home}/target"
with open(source, "wb") as file:
    file.write(os.urandom(size))


def processor_time(process):
    """User and system time of all its threads, in seconds."""
    with open(f"/proc/{process}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(call):
    before = [time.perf_counter(), processor_time("self"), processor_time(exporter)]
    call()
    after = [time.perf_counter(), processor_time("self"), processor_time(exporter)]
    wall, client, server = (end - begin for begin, end in zip(before, after))
    return {"rate": size / wall / 1e6, "client": client, "exporter": server}


with env() as client:
    storage = client.tftp.storage
    # The first one pays for what is loaded on demand.
    storage.write_bytes("small", b"x")
    up = measure(lambda: storage.write_from_path("file", source))
    down = measure(lambda: storage.read_into_path("file", target))
with open(source, "rb") as one, open(target, "rb") as other:
    assert one.read() == other.read()
print(json.dumps({"up": up, "down": down}))
