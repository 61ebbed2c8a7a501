"""Every method of Jumpstarter's TftpServerClient and OpendalClient, unchanged, against an exporter of ours."""

import hashlib
import os
import subprocess
import tempfile

from jumpstarter.utils.env import env


def check(what, got, expected):
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


def fails(what, call, text):
    try:
        call()
    except Exception as error:
        # A call that has a stream fails within a group.
        inner = getattr(error, "exceptions", [error])
        message = "".join(f"{type(each).__name__}: {each}" for each in inner)
        assert text in message, f"{what}: {message}"
        return
    raise AssertionError(f"{what}: it did not fail")


def fetch(host, port, name):
    url = f"tftp://{host}:{int(port)}/{name}"
    return subprocess.run(["curl", "-sS", "--max-time", "60", url], capture_output=True, check=True).stdout


def steps(tftp):
    storage = tftp.storage
    directory = tempfile.mkdtemp()
    kernel = os.urandom(5_000_000)
    with open(f"{directory}/kernel", "wb") as file:
        file.write(kernel)

    tftp.start()
    tftp.start()
    host, port = tftp.get_host(), tftp.get_port()
    storage.write_bytes("hello.txt", b"hello")
    check("fetched", fetch(host, port, "hello.txt"), b"hello")
    storage.write_from_path("boot/kernel", f"{directory}/kernel")
    check("fetched kernel", fetch(host, port, "boot/kernel"), kernel)
    check("read", storage.read_bytes("boot/kernel"), kernel)
    storage.read_into_path("boot/kernel", f"{directory}/back")
    with open(f"{directory}/back", "rb") as file:
        check("read into", file.read(), kernel)

    stat = storage.stat("boot/kernel")
    check("stat", (stat.content_length, stat.mode.is_file(), stat.mode.is_dir()), (len(kernel), True, False))
    check("stat of a directory", storage.stat("boot/").mode.is_dir(), True)
    fails("stat", lambda: storage.stat("nowhere"), "DriverError")
    check("hash", storage.hash("boot/kernel"), hashlib.sha256(kernel).hexdigest())
    check("md5", storage.hash("boot/kernel", "md5"), hashlib.md5(kernel).hexdigest())
    check("list", list(storage.list("/")), ["/", "boot/", "hello.txt"])
    check("list of a name", list(storage.list("boot")), ["boot/"])
    check("list of nothing", list(storage.list("nowhere/")), [])
    check("scan", list(storage.scan("")), ["/", "boot/", "boot/kernel", "hello.txt"])
    check("exists", [storage.exists(path) for path in ("boot", "boot/", "hello.txt", "no")], [True, True, True, False])

    storage.copy("hello.txt", "c/copy")
    storage.rename("c/copy", "d/renamed")
    check("renamed", storage.read_bytes("d/renamed"), b"hello")
    fails("copy", lambda: storage.copy("nowhere", "x"), "DriverError")
    fails("rename", lambda: storage.rename("nowhere", "x"), "DriverError")
    storage.create_dir("m/n/")
    storage.create_dir("m/n/")
    fails("create_dir", lambda: storage.create_dir("file"), "DriverError")
    storage.delete("m/n/")
    storage.delete("nowhere")
    fails("delete", lambda: storage.delete("boot/"), "DriverError")
    storage.remove_all("nowhere")
    created = {"hello.txt", "boot", "boot/kernel", "c", "d", "d/renamed", "m"}
    check("created", storage.get_created_resources(), created)
    check("capability", storage.capability().write, True)
    fails("presign", lambda: storage.presign_read("hello.txt", 10), "not supported")
    fails("outside", lambda: storage.write_bytes("../evil", b"x"), "PATH_OUTSIDE_ROOT")
    fails("missing", lambda: storage.read_bytes("nowhere"), "DriverError")

    file = storage.open("hello.txt", "rb")
    check("tell", file.tell(), 0)
    check("seek", [file.seek(2, 0), file.seek(1, 1), file.seek(-2, 2)], [2, 3, 3])
    check("rest", file.read_bytes(), b"lo")
    check("abilities", (file.readable(), file.seekable(), file.writable(), file.closed), (True, True, False, False))
    file.close()
    file.close()
    check("closed", file.closed, True)
    file = storage.open("parts", "wb")
    check("abilities", (file.readable(), file.seekable(), file.writable(), file.closed), (False, False, True, False))
    fails("read of a written file", file.read_bytes, "open for writing")
    file.write_bytes(b"one ")
    file.write_bytes(b"two")
    file.close()
    check("parts", storage.read_bytes("parts"), b"one two")
    storage.write_bytes("empty", b"")
    check("empty", storage.read_bytes("empty"), b"")
    check("unknown method", attempt(lambda: storage.call("nonesuch")), "DriverMethodNotImplemented")
    check("bad arguments", attempt(lambda: storage.call("stat", 5)), "DriverInvalidArgument")

    storage.remove_all("boot/")
    check("removed", storage.exists("boot"), False)
    tftp.stop()
    tftp.stop()


def attempt(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__


with env() as client:
    steps(client.tftp)
print("all steps")
