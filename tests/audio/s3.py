"""An S3 server for tests: moto's, on a free port, with one empty bucket."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

BUCKET, KEY, SECRET, REGION = "sounds", "test", "secret", "eu-north-1"


@contextmanager
def running() -> Iterator[str]:
    """Its address. Servers in one process share what moto keeps, also that of one that was stopped: it is emptied."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        urllib.request.urlopen(f"{address}/moto-api/reset", data=b"", timeout=10).close()
        client = boto3.client("s3", endpoint_url=address, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield address
    finally:
        server.stop()


def settings(address: str) -> dict[str, str]:
    """Of the product (contactcenter/settings.py)."""
    return {
        "CC_SOUNDS_S3_BUCKET": BUCKET,
        "CC_SOUNDS_S3_ENDPOINT": address,
        "CC_SOUNDS_S3_KEY": KEY,
        "CC_SOUNDS_S3_SECRET": SECRET,
        "CC_SOUNDS_S3_REGION": REGION,
    }


def storage(address: str) -> dict[str, object]:
    """Of STORAGES, for a test in this process."""
    options = {"bucket_name": BUCKET, "endpoint_url": address, "access_key": KEY, "secret_key": SECRET, "region_name": REGION}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | {"file_overwrite": False}}
