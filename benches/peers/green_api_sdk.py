"""Reads the history with Green-API's official SDK for Python; prints the CPU nanoseconds a message."""
import sys
import time

from whatsapp_api_client_python import API

_, url, chat, _, total, instance, token = sys.argv[1:8]
api = API.GreenApi(instance, token, host=url)


def one():
    return sum(1 for entry in api.journals.getChatHistory(f"{chat}@c.us", int(total)).data if entry["idMessage"])


one()
before = time.process_time_ns()
messages = sum(one() for _ in range(5))
print((time.process_time_ns() - before) / messages)
