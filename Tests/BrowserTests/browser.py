#!/usr/bin/env python3
"""Shows pieces of HTML in Chromium and tells what happened.

    browser.py CHROMIUM < pieces.json

Each piece of the JSON array goes into a page twice: by innerHTML, and as a document of its own in a frame. Where a script
runs it calls canary(). http://listener.example, like every relative address, leads to a listener here. The answer is JSON:
{"ran": [index], "handlers": [index], "different": [index], "clobbered": bool, "requests": [path]}; `different` are pieces in
which the browser sees other elements than are written in them.
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

PAGE = """<!doctype html><meta charset=utf-8><title>x</title><body><script>
const pieces = %s;
const result = {ran: [], handlers: [], different: [], clobbered: false};
let current = -1;
window.canary = index => { result.ran.push(index === undefined ? current : index); return 1; };
for (const name of ["alert", "prompt", "confirm", "print"]) window[name] = () => canary();
const report = fetch.bind(window), wait = setTimeout.bind(window), real = document.body;
const make = document.createElement.bind(document);
const written = text => [...text.matchAll(/<([a-z][a-z0-9]*)/g)].map(match => match[1]).join();
const look = (root, index) => {
  const elements = [...root.querySelectorAll("*")].filter(each => !each.hasAttribute("data-ours"));
  for (const each of elements) {
    for (const item of each.attributes) if (item.name.startsWith("on")) result.handlers.push(index);
    if (each.shadowRoot || /^(script|style|template)$/i.test(each.tagName)) result.handlers.push(index);
    current = index;
    if (/^(javascript|data|vbscript):$/.test(each.protocol || "")) { result.handlers.push(index); each.click(); }
    if (!each.href) for (const type of ["mouseover", "mouseenter", "focus", "click", "toggle", "error"]) {
      try { each.dispatchEvent(new Event(type, {bubbles: true})); } catch (error) { result.handlers.push(index); }
    }
  }
  return elements.map(each => each.tagName.toLowerCase()).join();
};
(async () => {
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index];
    current = index;
    const holder = make("div");
    real.append(holder);
    holder.innerHTML = piece;
    const frame = make("iframe");
    const loaded = new Promise(done => { frame.onload = done; wait(done, 3000); });
    frame.srcdoc = "<!doctype html><body><script data-ours>window.canary = () => parent.canary(" + index
      + "); alert = canary</" + "script>" + piece;
    real.append(frame);
    await loaded;
    if (look(holder, index) !== written(piece)) result.different.push(index);
    if (!frame.contentDocument || look(frame.contentDocument.body, index) !== written(piece)) result.different.push(index);
    for (const name of ["getElementById", "querySelector", "createElement"]) {
      if (typeof document[name] !== "function") result.clobbered = true;
    }
    if (document.body !== real || window.canary.name !== "" && typeof window.canary !== "function"
      || !(document.location instanceof Location) || typeof document.cookie !== "string") result.clobbered = true;
    holder.remove();
    if (index %% 20 !== 0) frame.remove();
  }
  await new Promise(done => wait(done, 1000));
  await report(location.origin + "/result", {method: "POST", body: JSON.stringify(result)});
})();
</script>"""


def main():
    pieces = json.load(sys.stdin)
    page = (PAGE % json.dumps(pieces).replace("<", "\\u003c")).encode()
    requests, answer, done = [], {}, threading.Event()

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/page":
                return self.reply(page)
            if self.path != "/favicon.ico":
                requests.append(self.path)
            self.reply(b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/result":
                answer.update(json.loads(body))
                self.reply(b"")
                done.set()
            else:
                requests.append(self.path)
                self.reply(b"")

        def reply(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def send_error(self, *_):
            # TLS, above all: a load by https.
            requests.append("not HTTP")
            self.close_connection = True

        def log_message(self, *_):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{listener.server_port}"
    profile = tempfile.mkdtemp(prefix="mailbridge-browser-")
    command = [
        sys.argv[1], "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-port=0", "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={profile}",
        f"--host-resolver-rules=MAP * {address}", f"http://{address}/page",
    ]
    # A group of its own: Debian's command is a script, and ending that one would leave the browser behind.
    quiet = subprocess.DEVNULL
    browser = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        if not done.wait(120):
            sys.exit(f"browser.py: no answer of {sys.argv[1]} (exit {browser.poll()})")
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
        shutil.rmtree(profile, ignore_errors=True)
    answer["requests"] = requests
    json.dump(answer, sys.stdout)


main()
