import Foundation
import MailServers
import Testing

/// Filters, orders, trees and sparse answers, before each kind of server.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct FindingTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private static func mail(
        _ subject: String, from: String = "alice@outside.test", extra: String = "", body: String = "Hello."
    ) -> [UInt8] {
        TestMail.crlf(
            "From: \(from)\nTo: me@example.test\nSubject: \(subject)\nMessage-ID: <\(UUID().uuidString)@outside.test>\n"
                + extra + "\n\(body)\n")
    }

    private static let multipart = """
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="=-b"

        """

    private static func parts(_ second: String) -> String {
        "--=-b\nContent-Type: text/plain\n\nSee what is attached.\n--=-b\n\(second)\n--=-b--"
    }

    private static func filled(_ store: MailStore) async throws -> MailAccount {
        try await (store == .dovecot ? inDovecot : inCyrus).value
    }

    private static let inDovecot = Task(name: "mailbox to find in, Dovecot") { try await fill(.dovecot) }
    private static let inCyrus = Task(name: "mailbox to find in, Cyrus") { try await fill(.cyrus) }

    private static func fill(_ store: MailStore) async throws -> MailAccount {
        let account = try await store.newAccount()
        let file = parts(
            "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\n\nPDF")
        let messages: [(String, [UInt8], String)] = [
            (
                "0", mail("Re: banana", from: "Zoe <b@outside.test>", extra: "Date: Tue, 14 Nov 2023 10:00:00 +0000\n"),
                "R"
            ),
            (
                "1",
                mail(
                    "apple", from: "Yan <c@outside.test>",
                    extra: "Date: Mon, 13 Nov 2023 10:00:00 +0000\nCc: copy@outside.test\n"
                        + "List-Id: <news.outside.test>\n"),
                ""
            ),
            (
                "2",
                mail(
                    "Cherry", from: "Xia <a@outside.test>",
                    extra: "Date: Sun, 12 Nov 2023 10:00:00 +0000\n" + multipart,
                    body: file), "F"
            ),
            (
                "3",
                mail("date", from: "Wim <d@outside.test>", body: String(repeating: "long zebra text\n", count: 500)), ""
            ),
        ]
        for (index, message) in messages.enumerated() {
            // The first in the mailbox is the last received: old mail that was moved in.
            try await account.seed(
                mailbox: "Archive",
                [
                    SeedMessage(
                        message.1, flags: message.2, receivedAt: start.addingTimeInterval(Double(-index) * 3600))
                ])
        }
        return account
    }

    private static func subjects(_ list: JSONValue) -> [String?] { list["data"].array.map(\.["subject"].string) }

    @Test(
        arguments: MailStore.allCases,
        [
            ("answered=true", ["Re: banana"]), ("answered=false", ["apple", "Cherry", "date"]),
            ("keyword=$flagged", ["Cherry"]), ("notKeyword=$flagged", ["Re: banana", "apple", "date"]),
            ("cc=copy", ["apple"]), ("body=zebra", ["date"]), ("header=list-id", ["apple"]),
            ("header=list-id:news.outside", ["apple"]), ("header=list-id:other", []),
            ("hasAttachment=true", ["Cherry"]),
            ("hasAttachment=false&limit=1", ["Re: banana"]), ("minSize=2000", ["date"]),
            ("maxSize=2000", ["Re: banana", "apple", "Cherry"]), ("hasAttachment=true&from=wim", []),
        ])
    func `a filter finds what it says, last received first`(
        store: MailStore, filter: (query: String, subjects: [String])
    ) async throws {
        let account = try await Self.filled(store)
        let found = try await account.list("mailbox=archive&\(filter.query)")
        #expect(Self.subjects(found) == filter.subjects)
    }

    @Test(
        arguments: MailStore.allCases,
        [
            ("-receivedAt", ["Re: banana", "apple", "Cherry", "date"]),
            ("receivedAt", ["date", "Cherry", "apple", "Re: banana"]),
            ("subject", ["apple", "Re: banana", "Cherry", "date"]),
            ("-subject", ["date", "Cherry", "Re: banana", "apple"]),
            ("from", ["date", "Cherry", "apple", "Re: banana"]), ("-from", ["Re: banana", "apple", "Cherry", "date"]),
            ("sentAt", ["Cherry", "apple", "Re: banana", "date"]),
            ("-sentAt", ["date", "Re: banana", "apple", "Cherry"]),
            ("size", ["Re: banana", "apple", "Cherry", "date"]), ("-size", ["date", "Cherry", "apple", "Re: banana"]),
        ])
    func `a list is sorted by what is asked, also page by page`(
        store: MailStore, order: (sort: String, subjects: [String])
    ) async throws {
        let (sort, expected) = order
        let account = try await Self.filled(store)
        #expect(Self.subjects(try await account.list("mailbox=archive&sort=\(sort)")) == expected)
        #expect(try await account.listAll("mailbox=archive&sort=\(sort)&limit=1").map(\.["subject"].string) == expected)
        #expect(try await account.listAll("sort=\(sort)&limit=3").map(\.["subject"].string) == expected)
    }

    @Test(arguments: MailStore.allCases)
    func `pages stay right while the next message is deleted and mail arrives on both sides`(
        store: MailStore
    ) async throws {
        for sort in ["subject", "-receivedAt", "size"] {
            let account = try await store.newAccount()
            try await account.seed(mailbox: "Archive", count: 12) { index in
                SeedMessage(
                    Self.mail("s\(10 + index)", body: String(repeating: "x", count: 100 * index)),
                    receivedAt: Self.start.addingTimeInterval(Double(-index) * 60))
            }
            let first = try await account.list("mailbox=archive&sort=\(sort)&limit=5")
            #expect(Self.subjects(first) == (10..<15).map { "s\($0)" }, "\(sort)")
            let cursor = first["nextCursor"].string ?? ""
            let second = try await account.list("mailbox=archive&sort=\(sort)&limit=2&cursor=\(cursor)")
            for message in second["data"].array {
                try await account.api.delete("\(account.message(message["id"]))?permanently=true").expecting(204)
            }
            try await account.seed(
                mailbox: "Archive",
                [
                    SeedMessage(Self.mail("s00"), receivedAt: Self.start.addingTimeInterval(60)),
                    SeedMessage(
                        Self.mail("s99", body: String(repeating: "x", count: 9_999)),
                        receivedAt: Self.start.addingTimeInterval(-9_999)),
                ])
            let rest = try await account.list("mailbox=archive&sort=\(sort)&cursor=\(cursor)")
            #expect(Self.subjects(rest) == (17..<22).map { "s\($0)" } + ["s99"], "\(sort)")
        }
    }

    @Test(arguments: MailStore.allCases) func `a tree of conditions, and what is refused`(
        store: MailStore
    ) async throws {
        let account = try await Self.filled(store)
        let search = "\(account.path)/messages/search"
        func find(_ filter: JSONValue) async throws -> [String?] {
            Self.subjects(
                try await account.api.post(search, ["mailbox": "archive", "filter": filter, "sort": "subject"])
                    .expecting(200))
        }
        #expect(
            try await find([
                "operator": "OR", "conditions": [["subject": "apple"], ["hasAttachment": true]],
            ]) == ["apple", "Cherry"])
        #expect(
            try await find([
                "operator": "NOT", "conditions": [["hasAttachment": true], ["body": "zebra"], ["answered": true]],
            ]) == ["apple"])
        #expect(
            try await find([
                "operator": "AND",
                "conditions": [
                    ["operator": "OR", "conditions": [["from": "zoe"], ["from": "wim"]]],
                    ["operator": "NOT", "conditions": [["minSize": 2000]]],
                ],
            ]) == ["Re: banana"])
        #expect(try await find(["before": .string("2023-11-14T21:13:20Z")]) == ["Cherry", "date"])
        let native = try await account.api.post(search, ["native": "has:attachment"])
        try native.problem(422, "invalid-request")
    }

    @Test(arguments: MailStore.allCases) func `only the fields that are named come, worked out where they must be`(
        store: MailStore
    ) async throws {
        let account = try await Self.filled(store)
        let fields = "subject,preview,hasAttachment,threadId"
        let found = try await account.list("mailbox=archive&fields=\(fields)&subject=cherry")
        let message = found["data"][0]
        #expect(Set(message.object.keys) == ["id", "subject", "preview", "hasAttachment", "threadId"])
        #expect(message["preview"] == "See what is attached.")
        #expect(message["hasAttachment"] == true)
        #expect(message["threadId"].string?.isEmpty == false)
        #expect(try await account.list("mailbox=archive&fields=id&limit=1")["data"][0].object.count == 1)
    }

    @Test(arguments: MailStore.allCases) func `a message within a message is an attachment that can be opened`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let inner = "From: inner@outside.test\nTo: you@outside.test\nSubject: Inner letter\n\nInner text."
        let calendar = "Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\nEND:VCALENDAR"
        try await account.seed([
            SeedMessage(
                Self.mail(
                    "Outer", extra: Self.multipart,
                    body: Self.parts("Content-Type: message/rfc822\n\n\(inner)\n--=-b\n\(calendar)")))
        ])
        let path = try account.message(try await account.onlyMessage()["id"])
        let message = try await account.api.get(path).expecting(200)
        #expect(message["attachments"].array.map(\.["type"].string) == ["message/rfc822", "text/calendar"])
        let name = message["attachments"][0]["name"].string
        #expect(name?.hasSuffix(".eml") == true)
        let letter = try await account.api.get("\(path)/attachments/\(message["attachments"][0]["id"].string ?? "")")
        #expect(letter.status == 200 && letter["Content-Type"] == "message/rfc822")
        #expect(letter.text == inner.replacing("\n", with: "\r\n"))
        let event = try await account.api.get("\(path)/attachments/\(message["attachments"][1]["id"].string ?? "")")
        #expect(event.text.hasPrefix("BEGIN:VCALENDAR"))
        let cut = try await account.api.get("\(path)?maxBodyBytes=3&headers=*").expecting(200)
        #expect(cut["text"] == "See" && cut["isTruncated"] == true)
        #expect(cut["headers"].array.map(\.["name"].string).contains("Subject"))
    }
}
