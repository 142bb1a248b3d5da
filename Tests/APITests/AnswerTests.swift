import API
import Accounts
import HTTP
import Model
import Outbox
import RemoteMail
import Representation
import Testing

/// What handlers make of right requests.
@Suite struct `Answers` {
    private let client = Client()
    private let account = "/v1/accounts/acc_1"
    private let message = "/v1/accounts/acc_1/messages/e%2F1"

    @Test func `show an account without its secrets, in the declared order`() async throws {
        let answer = try await client.send(.get, account)
        let expected =
            #"{"id":"acc_1","name":"Jane","email":"jane@example.com","state":"connected","lastError":null,"#
            + #""imap":{"host":"imap.example.com","port":993,"security":"tls","tls":{"verify":false,"serverName":"mail","#
            + #""caCertificates":"PEM"},"credentials":{"username":"own"}},"pop3":null,"smtp":{"host":"::1","port":587,"#
            + #""security":"starttls","tls":{"verify":true,"serverName":null,"caCertificates":null}},"#
            + #""credentials":{"username":"jane"},"authservIds":null,"dkim":[],"sync":{"announceSince":null,"mailboxes":null,"roles":{}},"#
            + #""createdAt":"2026-11-23T18:59:07.089Z","updatedAt":"2026-11-23T18:59:07.089Z"}"#
        #expect(answer.text == expected)
    }

    @Test func `say where a new account is`() async throws {
        let body = #"{"email":"a@b.c","imap":{"host":"h"},"credentials":{"username":"u","password":"p"}}"#
        let answer = try await client.send(.post, "/v1/accounts?verify=false", body, fields: [.prefer: "wait=9999"])
        #expect(answer.status == 201)
        #expect(answer.fields[.location] == account)
        #expect(answer.fields[.preferenceApplied] == "wait=300")
        #expect(client.engines.calls == ["create a@b.c verify false"])
    }

    @Test func `page with a cursor and a link that keeps the query`() async throws {
        let answer = try await client.send(.get, account + "/messages?mailbox=inbox&subject=a%26b&limit=1&cursor=old")
        #expect(answer.json["nextCursor"] == .string("c/2+="))
        #expect(
            answer.fields[.link]
                == "</v1/accounts/acc_1/messages?mailbox=inbox&subject=a%26b&limit=1&cursor=c%2F2%2B%3D>; rel=\"next\"")
        let last = try await client.send(.get, "/v1/accounts?cursor=x")
        #expect(last.fields[.link] == nil && last.json["nextCursor"] == .null)
    }

    @Test(arguments: ["/v1/accounts", "/v1/tokens", "/v1/submissions", "/v1/accounts/acc_1/messages"])
    func `refuse a wrong cursor alike in every list`(list: String) async throws {
        let fault = [FieldFault(pointer: "/cursor", detail: "is not a cursor of this list")]
        for error in [AccountError.invalid(fault), OutboxError.invalid(fault), RemoteMailError.staleCursor]
            as [any Error]
        {
            client.engines.fail(with: error)
            let answer = try await client.send(.get, list + "?cursor=x")
            #expect(answer.status == 422 && answer.slug == "stale-cursor" && answer.places == ["?cursor"])
        }
    }

    @Test func `show only the fields that are asked for, and the id`() async throws {
        let answer = try await client.send(.get, account + "/messages?fields=subject,size,preview")
        guard case .array(let data)? = answer.json["data"], case .object(let members)? = data.first else {
            Issue.record("\(answer.text)")
            return
        }
        #expect(members.map(\.name) == ["id", "size", "subject", "preview"])
    }

    @Test func `show when a message was saved where that is asked for, and with the message itself`() async throws {
        let list = try await client.send(.get, account + "/messages")
        #expect(list.status == 200 && !list.text.contains("savedAt"))
        let asked = try await client.send(.get, account + "/messages?fields=savedAt&savedBefore=2026-01-01")
        #expect(asked.text.contains(#"{"id":"e/1","savedAt":"2026-"#), "\(asked.text)")
        #expect(try await client.send(.get, message).json["savedAt"]?.text?.hasPrefix("2026-") == true)
    }

    @Test func `search by a tree, with the cursor in the body`() async throws {
        let body = #"""
            {"mailbox":"inbox","filter":{"operator":"OR","conditions":[{"from":"a"},{"operator":"NOT","conditions":[
            {"hasAttachment":true,"after":"2024-01-01","header":"list-id: x"}]}]},"sort":"-size","fields":["id"],"limit":2}
            """#
        let answer = try await client.send(.post, account + "/messages/search", body)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.text == #"{"data":[{"id":"e/1"}],"nextCursor":"c/2+="}"#)
        #expect(client.engines.calls == ["messages role(Model.MailboxRole.inbox) limit 2"])
        client.engines.fail(with: RemoteMailError.staleCursor)
        let stale = try await client.send(.post, account + "/messages/search", #"{"cursor":"x"}"#)
        #expect(stale.status == 422 && stale.slug == "stale-cursor" && stale.places == ["/cursor"])
    }

    @Test func `show conversations`() async throws {
        let list = try await client.send(.get, account + "/threads?limit=3")
        #expect(list.status == 200 && list.fields[.link]?.contains("cursor=t%2F2") == true)
        let one = try await client.send(.get, account + "/threads/T1")
        #expect(one.json["messageIds"] == .array([.string("e/0"), .string("e/1")]))
        let none = try await client.send(.get, account + "/threads/T2")
        #expect(none.status == 404 && none.slug == "not-found")
        #expect(
            client.engines.calls == ["threads role(Model.MailboxRole.inbox) limit 3", "thread T1", "thread T2"])
    }

    @Test func `tag accounts by revision and state, and compare the revision`() async throws {
        let tag = try #require(try await client.send(.get, account).fields[.etag])
        #expect(tag.hasPrefix("\"7."))
        #expect(try await client.send(.get, account, fields: [.ifNoneMatch: "W/\(tag), \"x\""]).status == 304)
        #expect(try await client.send(.patch, account, "{}", fields: [.ifMatch: tag]).status == 200)
        #expect(try await client.send(.patch, account, "{}", fields: [.ifMatch: "\"8.0\", " + tag]).status == 200)
        for wrong in ["\"6.0\"", "\"x\"", "W/\(tag)", "\"1.0\", \"2.0\""] {
            let answer = try await client.send(.patch, account, "{}", fields: [.ifMatch: wrong])
            #expect(answer.status == 412 && answer.slug == "precondition-failed", "\(wrong)")
        }
        let broken = try await client.send(.patch, account, "{}", fields: [.ifMatch: "7"])
        #expect(broken.status == 422 && broken.places == [":If-Match"])
    }

    @Test func `tag messages by what can change`() async throws {
        let tag = try #require(try await client.send(.get, message + "?bodies=none").fields[.etag])
        // Links to images expire, so a copy that has some is not confirmed.
        #expect(try await client.send(.get, message, fields: [.ifNoneMatch: tag]).status == 200)
        let original = message + "?html=original"
        #expect(try await client.send(.get, original, fields: [.ifNoneMatch: tag]).status == 304)
        let body = #"{"keywords":{"$seen":true,"$flagged":null,"x":false}}"#
        let changed = try await client.send(
            .patch, message, body, type: "application/merge-patch+json", fields: [.ifMatch: tag])
        #expect(changed.status == 200 && changed.fields[.etag] == tag)
        #expect(client.engines.calls.last == "keywords $flagged=false $seen=true x=false")
        #expect(try await client.send(.patch, message, body, fields: [.ifMatch: "\"other\""]).status == 412)
        #expect(try await client.send(.delete, message, fields: [.ifMatch: "\"other\""]).status == 412)
        #expect(try await client.send(.delete, message + "?permanently=true", fields: [.ifMatch: tag]).status == 204)
        #expect(client.engines.calls.last == "delete e/1 permanently true")
    }

    @Test func `show html safe unless the original is asked for`() async throws {
        let safe = try await client.send(.get, message)
        let html = try #require(safe.json["html"]?.text)
        #expect(html.hasPrefix(#"<p>Hello<img src="/attachments/acc_1/e%2F1/2?disposition=inline&amp;expires="#))
        #expect(html.hasSuffix(#""><img></p>"#))
        #expect(safe.json["blockedRemote"] == .number("1"))
        #expect(try await client.send(.get, message + "?html=safe").body == safe.body)
        let original = try await client.send(.get, message + "?html=original")
        #expect(original.json["html"] == .string(Sample.message.html ?? ""))
        #expect(original.json["blockedRemote"] == .number("0"))
    }

    @Test func `show no html that cannot be made safe`() async throws {
        var dependencies = client.dependencies
        dependencies.sanitize = { _, _ in nil }
        let shown = try await HTMLForm.safe.apply(
            to: Sample.message, of: Sample.account.id, links: Sample.links, sanitize: dependencies.sanitize)
        #expect(shown.message.html == nil && shown.message.problems == ["bad-date", "html-too-complex"])
        #expect(shown.blockedRemote == 0)
    }

    @Test func `show of a message what was asked for`() async throws {
        let whole = try await client.send(.get, message + "?headers=Subject,%20List-Id&bodies=html")
        #expect(client.engines.calls.last == "message e/1 text false html true headers [\"subject\", \"list-id\"]")
        #expect(
            whole.json["headers"]
                == .array([
                    .object([
                        JSONMember(name: "name", value: .string("Subject")),
                        JSONMember(name: "value", value: .string("x")),
                    ]),
                    .object([
                        JSONMember(name: "name", value: .string("List-Id")),
                        JSONMember(name: "value", value: .string("")),
                    ]),
                ]))
        #expect(whole.json["keywords"]?["$seen"] == .bool(true))
        let plain = try await client.send(.get, message)
        #expect(plain.json["headers"] == nil && plain.json["text"] == .string("Hello\r\n"))
        let missing = try await client.send(.get, account + "/messages/other")
        #expect(missing.status == 404 && missing.slug == "message-not-found")
    }

    @Test func `give the place of a moved and of a copied message`() async throws {
        let moved = try await client.send(.post, message + "/move", #"{"mailbox":"trash"}"#)
        #expect(moved.status == 200 && moved.fields["Content-Location"] == message)
        #expect(client.engines.calls.last == "move e/1 to role(Model.MailboxRole.trash)")
        let copied = try await client.send(.post, message + "/copy", #"{"mailbox":"m2"}"#)
        #expect(copied.status == 201 && copied.fields[.location] == message)
    }

    @Test func `take a message from outside`() async throws {
        let made = try await client.send(
            .post, account + "/messages?mailbox=archive&keywords=$seen,work&receivedAt=2026-11-23",
            "Subject: x\r\n\r\n", type: "message/rfc822")
        #expect(made.status == 201 && made.fields[.location] == message)
        let call = try #require(client.engines.calls.last)
        #expect(
            call.hasPrefix("import 14 into role(Model.MailboxRole.archive) [\"$seen\", \"work\"] 2026-11-23T00:00:00"))
        let empty = try await client.send(.post, account + "/messages?keywords=A", type: "message/rfc822")
        #expect(empty.status == 422 && empty.places == ["?keywords", ""])
    }

    @Test func `say of a batch by filter where it goes on`() async throws {
        let answer = try await client.send(
            .post, account + "/messages/batch",
            #"{"filter":{"unread":true},"limit":7,"action":{"keywords":{"a":true}}}"#)
        #expect(answer.status == 200)
        #expect(answer.json["nextCursor"] == .string("more"))
        #expect(client.engines.calls == [#"batch in - limit 7 cursor - ["a": true]"#])
        let stale = try await client.send(
            .post, account + "/messages/batch",
            #"{"mailbox":"trash","filter":{},"cursor":"old","action":{"delete":true}}"#)
        #expect(stale.slug == "stale-cursor" && stale.places == ["/cursor"])
    }

    @Test func `show how an account does`() async throws {
        let answer = try await client.send(.get, account + "/health")
        #expect(answer.status == 200 && client.engines.calls == ["health acc_1"])
        let health = answer.json
        #expect(health["accountId"] == .string("acc_1") && health["pop3"] == .null)
        #expect(health["imap"]?["sessions"]?["waiting"] == .number("4"))
        #expect(health["imap"]?["capabilities"] == .array([.string("IDLE"), .string("MOVE")]))
        #expect(health["smtp"]?["lastError"]?["code"] == .string("timed-out"))
        guard case .array(let features)? = health["features"] else { throw ClientError.malformed(answer.text) }
        #expect(features.map { $0["support"] } == [.string("native"), .string("missing")])
        #expect(health["sync"]?["lagSeconds"] == .number("7") && health["sync"]?["nextAttemptAt"] == .null)
        #expect(health["sync"]?["remaining"] == .number("12"))
    }

    @Test func `show a mailbox with its rights, and quotas`() async throws {
        let mailbox = try await client.send(.get, account + "/mailboxes/m2").json
        #expect(mailbox["size"] == .number("4096"))
        #expect(mailbox["myRights"]?["mayReadItems"] == .bool(true))
        #expect(mailbox["myRights"]?["mayDelete"] == .bool(false))
        let quota = try await client.send(.get, account + "/quota")
        guard case .array(let data)? = quota.json["data"] else { throw ClientError.malformed(quota.text) }
        #expect(data.count == 2 && data[0]["unit"] == .string("octets") && data[1]["limit"] == .number("100"))
    }

    @Test func `say of a batch what became of each message`() async throws {
        let done = try await client.send(
            .post, account + "/messages/batch", #"{"ids":["e/1","e/9"],"action":{"keywords":{"a":true},"move":"junk"}}"#
        )
        #expect(done.status == 200 && done.json["done"] == .number("1"))
        guard case .array(let results)? = done.json["results"] else {
            Issue.record("no results")
            return
        }
        #expect(results[0]["newId"] == .string("e2") && results[0]["error"] == .null)
        #expect(results[1]["id"] == .string("e/9"))
        #expect(results[1]["error"]?["type"] == .string("/problems/message-not-found"))
    }

    @Test func `keep drafts and send them`() async throws {
        let drafts = account + "/drafts"
        let made = try await client.send(.post, drafts, #"{"subject":"S","bcc":["a@b.c"]}"#)
        #expect(made.status == 201 && made.fields[.location] == message)
        let replaced = try await client.send(.put, drafts + "/e%2F1", #"{"subject":"T"}"#)
        #expect(replaced.status == 200 && replaced.fields["Content-Location"] == message)
        let sent = try await client.send(.post, drafts + "/e%2F1/send?saveToSent=false")
        #expect(sent.status == 202 && sent.fields[.location]?.hasSuffix("/submissions/sub_1") == true)
        #expect(client.engines.calls == ["draft S", "replace e/1 T", "send e/1 save false"])
    }

    @Test func `make, show, change and delete mailboxes`() async throws {
        let mailboxes = account + "/mailboxes"
        let made = try await client.send(.post, mailboxes, #"{"name":"日本","parentId":"inbox","role":"archive"}"#)
        #expect(made.status == 201 && made.fields[.location] == mailboxes + "/m2")
        #expect(client.engines.calls.last == "create 日本 in role(Model.MailboxRole.inbox) as archive")
        #expect(try await client.send(.get, mailboxes + "/junk").json["id"] == .string("m2"))
        #expect(client.engines.calls.last == "mailbox role(Model.MailboxRole.junk)")
        let changed = try await client.send(.patch, mailboxes + "/m3", #"{"name":"N","parentId":null}"#)
        #expect(changed.status == 200 && changed.fields["Content-Location"] == mailboxes + "/m2")
        #expect(client.engines.calls.last?.contains("name N place top") == true)
        let refused = try await client.send(.delete, mailboxes + "/m2")
        #expect(refused.status == 409 && refused.slug == "mailbox-not-empty")
        #expect(try await client.send(.delete, mailboxes + "/m2?force=true").status == 204)
    }

    @Test func `succeed without a message where the server does not tell its new id`() async throws {
        for verb in ["/move", "/copy"] {
            let done = try await client.send(.post, message + verb, #"{"mailbox":"archive"}"#)
            #expect(done.status == 204 && done.body.isEmpty)
        }
    }

    @Test func `judge spam, and say what a filter said`() async throws {
        let spam = try await client.send(.post, message + "/spam")
        #expect(spam.status == 200 && spam.fields["Content-Location"] == message)
        #expect(try await client.send(.post, message + "/not-spam").status == 200)
        #expect(client.engines.calls == ["spam true e/1", "spam false e/1"])
        let whole = try await client.send(.get, message)
        #expect(whole.json["spam"]?["isSpam"] == .bool(true) && whole.json["spam"]?["score"] == .number("15.9"))
        #expect(whole.json["spam"]?["source"] == .string("x-spam-status"))
    }

    @Test func `mark as seen only for who may write`() async throws {
        let seen = try await client.send(.get, message + "?markSeen=true", token: "read.write")
        #expect(seen.status == 200 && client.engines.calls.last?.hasSuffix(" seen") == true)
        let refused = try await client.send(.get, message + "?markSeen=true", token: "read")
        #expect(refused.status == 403 && refused.slug == "insufficient-scope")
        #expect(try await client.send(.get, message + "?markSeen=false", token: "read").status == 200)
    }

    @Test func `stream a whole message, its parts by range`() async throws {
        let raw = message + "/raw"
        let whole = try await client.send(.get, raw)
        #expect(whole.status == 200 && whole.text == "0123456789")
        #expect(whole.fields[.etag] == "\"t1\"" && whole.fields[.acceptRanges] == "bytes")
        #expect(whole.fields[.cacheControl]?.hasPrefix("private, immutable") == true)
        for (range, text, content) in [
            ("bytes=0-0", "0", "bytes 0-0/10"), ("bytes=7-", "789", "bytes 7-9/10"), ("bytes=-2", "89", "bytes 8-9/10"),
            ("bytes=5-99", "56789", "bytes 5-9/10"),
        ] {
            let part = try await client.send(.get, raw, fields: [.range: range, .ifRange: "\"t1\""])
            #expect(part.status == 206 && part.text == text && part.fields[.contentRange] == content)
        }
        let behind = try await client.send(.get, raw, fields: [.range: "bytes=10-"])
        #expect(behind.status == 416 && behind.fields[.contentRange] == "bytes */10")
        #expect(behind.slug == "range-not-satisfiable")
        for fields in [
            [.range: "bytes=1-2", .ifRange: "\"old\""], [.range: "bytes=1-2,4-5"], [.range: "lines=1-2"],
            [.range: "bytes=x"],
        ] as [HTTPFields] {
            #expect(try await client.send(.get, raw, fields: fields).status == 200)
        }
        #expect(try await client.send(.get, raw, fields: [.ifNoneMatch: "\"t1\""]).status == 304)
    }

    @Test func `give an attachment its name and lock it up`() async throws {
        let answer = try await client.send(.get, message + "/attachments/2", fields: [.range: "bytes=1-2"])
        #expect(answer.status == 200 && answer.text == "0123456789")
        #expect(answer.fields[.contentType] == "image/png" && answer.fields[.acceptRanges] == nil)
        #expect(answer.fields[.contentDisposition]?.hasPrefix("attachment; filename=") == true)
        #expect(answer.fields[.contentDisposition]?.contains("filename*=UTF-8''Bild%20%C3%A4%22.png") == true)
        #expect(answer.fields["X-Content-Type-Options"] == "nosniff")
        #expect(answer.fields["Content-Security-Policy"]?.contains("sandbox") == true)
    }

    @Test func `take a finished message with its envelope`() async throws {
        let target = account + "/submissions?mailFrom=a@b.c&rcptTo=x@y.z&rcptTo=u%2Bv@w.x&saveToSent=false"
        let answer = try await client.send(.post, target, "Subject: x\r\n\r\ny", type: "message/rfc822")
        #expect(answer.status == 202 && answer.fields[.location] == account + "/submissions/sub_1")
        #expect(
            client.engines.calls == ["raw 15 octets from a@b.c to [\"x@y.z\", \"u+v@w.x\"] save false"])
        _ = try await client.send(.post, account + "/submissions?mailFrom=", "x", type: "message/rfc822")
        #expect(client.engines.calls.last == "raw 1 octets from  to [] save true")
    }

    @Test func `translate the engine's pointers to the caller's`() async throws {
        client.engines.fail(
            with: OutboxError.invalid([
                FieldFault(pointer: "/to/1/email", detail: "is no address"),
                FieldFault(pointer: "/envelope/rcptTo/0", detail: "is no address"),
            ]))
        let body = #"{"to":["a@b.c","nonsense"],"envelope":{"rcptTo":["x"]},"text":"x"}"#
        let json = try await client.send(.post, account + "/submissions", body)
        #expect(json.status == 422 && json.places == ["/to/1", "/envelope/rcptTo/0"])
        let raw = try await client.send(.post, account + "/submissions?rcptTo=abc", "x", type: "message/rfc822")
        #expect(raw.places == ["", "?rcptTo"])
    }

    @Test func `read a large body elsewhere and the same`() async throws {
        let content = String(repeating: "QUJD", count: 100_000)
        let body = #"{"to":["a@b.c"],"text":"x","attachments":[{"content":"\#(content)"}]}"#
        #expect(try await client.send(.post, account + "/submissions", body).status == 202)
        let wrong = try await client.send(.post, account + "/submissions", body.dropLast() + #","typo":1}"#)
        #expect(wrong.status == 422 && wrong.places == ["/typo"])
    }

    @Test func `show a token's secret once and let nobody keep it`() async throws {
        let made = try await client.send(
            .post, "/v1/tokens", #"{"name":"web","scopes":["read","send"],"expiresIn":60}"#)
        #expect(made.status == 201 && made.json["token"] == .string("mb_secret"))
        #expect(made.fields[.cacheControl] == "no-store")
        let listed = try await client.send(.get, "/v1/tokens")
        #expect(!listed.text.contains("mb_secret"))
    }

    @Test func `say per protocol what probing brought`() async throws {
        let body = #"{"email":"a@b.c","imap":{"host":"h"},"credentials":{"username":"u","password":"p"}}"#
        let answer = try await client.send(.post, "/v1/verify", body)
        #expect(answer.status == 200 && answer.json["ok"] == .bool(false))
        #expect(answer.json["imap"]?["ok"] == .bool(true) && answer.json["pop3"] == .null)
        #expect(answer.json["smtp"]?["code"] == .string("authentication-failed"))
    }

    @Test func `show submissions with a tag`() async throws {
        let answer = try await client.send(.get, account + "/submissions/sub_1", token: "send")
        let tag = try #require(answer.fields[.etag])
        #expect(answer.json["recipients"] != nil)
        #expect(try await client.send(.get, account + "/submissions/sub_1", fields: [.ifNoneMatch: tag]).status == 304)
        _ = try await client.send(.get, "/v1/submissions", token: "read~acc_1")
        #expect(client.engines.calls.last == "submissions all visible 1")
    }

    @Test func `list mailboxes whole`() async throws {
        let answer = try await client.send(.get, account + "/mailboxes")
        #expect(answer.status == 200 && answer.json["nextCursor"] == .null)
    }
}
