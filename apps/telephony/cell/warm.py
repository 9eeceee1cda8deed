"""The warm parent: it has imported what a cell needs and forks one when the supervisor asks, in some milliseconds.

It is a process of its own (`python -m apps.telephony.cell.warm`), because only one without threads, event loop and connections can be
forked safely. Standard input is a SOCK_SEQPACKET socket of the supervisor: each message is a `Plan` and brings the cell's end of its life
line. It ends when the supervisor does; cells that it forked live on.
"""

import gc
import logging
import os
import signal
import socket

import msgspec

from apps.telephony import sockets
from apps.telephony.cell import process
from apps.telephony.cell.place import Plan
from contactcenter.lib import secrets

LONGEST = 4096  # bytes of a message


def main() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=os.environ.get("CC_LOG_LEVEL", "INFO"))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with the supervisor, which may need it until then
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead; their life lines tell who they were
    control = socket.socket(fileno=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # pjlib greets on standard output
    sockets.filters_work()  # the cells inherit what it found: it is tried, and complained of, once
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    secrets.unseal(secrets.seal("ready"))  # the key is read and OpenSSL loaded once, not in each cell that dials out
    decode = msgspec.json.Decoder(Plan).decode
    gc.collect()
    gc.freeze()  # the pages of these objects stay shared with the cells
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, LONGEST, 1)
        if not message:
            return
        lifeline = socket.socket(fileno=descriptors[0])
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            process.main(decode(message), lifeline)
        lifeline.close()


if __name__ == "__main__":
    main()
