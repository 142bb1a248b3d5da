#!/usr/bin/env python3
"""Follows the event stream with a browser's own EventSource, from the page http://app.example/.

    eventsource.py CHROMIUM STREAM_URL COUNT

Prints a line `open` when the browser is connected, then one line `event <id> <type> <accountId>` for each event, and
ends after COUNT of them.
"""

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse

TYPES = ["created", "updated", "deleted", "connected", "authentication_failed", "unreachable"]
PAGE = """<!doctype html><meta charset=utf-8><title>x</title><script>
const source = new EventSource(%s);
const say = line => fetch("/say?" + encodeURIComponent(line), {method: "POST"});
source.onopen = () => say("open");
source.onerror = () => say("error " + source.readyState);
for (const type of %s) source.addEventListener("account." + type, event => {
  const value = JSON.parse(event.data);
  say(["event", event.lastEventId, value.sequence, event.type, value.accountId].join(" "));
});
</script>"""


def main():
    chromium, url, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
    page = (PAGE % (json.dumps(url), json.dumps(TYPES))).encode()
    done = threading.Event()
    count = 0

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply(page if self.path == "/" else b"")

        def do_POST(self):
            nonlocal count
            line = urllib.parse.unquote(self.path.removeprefix("/say?"))
            print(line, flush=True)
            count += line.startswith("event ")
            self.reply(b"")
            if count >= wanted:
                done.set()

        def reply(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    # One thread: lines in the order in which the page said them.
    listener = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    profile = tempfile.mkdtemp(prefix="mailbridge-browser-")
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-port=0", f"--user-data-dir={profile}",
        f"--host-resolver-rules=MAP app.example:80 127.0.0.1:{listener.server_port}", "http://app.example/",
    ]
    quiet = subprocess.DEVNULL
    browser = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        if not done.wait(100):
            sys.exit(f"eventsource.py: {count} events of {wanted} (browser's exit {browser.poll()})")
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
        shutil.rmtree(profile, ignore_errors=True)


main()
