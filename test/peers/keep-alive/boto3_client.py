"""Asks STS who it is with one client, until the time in UNTIL (seconds since 1970)."""
import os
import time

import boto3

client = boto3.client("sts")
while time.time() < float(os.environ["UNTIL"]):
    client.get_caller_identity()
    time.sleep(float(os.environ["PAUSE"]))
