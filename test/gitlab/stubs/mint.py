"""Prints an ID token: `mint.py PORT`; AUD, its audience as JSON, is in the environment."""
import os
import socket
import sys

with socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as connection:
    connection.sendall(os.environ['AUD'].encode() + b'\n')
    with connection.makefile() as answer:
        print(answer.read())
