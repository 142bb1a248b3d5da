#!/usr/bin/env python3
"""Receives webhooks, and verifies each with the `standardwebhooks` package, which we did not write.

    receiver.py

Prints `PORT <number>` and serves until its input ends. The first component of the path says how it behaves:

    /ok/…         200                      /flaky/…   500 to the first call of every third event
    /fail/<n>/…   500 to the first <n>     /hang/…    never answers
    /moody/…      500 to the first call of every third event, and no answer to the first call of every fiftieth
    /gone/…       410                      /redirect/…  307 to /ok
    /slow/…       200 after <n> milliseconds: /slow/<n>

    PUT /secrets   {"<path>": ["whsec_…", …]}: the secrets that the path's deliveries are verified with
    GET /log       every call: path, id, timestamp, signatures, verified (by which of the secrets), event, status
    GET /count     {"<path>": number of calls}
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

lock = threading.Lock()
secrets, log, counts, begun, seen = {}, [], {}, {}, {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def answer(self, status, value=None, fields=()):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, text in fields:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        with lock:
            self.answer(200, {"calls": log} if self.path == "/log" else counts)

    def do_PUT(self):
        with lock:
            secrets.update(json.loads(self.body()))
        self.answer(204)

    def do_POST(self):
        body = self.body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        with lock:
            known = secrets.get(self.path, [])
        verified = []
        for number, secret in enumerate(known):
            try:
                Webhook(secret).verify(body, headers)
                verified.append(number)
            except Exception:
                pass
        identifier = headers.get("webhook-id", "")
        kind = self.path.split("/")[1]
        with lock:
            key = (self.path, identifier)
            first = key not in seen
            order = seen.setdefault(key, len([path for path, _ in seen if path == self.path]))
            number = begun[self.path] = begun.get(self.path, 0) + 1
        status = 200
        if kind == "fail" and number <= int(self.path.split("/")[2]):
            status = 500
        elif kind == "flaky" and first and order % 3 == 0:
            status = 500
        elif kind == "moody" and first and order % 3 == 0:
            status = 500
        elif kind == "moody" and first and order % 50 == 1:
            status = 0
        elif kind == "gone":
            status = 410
        elif kind == "redirect":
            status = 307
        elif kind == "slow":
            time.sleep(int(self.path.split("/")[2]) / 1000)
        elif kind == "hang":
            status = 0
        with lock:
            # Together: whoever counts N calls finds as many in the log.
            counts[self.path] = counts.get(self.path, 0) + 1
            log.append({
                "path": self.path, "id": identifier, "timestamp": headers.get("webhook-timestamp"),
                "signatures": len(headers.get("webhook-signature", "").split()), "verified": verified,
                "type": headers.get("content-type"), "event": json.loads(body), "status": status,
            })
        if status == 0:
            threading.Event().wait(3600)
            return
        fields = [("Location", f"http://127.0.0.1:{server.server_address[1]}/ok/redirected")] if status == 307 else []
        self.answer(status, fields=fields)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler)
print(f"PORT {server.server_address[1]}", flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
