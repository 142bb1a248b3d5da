#!/usr/bin/env bash
# Mailbridge with real mail servers on this machine: adds an account, receives a message, reads it and answers it, over
# HTTP with curl. Everything lives in one temporary folder and ends with this script (Ctrl-C).
# DEMO_EXIT=1 ends by itself, with 0 only if every step worked.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp -d /tmp/mailbridge-demo-XXXXXX)
finish() {
    status=$?
    trap - EXIT INT TERM
    if [ -n "${receiver:-}" ]; then kill "$receiver" 2>/dev/null || true; fi
    if [ -n "${server:-}" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    if [ -n "${servers_in:-}" ]; then exec {servers_in}>&-; wait "$servers" 2>/dev/null || true; fi
    if [ $status -ne 0 ]; then
        echo "The demo failed. The end of Mailbridge's log:" >&2
        tail -n 20 "$folder/mailbridge.log" >&2 2>/dev/null || true
    fi
    rm -rf "$folder"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
# field 'data[0].id' reads a member from the JSON on standard input; nothing where it is missing.
field() {
    python3 -c '
import json, re, sys
value = json.load(sys.stdin)
for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", sys.argv[1]):
    try: value = value[int(index)] if index else value[name]
    except (KeyError, IndexError, TypeError): sys.exit()
print(value if isinstance(value, str) else json.dumps(value))' "$1"
}
# JSON for reading, with certificates left out.
pretty() {
    python3 -c '
import json, re, sys
text = json.dumps(json.load(sys.stdin), indent=2, ensure_ascii=False)
print(re.sub(r"\"-----BEGIN CERTIFICATE.*?\"", "\"…\"", text))'
}
# Shows the command as a reader would type it, runs it, and shows the answer; the answer is left in $answer.
call() {
    local shown='' word body
    for word in "$@"; do
        case $word in (*[!A-Za-z0-9:/._=-]*) shown+=" '$word'" ;; (*) shown+=" $word" ;; esac
    done
    shown=${shown//"$caJSON"/'"…"'}
    printf '$ curl -H "Authorization: Bearer $TOKEN"%s\n' "$shown"
    body=$(curl -sS --max-time 60 -w '\n%{http_code}' -H "Authorization: Bearer $TOKEN" "$@")
    code=${body##*$'\n'}
    answer=${body%$'\n'*}
    if [ -n "$answer" ]; then pretty <<<"$answer"; fi
    case $code in (2*) ;; (*) fail "the answer was $code" ;; esac
}
# until_true SECONDS COMMAND: asks again, every 0.2 s.
until_true() {
    local limit=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $limit ] || return 1
        sleep 0.2
    done
}
quietly() { curl -sS --max-time 60 -H "Authorization: Bearer $TOKEN" "$@"; }
# in_mailbox ACCOUNT MAILBOX SUBJECT: leaves the message's id in $message.
in_mailbox() {
    message=$(quietly "$URL/v1/accounts/$1/messages?mailbox=$2" | SUBJECT=$3 python3 -c '
import json, os, sys
print(next((m["id"] for m in json.load(sys.stdin).get("data", []) if m["subject"] == os.environ["SUBJECT"]), ""))')
    [ -n "$message" ]
}

step "Building (a debug build, the one that make test uses too)"
swift build --product mailbridge
swift build --product MailServersTool
bin=$(swift build --show-bin-path)

step "Starting Dovecot and Postfix on loopback, with a certificate authority of their own"
coproc SERVERS { exec "$bin/MailServersTool" alice@example.test:alice-secret bob@example.test:bob-secret; }
servers=$SERVERS_PID servers_in=${SERVERS[1]}    # they stop when this closes, so also when this script is killed
while IFS='=' read -r name value <&"${SERVERS[0]}"; do
    if [ "$name" = READY ]; then break; fi
    declare "$name=$value"
done
[ "${name:-}" = READY ] || fail "the mail servers did not start"
echo "IMAP on port $IMAP_PORT (STARTTLS) and $IMAPS_PORT (TLS), submission on $SUBMISSION_PORT (STARTTLS) and $SMTPS_PORT (TLS)"
caJSON=$(python3 -c 'import json, sys; print(json.dumps(open(sys.argv[1]).read()))' "$CA_CERTIFICATE")

step "Starting Mailbridge"
export MAILBRIDGE_DATA_DIR=$folder/data
TOKEN=$("$bin/mailbridge" token create --name demo --scope admin)
echo '$ TOKEN=$(mailbridge token create --name demo --scope admin)'
echo '$ mailbridge serve'
serve() {
    # With the parent's death signal the server ends also where this script is killed without a chance to clean up.
    setpriv --pdeathsig TERM -- env MAILBRIDGE_LISTEN="$1" MAILBRIDGE_WEBHOOK_ALLOW_PRIVATE=true "$bin/mailbridge" serve >"$folder/mailbridge.log" 2>&1 &
    server=$!
    until_true 60 says_url_or_ended || fail "mailbridge did not say where it listens"
}
says_url_or_ended() {
    URL=$(sed -n 's,^Mailbridge listens on \(http://127.0.0.1:[0-9]*\).*,\1,p' "$folder/mailbridge.log")
    [ -n "$URL" ] || ! kill -0 "$server" 2>/dev/null
}
serve 127.0.0.1:8825
if [ -z "$URL" ] && grep -q 'in use' "$folder/mailbridge.log"; then serve 127.0.0.1:0; fi
[ -n "$URL" ] || fail "mailbridge ended"
cat "$folder/mailbridge.log"

account() {
    cat <<JSON
{"id": "$1", "email": "$1@example.test", "credentials": {"username": "$1@example.test", "password": "$1-secret"}, "imap": {"host": "localhost", "port": $IMAPS_PORT, "security": "tls", "tls": {"caCertificates": $caJSON}}, "smtp": {"host": "localhost", "port": $SUBMISSION_PORT, "security": "starttls", "tls": {"caCertificates": $caJSON}}}
JSON
}
step "Adding two accounts; their settings are tried before they are stored"
call "$URL/v1/accounts" --json "$(account alice)"
[[ $(quietly "$URL/v1/accounts" --json "$(account bob)") == *'"bob@example.test"'* ]] || fail "bob's account"
call "$URL/v1/accounts/alice/mailboxes"

step "A webhook: a program of 20 lines listens, and is told of new messages"
cat >"$folder/receiver.py" <<'PYTHON'
import http.server, json, sys

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        print(json.dumps({"webhook-id": self.headers["webhook-id"], "webhook-signature": self.headers["webhook-signature"],
                          "event": event}, ensure_ascii=False, indent=2), file=sys.stderr, flush=True)
    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
setpriv --pdeathsig TERM -- python3 "$folder/receiver.py" >"$folder/receiver.port" 2>"$folder/webhooks.log" &
receiver=$!
until_true 30 test -s "$folder/receiver.port" || fail "the receiver did not start"
call "$URL/v1/webhooks" --json '{"url": "http://127.0.0.1:'"$(cat "$folder/receiver.port")"'/", "types": ["message.created"], "accounts": ["alice"]}'

step "A message for alice arrives from outside, by SMTP"
cat >"$folder/message.eml" <<'MESSAGE'
From: =?UTF-8?B?5bGx55Sw6Iqx5a2Q?= <hanako@outside.test>
To: Alice <alice@example.test>
Subject: =?UTF-8?B?5pil44Gu44GU5oyo5ou2?=
Message-ID: <demo-1@outside.test>
Date: Mon, 23 Nov 2026 10:00:00 +0900
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

こんにちは、アリスさん。 Greetings from spring.
MESSAGE
sed -i 's/$/\r/' "$folder/message.eml"
curl -sS --max-time 30 "smtp://127.0.0.1:$SMTP_PORT" --mail-from hanako@outside.test --mail-rcpt alice@example.test \
    --upload-file "$folder/message.eml" || fail "delivery by SMTP"
until_true 30 in_mailbox alice inbox 春のご挨拶 || fail "the message did not arrive"
step "The webhook was told of it"
until_true 30 grep -q 春のご挨拶 "$folder/webhooks.log" || fail "no webhook came: $(cat "$folder/webhooks.log")"
cat "$folder/webhooks.log"
call "$URL/v1/accounts/alice/messages?mailbox=inbox&limit=5"

step "Reading it"
call "$URL/v1/accounts/alice/messages/$message"
[[ $(field text <<<"$answer") == *アリスさん* ]] || fail "the text is not as it was sent"
messageID=$(field messageId <<<"$answer")

step "Marking it as read"
call -X PATCH "$URL/v1/accounts/alice/messages/$message" --json '{"keywords": {"$seen": true}}'

step "Answering it, with the answer going to bob"
call "$URL/v1/accounts/alice/submissions" --json '{"to": [{"name": "Bob", "email": "bob@example.test"}], "subject": "Re: 春のご挨拶", "text": "Thank you! 🌸", "headers": [{"name": "In-Reply-To", "value": "<'"$messageID"'>"}, {"name": "References", "value": "<'"$messageID"'>"}]}'
submission=$(field id <<<"$answer")
is_sent() {
    answer=$(quietly "$URL/v1/accounts/alice/submissions/$submission")
    case $(field state <<<"$answer") in (sent) ;; (failed | unknown | partially-sent) fail "$answer" ;; (*) return 1 ;; esac
}
until_true 30 is_sent || fail "the answer was not sent: $answer"
call "$URL/v1/accounts/alice/submissions/$submission"

step "It is with bob, and in alice's Sent"
until_true 30 in_mailbox bob inbox 'Re: 春のご挨拶' || fail "the answer did not arrive"
call "$URL/v1/accounts/bob/messages/$message"
[[ $(field text <<<"$answer") == *'Thank you! 🌸'* ]] || fail "the answer is not as it was sent"
[ "$(field 'inReplyTo[0]' <<<"$answer")" = "$messageID" ] || fail "the answer does not name what it answers"
until_true 30 in_mailbox alice sent 'Re: 春のご挨拶' || fail "the answer is not in Sent"
call "$URL/v1/accounts/alice/messages?mailbox=sent"

step "Every step worked"
if [ "${DEMO_EXIT:-}" = 1 ]; then exit 0; fi
cat <<END
Everything keeps running until you press Ctrl-C. Try, in another terminal:

  TOKEN=$TOKEN
  curl -H "Authorization: Bearer \$TOKEN" $URL/v1/accounts
  curl -H "Authorization: Bearer \$TOKEN" "$URL/v1/accounts/alice/messages?limit=10"
  curl $URL/openapi.json

Passwords: alice@example.test alice-secret, bob@example.test bob-secret
END
wait "$server" || fail "mailbridge ended"
