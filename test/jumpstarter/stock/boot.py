"""What a lease is for: a kernel is uploaded, the server is started, and a board fetches it. Nothing is cleaned up."""

import os
import subprocess
import tempfile
import time

from jumpstarter.utils.env import env

with env() as client, tempfile.TemporaryDirectory() as directory:
    kernel = os.urandom(3_000_000)
    with open(f"{directory}/zImage", "wb") as file:
        file.write(kernel)
    client.tftp.storage.write_from_path("board-1/zImage", f"{directory}/zImage")
    client.tftp.start()
    url = f"tftp://{client.tftp.get_host()}:{int(client.tftp.get_port())}/board-1/zImage"
    fetched = subprocess.run(["curl", "-sS", "--max-time", "60", url], capture_output=True, check=True).stdout
    assert fetched == kernel, f"{url}: {len(fetched)} bytes, which are not the kernel's"
    if "HOLD" in os.environ:
        # Until the test has looked at the exporter.
        open(os.environ["HOLD"], "w").close()
        while os.path.exists(os.environ["HOLD"]):
            time.sleep(0.05)
print("booted")
