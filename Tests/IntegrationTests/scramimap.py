"""An IMAP server that lets nobody in but by a SCRAM-…-PLUS mechanism: TLS by pyOpenSSL, SCRAM by scramp.

scramimap.py CERTIFICATE KEY USER PASSWORD MECHANISM TLS-VERSION BINDING…: prints its port, then a line for each attempt, the
connection's number first. Bindings that are not named are refused, as a server refuses one that it does not know (RFC 5802,
section 6).
"""

import base64, itertools, socket, sys, threading
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from scramp import ScramException, ScramMechanism
from scramp.core import CbName

certificate, key, user, password, mechanism, version = sys.argv[1:7]
bindings = sys.argv[7:]
scram = ScramMechanism(mechanism)
salt, stored_key, server_key, iterations = scram.make_auth_info(password)
context = SSL.Context(SSL.TLS_SERVER_METHOD)
context.use_certificate_chain_file(certificate)
context.use_privatekey_file(key)
# It cannot make the octets of this one, which are handed to it.
CbName.SUPPORTED_TYPES |= {"tls-exporter"}
CbName.UNSUPPORTED_TYPES = frozenset()
protocol = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}[version]
context.set_min_proto_version(protocol)
context.set_max_proto_version(protocol)
context.set_session_cache_mode(SSL.SESS_CACHE_OFF)


def find(name):
    if name != user:
        raise KeyError(name)
    return salt, stored_key, server_key, iterations


def binding(tls, name):
    if name not in bindings:
        return None
    if name == "tls-exporter":
        return tls.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")
    if name == "tls-unique":
        # RFC 5929, 3.1: the first Finished message, which in a resumed session is the server's.
        return tls.get_finished() if SSL._lib.SSL_session_reused(tls._ssl) else tls.get_peer_finished()
    return sha256(tls.get_certificate().to_cryptography().public_bytes(Encoding.DER)).digest()


def serve(number, stream):
    tls = SSL.Connection(context, stream)
    tls.set_accept_state()
    tls.do_handshake()
    rest = b""

    def line():
        nonlocal rest
        while b"\r\n" not in rest:
            rest += tls.recv(4096)
        found, rest = rest.split(b"\r\n", 1)
        return found.decode()

    def ask(text):
        tls.sendall(b"+ " + base64.b64encode(text.encode()) + b"\r\n")
        return base64.b64decode(line()).decode()

    tls.sendall(f"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH={mechanism}] ready\r\n".encode())
    while True:
        tag, command, *words = line().split(" ")
        if command.upper() == "LOGOUT":
            tls.sendall(f"* BYE\r\n{tag} OK\r\n".encode())
            return
        if command.upper() == "LOGIN":
            tls.sendall(f"{tag} NO [AUTHENTICATIONFAILED] not so\r\n".encode())
            continue
        if command.upper() != "AUTHENTICATE":
            tls.sendall(f"* CAPABILITY IMAP4rev1 SASL-IR AUTH={mechanism}\r\n{tag} OK\r\n".encode())
            continue
        first = base64.b64decode(words[1]).decode()
        name = first.split(",")[0].removeprefix("p=")
        data = binding(tls, name)
        if data is None:
            print(number, "unknown", name, flush=True)
            tls.sendall(f"{tag} NO [AUTHENTICATIONFAILED] unsupported-channel-binding-type\r\n".encode())
            continue
        server = scram.make_server(find, channel_binding=(name, data))
        try:
            server.set_client_first(first)
            server.set_client_final(ask(server.get_server_first()))
            if ask(server.get_server_final()) != "":
                raise ScramException("more than an empty answer")
        except ScramException as error:
            print(number, "refused", name, error, flush=True)
            tls.sendall(f"{tag} NO [AUTHENTICATIONFAILED] refused\r\n".encode())
            continue
        print(number, "accepted", name, flush=True)
        tls.sendall(f"{tag} OK [CAPABILITY IMAP4rev1] in\r\n".encode())


def attempt(number, stream):
    try:
        serve(number, stream)
    except SSL.Error:
        pass


listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)


def accept():
    for number in itertools.count(1):
        threading.Thread(target=attempt, args=(number, listener.accept()[0]), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
# It ends with whoever started it.
sys.stdin.read()
