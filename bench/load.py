"""A light client in a process of its own: connections kept open, each sending its requests one after the other.

Reads a pickled `(port, [[request bytes, …] for each connection])` on its input; prints JSON: `seconds` from the first
request to the last answer, `each` seconds an answer while every connection was at work (the kernel shares connections
out unevenly: the process that has fewer is done first), `cpu` seconds of this process, `statuses` of each connection,
`p50` and `p95` in ms.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
import time

END = b"\r\n\r\n"


async def run(port: int, connections: list[list[bytes]]) -> dict[str, object]:
    ended: list[list[tuple[float, float]]] = [[] for _ in connections]
    start, cpu = time.perf_counter(), time.process_time()
    statuses = await asyncio.gather(*map(_talk, [port] * len(connections), connections, ended))
    seconds = time.perf_counter() - start
    taken = sorted(one for told in ended for _, one in told)
    together = min(told[-1][0] for told in ended)
    return {
        "seconds": seconds,
        "each": (together - start) / sum(end <= together for told in ended for end, _ in told),
        "cpu": time.process_time() - cpu,
        "statuses": statuses,
        "p50": 1000 * taken[len(taken) // 2],
        "p95": 1000 * taken[int(len(taken) * 0.95)],
    }


async def _talk(port: int, requests: list[bytes], ended: list[tuple[float, float]]) -> list[int]:
    """Statuses, in order; 0 for a connection lost before its answer. `ended`: when, and after how long."""
    statuses = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    for request in requests:
        begun = time.perf_counter()
        try:
            writer.write(request)
            status, is_kept = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            status, is_kept = 0, False
        end = time.perf_counter()
        ended.append((end, end - begun))
        statuses.append(status)
        if not is_kept:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.close()
    return statuses


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Status of one answer, its body read, and whether the connection stays."""
    head = await reader.readuntil(END)
    lines = head.lower().split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    if headers.get(b"transfer-encoding") == b"chunked":
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    elif b"content-length" in headers:
        await reader.readexactly(int(headers[b"content-length"]))
    return int(lines[0].split()[1]), headers.get(b"connection") != b"close"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(*pickle.load(sys.stdin.buffer)))))
