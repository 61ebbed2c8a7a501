"""A plugin of pytest: Jumpstarter's own tests of its clients meet our exporter in place of the Python drivers.

EXPORT is our command, as a JSON list of arguments. Drivers that we have no counterpart of are served as ever.
"""

import json
import os
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager

import jumpstarter.common.utils as utils
from anyio.from_thread import start_blocking_portal
from jumpstarter.client import client_from_path

original = utils.serve
served = 0


def root_of(driver):
    kind = type(driver).__name__
    if kind == "Opendal" and driver.scheme == "fs":
        return driver.kwargs["root"], lambda client: client.tftp.storage
    if kind == "Tftp":
        return driver.root_dir, lambda client: client.tftp
    return None, None


@contextmanager
def exporter(root):
    with tempfile.TemporaryDirectory() as directory:
        config, path = f"{directory}/board.yaml", f"{directory}/private/exporter.sock"
        options = {"root_dir": str(root), "host": "127.0.0.1", "port": 0, "journal": False}
        drivers = {"tftp": {"type": "jumpstarter_driver_tftp.driver.Tftp", "config": options}}
        with open(config, "w") as file:
            json.dump({"apiVersion": "jumpstarter.dev/v1alpha1", "kind": "ExporterConfig", "export": drivers}, file)
        command = [*json.loads(os.environ["EXPORT"]), "export", config, "--listen", f"unix:{path}", "--fetch-urls", "anywhere"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline()
            assert "exporter listening" in line, f"the exporter says {line!r}"
            yield path
        finally:
            process.terminate()
            assert process.wait() == 0


@contextmanager
def serve(driver):
    global served
    root, pick = root_of(driver)
    if root is None:
        with original(driver) as client:
            yield client
        return
    served += 1
    with exporter(root) as path, start_blocking_portal() as portal, ExitStack() as stack:
        connecting = client_from_path(path, portal, stack, allow=[], unsafe=True)
        with portal.wrap_async_context_manager(connecting) as client:
            yield pick(client)


utils.serve = serve


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"served by our exporter: {served}")
