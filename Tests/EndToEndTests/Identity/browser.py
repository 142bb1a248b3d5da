#!/usr/bin/env python3
"""Drives Chromium over its debugging pipe, as a person would: opens a page, clicks, and tells where it ends.

    browser.py CHROMIUM URL SELECTOR...

Opens URL, clicks on each selector in turn on the page that is there then, and prints one line after each step: the URL of the
page and its title. A line that begins with "violation" is one of the console's about the content security policy.
"""

import json
import os
import subprocess
import sys
import tempfile


class Browser:
    def __init__(self, program):
        theirs_in, self.out = os.pipe()
        self.inp, theirs_out = os.pipe()
        self.profile = tempfile.TemporaryDirectory(prefix="mailbridge-chromium-")

        def descriptors():
            # Chromium reads from 3 and writes to 4; neither may be overwritten before it is copied.
            a, b = os.dup(theirs_in), os.dup(theirs_out)
            while a in (3, 4) or b in (3, 4):
                a, b = os.dup(a), os.dup(b)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.rest, self.number, self.events = b"", 0, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.rest:
            piece = os.read(self.inp, 1 << 16)
            if not piece:
                raise SystemExit("the browser ended")
            self.rest += piece
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def loaded(self):
        """Waits for the page to be there, and prints it."""
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())
        for event in self.events:
            if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["source"] == "security":
                print("violation", event["params"]["entry"]["text"], flush=True)
        self.events = []
        print(self.evaluate("location.href + ' ' + document.title"), flush=True)

    def evaluate(self, expression):
        return self.ask("Runtime.evaluate", expression=expression)["result"].get("value")


def main():
    program, url, *selectors = sys.argv[1:]
    browser = Browser(program)
    try:
        browser.ask("Page.navigate", url=url)
        browser.loaded()
        for selector in selectors:
            browser.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
            browser.loaded()
    finally:
        browser.process.kill()
        browser.process.wait()


main()
