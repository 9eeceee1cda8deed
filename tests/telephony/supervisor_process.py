"""`manage.py media` without Django and front door. Arguments: Redis URL, warm cells, most cells, first and last port."""

import logging
import signal
import sys

from apps.telephony.cell.pool import Pool, PoolSettings


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    url, warm, most, low, high = sys.argv[1], *map(int, sys.argv[2:])
    pool = Pool(PoolSettings("test-machine", url, warm, most, "127.0.0.1", "127.0.0.1", (low, high)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pool.drain())
    while not pool.over():
        pool.step(1.0)
    pool.close()


if __name__ == "__main__":
    main()
