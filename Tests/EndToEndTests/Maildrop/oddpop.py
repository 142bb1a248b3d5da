#!/usr/bin/env python3
"""A POP3 server with the habits of old ones, which Dovecot and Cyrus cannot be made to have.

    oddpop.py [nocapa] [nouidl] [notop] [numbers] [lostquit] [nolock] [delay=<seconds>] [expire=<days>]

Prints `PORT <number>`, then does what its input says, one line each, and answers `DONE`:

    put <unique id> <base64 of a message>      a message comes
    give <unique id> <base64 of a message>     the id is given to another message, in the old one's place
    drop <unique id>                           it goes
    sick <unique id>                           TOP and RETR of it are refused, for now
    heal <unique id>                           no more

`lostquit`: a QUIT that deletes is obeyed and not answered. `numbers`: unique ids are the message numbers of the session. `delay`: who comes
back sooner is refused with LOGIN-DELAY. Any user may log in, once at a time, or with `nolock` as often as he likes. `LOGINS` prints how many
logins there were, and the most at once.
"""
import base64
import socketserver
import sys
import threading
import time

habits = set(sys.argv[1:])
delay = next((habit.split("=")[1] for habit in habits if habit.startswith("delay=")), None)
expire = next((habit.split("=")[1] for habit in habits if habit.startswith("expire=")), None)
lock, session = threading.Lock(), threading.Lock()
drop, sick = [], set()
logins = {"all": 0, "now": 0, "most": 0, "last": None}


class Handler(socketserver.StreamRequestHandler):
    def say(self, *lines):
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))

    def content(self, octets):
        lines = octets.split(b"\r\n")
        if lines and lines[-1] == b"":
            lines.pop()
        self.say(*[b"." + line if line.startswith(b".") else line for line in lines], b".")

    def handle(self):
        self.say(b"+OK odd")
        mail, gone, held = [], set(), False
        try:
            for line in self.rfile:
                words = line.decode().split() or [""]
                verb, rest = words[0].upper(), words[1:]
                here = [(n, i, m) for n, (i, m) in enumerate(mail, 1) if n not in gone]
                number = int(rest[0]) if rest and rest[0].isdigit() else 0
                found = next((m for n, _, m in here if n == number), None)
                if verb == "CAPA" and "nocapa" not in habits:
                    names = [b"USER", b"RESP-CODES"]
                    names += [] if "nouidl" in habits else [b"UIDL"]
                    names += [] if "notop" in habits else [b"TOP"]
                    names += [b"LOGIN-DELAY " + delay.encode()] if delay else []
                    names += [b"EXPIRE " + expire.encode()] if expire else []
                    self.say(b"+OK", *names, b".")
                elif verb == "USER":
                    self.say(b"+OK")
                elif verb == "PASS":
                    with lock:
                        early = delay and logins["last"] and time.monotonic() < logins["last"] + int(delay)
                    if early:
                        self.say(b"-ERR [LOGIN-DELAY] not yet")
                        continue
                    held = "nolock" in habits or session.acquire(blocking=False)
                    if not held:
                        self.say(b"-ERR [IN-USE] somebody is here")
                        continue
                    with lock:
                        mail = list(drop)
                        logins["all"] += 1
                        logins["last"] = time.monotonic()
                        logins["now"] += 1
                        logins["most"] = max(logins["most"], logins["now"])
                    self.say(b"+OK")
                elif verb == "LIST":
                    self.say(b"+OK", *[f"{n} {len(m)}".encode() for n, _, m in here], b".")
                elif verb == "UIDL" and "nouidl" not in habits:
                    ids = [(n, str(n) if "numbers" in habits else i) for n, i, _ in here]
                    self.say(b"+OK", *[f"{n} {i}".encode() for n, i in ids], b".")
                elif verb in ("RETR", "TOP") and found is not None and mail[number - 1][0] in sick:
                    self.say(b"-ERR [SYS/TEMP] cannot read it now")
                elif verb in ("RETR", "TOP") and found is None:
                    self.say(b"-ERR no such message")
                elif verb == "RETR":
                    self.say(b"+OK")
                    self.content(found)
                elif verb == "TOP" and "notop" not in habits:
                    self.say(b"+OK")
                    self.content(found.split(b"\r\n\r\n")[0] + b"\r\n\r\n")
                elif verb == "DELE" and found is not None:
                    gone.add(number)
                    self.say(b"+OK")
                elif verb == "QUIT":
                    ids = {mail[n - 1][0] for n in gone}
                    with lock:
                        drop[:] = [entry for entry in drop if entry[0] not in ids]
                    if not (gone and "lostquit" in habits):
                        self.say(b"+OK")
                    return
                else:
                    self.say(b"-ERR unknown command")
        except OSError:
            pass
        finally:
            if held:
                with lock:
                    logins["now"] -= 1
                if "nolock" not in habits:
                    session.release()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("PORT", server.server_address[1], flush=True)
for line in sys.stdin:
    if line.strip() == "LOGINS":
        print("LOGINS", logins["all"], logins["most"], flush=True)
        continue
    verb, name, *rest = line.split()
    message = base64.b64decode(rest[0]) if rest else b""
    with lock:
        place = next((index for index, entry in enumerate(drop) if entry[0] == name), None)
        if verb == "put":
            drop.append((name, message))
        elif verb == "give":
            drop[place] = (name, message)
        elif verb == "drop":
            del drop[place]
        elif verb == "sick":
            sick.add(name)
        elif verb == "heal":
            sick.discard(name)
    print("DONE", flush=True)
