"""Jumpstarter's own exporter of a Tftp, on a unix socket that it prints, until it is killed."""

import sys

import anyio
from jumpstarter.common import ExporterStatus
from jumpstarter.exporter.session import Session
from jumpstarter_driver_composite.driver import Composite
from jumpstarter_driver_tftp.driver import Tftp


async def main(root):
    tftp = Tftp(root_dir=root, host="127.0.0.1", port=0)
    with Session(root_device=Composite(children={"tftp": tftp})) as session:
        async with session.serve_unix_async() as path:
            session.update_status(ExporterStatus.LEASE_READY)
            print(path, flush=True)
            await anyio.sleep_forever()


anyio.run(main, sys.argv[1])
