"""Reads the pages with requests, as most scripts do; prints the CPU nanoseconds a message."""
import sys
import time

import requests

kind, url, chat, page, total, instance, token = sys.argv[1:8]
page, total = int(page), int(total)
NEWEST = 1_760_000_000
session = requests.Session()


def green():
    answer = session.post(
        f"{url}/waInstance{instance}/getChatHistory/{token}", json={"chatId": f"{chat}@c.us", "count": total}
    )
    return sum(1 for entry in answer.json() if entry["idMessage"] is not None and entry.get("textMessage") != 0)


def waha():
    read, until = 0, None
    while read < total:
        wanted = min(page, total - read) + (until is not None)
        query = {"limit": wanted, "downloadMedia": "false"}
        if until is not None:
            query["filter.timestamp.lte"] = until
        answer = session.get(
            f"{url}/api/webjs/chats/{chat}%40c.us/messages", params=query, headers={"x-api-key": "k"}
        )
        rows = sum(1 for message in answer.json() if message["id"] is not None and message["body"] != 0)
        read += rows - (until is not None)
        until = NEWEST + 1 - read
    return read


one = green if kind == "green-api" else waha
one()
before = time.process_time_ns()
messages = sum(one() for _ in range(5 if kind == "green-api" else 2))
print((time.process_time_ns() - before) / messages)
