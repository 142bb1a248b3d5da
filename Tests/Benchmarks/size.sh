#!/bin/bash
# What many messages take on PostgreSQL: generates them, measures sizes, changes of keywords, vacuum, the statements that the program
# asks most, and the same in partitions by mailbox. `Tests/Benchmarks/size.sh [ROWS]`, ten million where nothing is given; it takes
# some 8 GB of disk below TMPDIR and, on two busy cores, three quarters of an hour. It starts a PostgreSQL of its own and removes it.
set -euo pipefail
rows=${1:-10000000}
mailboxes=$((rows / 1000))
here=$(dirname "$(realpath "$0")")
programs=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
folder=$(mktemp -d "${TMPDIR:-/tmp}/mailbridge-size-XXXXXX")
runner=()
[ "$(id -u)" != 0 ] || { runner=(runuser -u postgres --); chown postgres "$folder"; }
stop() { "${runner[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
cd "$folder"
"${runner[@]}" "$programs/initdb" -D "$folder/data" -U mailbridge --auth=trust --no-sync --locale=C >/dev/null
cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
shared_buffers = 1GB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
synchronous_commit = off
autovacuum = off
jit = off
CONF
"${runner[@]}" "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" start >/dev/null
sql() { psql -qXAt -v ON_ERROR_STOP=1 -h "$folder" -U mailbridge postgres "$@"; }
say() { printf '\n## %s\n' "$*"; }
timed() { local start=$EPOCHREALTIME; "${@:2}"; printf '%s: %.1f s\n' "$1" "$(awk "BEGIN{print $EPOCHREALTIME - $start}")"; }

for migration in "$here"/../../Sources/Store/Migrations/*.sql; do sql -1 -f "$migration"; done
sql <<SQL
INSERT INTO accounts (id, email, servers, state, created_at, updated_at, revision)
    SELECT 'acc_' || n, 'a', '{}', 'connected', n, n, 1 FROM generate_series(1, $mailboxes / 5) n;
INSERT INTO account_sync (account_id, number, epoch) SELECT 'acc_' || n, n, 1 FROM generate_series(1, $mailboxes / 5) n;
INSERT INTO mailboxes (number, account_id, id, path, uid_validity, uid_next, total, backfill, generation, seen_at, checked_at)
    SELECT n, 'acc_' || (n - 1) / 5 + 1, 'F' || md5(n::text), 'p' || n, 1, 1001, 1000, 1, 0, 0, 0 FROM generate_series(1, $mailboxes) n;
-- Ids as ours are: a letter and 64 random bits in base 32; three messages a conversation.
CREATE FUNCTION id(letter TEXT, n BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
    \$\$ SELECT letter || substr(translate(md5(n::text), '01', 'gh'), 1, 13) \$\$;
SQL

say "$rows messages, $mailboxes mailboxes of 1,000; PostgreSQL $(sql -c 'SHOW server_version')"
# With the indexes there, and one message of each mailbox after the other, as years of mail lie that came to all: a mailbox's rows are
# on as many pages.
fill() {
    sql -c "INSERT INTO $1 SELECT m, u, id('M', m * 1000 + u), id('T', (m * 1000 + u) / 3), CASE WHEN u % 3 = 0 THEN '' ELSE '\$seen' END,
        1700000000000 + u * 60000, 4000 + u, 0 FROM generate_series(1, 1000) u CROSS JOIN generate_series(1, $mailboxes) m ORDER BY u"
}
sizes() {
    sql -F ' ' -c "SELECT rpad(c.relname, 28), lpad(pg_size_pretty(SUM(pg_relation_size(c.oid))), 10), round(SUM(pg_relation_size(c.oid)) / $rows.0, 1)
        FROM pg_class c WHERE c.relname ~ '^(messages|thread_refs)' AND c.relkind IN ('r', 'i') AND c.relname !~ '_p[0-9]+' GROUP BY c.relname
        ORDER BY 1" | sed 's/$/ octets a message/'
}
timed "inserting messages" fill messages
timed "inserting references" sql -c "INSERT INTO thread_refs SELECT m / 5 + 1, m * 4000 + u, id('T', (m * 1000 + u) / 3)
    FROM generate_series(0, $mailboxes - 1) m, generate_series(1, 1500) u ON CONFLICT DO NOTHING"
timed "VACUUM (ANALYZE) of what is new" sql -c 'VACUUM (ANALYZE) messages' -c 'VACUUM (ANALYZE) thread_refs' -c 'ANALYZE'
sizes

statements() {
    explain() {
        # Each with other values and five times: the middle one, of warm pages.
        for n in 1 2 3 4 5; do
            local m=$(((RANDOM * 32768 + RANDOM) % mailboxes + 1))
            sql -c "EXPLAIN (ANALYZE, BUFFERS) ${2//:m/$m}" | tee last | awk '/Execution Time/{print $3}'
        done | sort -n | sed -n 3p | xargs printf '%-46s %8s ms' "$1"
        awk '/Buffers/{print "  " $0; exit}' last | tr -s ' '
        grep -q 'Seq Scan on messages' last && { echo "reads a whole table"; exit 1; } || true
    }
    local t=$1
    explain "page of 50 in the order of arrival" "SELECT uid, received_at FROM $t WHERE mailbox = :m AND +uid < 1001 AND is_leaving = 0
        ORDER BY received_at DESC, uid DESC LIMIT 50"
    explain "where a message lies (by email id)" "SELECT email_id, uid, id FROM $t JOIN mailboxes ON number = mailbox
        WHERE email_id IN (id('M', :m * 1000::bigint + 500)) AND account_id = 'acc_' || (:m - 1) / 5 + 1 AND is_leaving = 0 AND uid <= 4294967295"
    explain "where 50 messages lie" "SELECT email_id, id FROM $t JOIN mailboxes ON number = mailbox
        WHERE email_id IN (SELECT id('M', :m * 1000::bigint + n) FROM generate_series(1, 50) n) AND account_id = 'acc_' || (:m - 1) / 5 + 1 AND is_leaving = 0"
    explain "a conversation" "SELECT email_id, received_at, uid, id FROM $t JOIN mailboxes ON number = mailbox
        WHERE thread_id = id('T', (:m * 1000::bigint + 500) / 3) AND account_id = 'acc_' || (:m - 1) / 5 + 1 AND is_leaving = 0 LIMIT 500"
    explain "1,000 flags of a mailbox (a comparison)" "SELECT uid, email_id, thread_id, keywords FROM $t WHERE mailbox = :m AND uid BETWEEN 1 AND 1000"
    explain "a changed keyword" "UPDATE $t SET keywords = '\$flagged' WHERE mailbox = :m AND uid = 500"
    explain "200 references" "SELECT hash, thread_id FROM thread_refs WHERE account = :m / 5 + 1 AND hash IN (SELECT (:m / 5 * 5) * 4000::bigint + n FROM generate_series(1, 200) n)"
    explain "a deleted message" "DELETE FROM $t WHERE mailbox = :m AND uid > 999"
}
say "statements"
statements messages

say "a tenth gets other keywords, as in some weeks of reading"
timed "update" sql -c "UPDATE messages SET keywords = '\$seen \$flagged' WHERE uid % 10 = 3"
sql -c "SELECT 'HOT updates: ' || n_tup_hot_upd || ' of ' || n_tup_upd FROM pg_stat_user_tables WHERE relname = 'messages'" || true
timed "VACUUM" sql -c 'VACUUM messages'
sizes
timed "a second tenth" sql -c "UPDATE messages SET keywords = '\$seen \$flagged' WHERE uid % 10 = 6"
timed "VACUUM" sql -c 'VACUUM messages'
sizes
say "statements afterwards"
statements messages

say "a migration that makes an index: nobody writes to the table meanwhile"
timed "CREATE INDEX" sql -c 'DROP INDEX messages_by_arrival' -c 'CREATE INDEX messages_by_arrival ON messages (mailbox, received_at, uid)'
sizes

say "the same in 16 partitions by mailbox"
sql <<SQL
CREATE TABLE messages_parted (LIKE messages INCLUDING DEFAULTS) PARTITION BY HASH (mailbox);
SELECT format('CREATE TABLE messages_p%s PARTITION OF messages_parted FOR VALUES WITH (MODULUS 16, REMAINDER %s)', n, n) FROM generate_series(0, 15) n \\gexec
ALTER TABLE messages_parted ADD PRIMARY KEY (mailbox, uid);
CREATE INDEX ON messages_parted (email_id, mailbox);
CREATE INDEX ON messages_parted (thread_id, mailbox);
CREATE INDEX ON messages_parted (mailbox, received_at, uid);
SQL
timed "inserting messages" fill messages_parted
timed "VACUUM (ANALYZE)" sql -c 'VACUUM (ANALYZE) messages_parted'
sql -c "SELECT 'all partitions: ' || pg_size_pretty(SUM(pg_relation_size(oid))) FROM pg_class WHERE relname ~ '^messages_p[0-9]'"
statements messages_parted
