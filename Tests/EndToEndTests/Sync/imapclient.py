#!/usr/bin/env python3
"""Another mail client: Python's imaplib, which does to a mailbox what the lines of its input say.

    imapclient.py PORT USER PASSWORD PREFIX

`select NAME`, `create NAME`, `rename NAME NAME`, `store SET FLAGS`, `unstore SET FLAGS`, `copy SET NAME`, `move SET NAME`,
`expunge SET`; answers `done` to each.
"""
import imaplib
import sys

port, user, password, prefix = sys.argv[1:5]
client = imaplib.IMAP4("127.0.0.1", int(port))
client.login(user, password)


def name(text):
    return text if text == "INBOX" else f'"{prefix}{text}"'


def check(answer):
    if answer[0] != "OK":
        raise SystemExit(f"{answer}")


for line in sys.stdin:
    verb, *words = line.split()
    if verb == "select":
        check(client.select(name(words[0])))
    elif verb == "create":
        check(client.create(name(words[0])))
    elif verb == "rename":
        check(client.rename(name(words[0]), name(words[1])))
    elif verb == "store":
        check(client.uid("STORE", words[0], "+FLAGS", f"({words[1]})"))
    elif verb == "unstore":
        check(client.uid("STORE", words[0], "-FLAGS", f"({words[1]})"))
    elif verb == "copy":
        check(client.uid("COPY", words[0], name(words[1])))
    elif verb == "move":
        check(client.uid("MOVE", words[0], name(words[1])))
    elif verb == "expunge":
        check(client.uid("STORE", words[0], "+FLAGS", "(\\Deleted)"))
        check(client.uid("EXPUNGE", words[0]))
    print("done", flush=True)
client.logout()
