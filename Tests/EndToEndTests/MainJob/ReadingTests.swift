import Foundation
import MailServers
import Testing

/// One message: its texts, its attachments, its octets.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ReadingTests {
    private static let picture = [UInt8]((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) })
    private static let file = [UInt8](0...255) + Array("\r\n.\r\n".utf8)

    private func japaneseMessage(_ store: MailStore) async throws -> (MailAccount, id: JSONValue, raw: [UInt8]) {
        let account = try await store.newAccount()
        let raw = TestMail.japanese(picture: Self.picture, file: Self.file)
        try await account.seed([SeedMessage(raw)])
        return (account, try await account.onlyMessage()["id"], raw)
    }

    @Test(arguments: MailStore.allCases) func `Japanese subject, text and file names are read`(
        store: MailStore
    ) async throws {
        let (account, id, raw) = try await japaneseMessage(store)
        let summary = try await account.onlyMessage()
        #expect(summary["subject"] == "日本語の件名です")
        #expect(summary["from"] == [["name": "日本語の件名です", "email": "tanaka@outside.test"]])
        #expect(summary["hasAttachment"] == true)

        let answer = try await account.api.get(account.message(id))
        let message = try answer.expecting(200)
        #expect(message["subject"] == "日本語の件名です")
        #expect(message["text"].string?.replacing("\r\n", with: "\n") == "こんにちは、世界。\n表示")
        #expect(message["html"].isNull)
        #expect(message["messageId"] == "japanese@outside.test")
        #expect(message["sentAt"] == "2023-11-14T13:13:20.000Z")
        #expect(message["size"].int == raw.count)
        #expect(message["problems"] == [])
        #expect(message["attachments"].array.map(\.["name"]) == ["報告書.png", "請求書 7"])
        #expect(message["attachments"].array.map(\.["type"]) == ["image/png", "application/octet-stream"])

        // Reading is not marking as read, and the same answer need not be sent twice.
        #expect(try await account.storedFlags().values.allSatisfy { !$0.contains("\\Seen") })
        let tag = try #require(answer["ETag"])
        #expect(try await account.api.get(account.message(id), headers: [("If-None-Match", tag)]).status == 304)
    }

    @Test(arguments: MailStore.allCases) func `header fields and bodies come as asked for`(
        store: MailStore
    ) async throws {
        let (account, id, _) = try await japaneseMessage(store)
        let path = try account.message(id)
        let none = try await account.api.get("\(path)?bodies=none&headers=subject,x-none").expecting(200)
        #expect(none["text"].isNull)
        #expect(none["headers"] == [["name": "Subject", "value": "日本語の件名です"]])
        let all = try await account.api.get("\(path)?headers=*&maxBodyBytes=8").expecting(200)
        #expect(all["isTruncated"] == true)
        #expect(all["headers"].array.count == 7)
    }

    @Test(arguments: MailStore.allCases) func `attachments are downloaded byte-exact with their names`(
        store: MailStore
    ) async throws {
        let (account, id, _) = try await japaneseMessage(store)
        let message = try await account.api.get(account.message(id)).expecting(200)
        let ids = message["attachments"].array.compactMap(\.["id"].string)
        try #require(ids.count == 2)
        let picture = try await account.api.get("\(account.message(id))/attachments/\(ids[0])")
        #expect(picture.status == 200)
        #expect(picture.body == Self.picture)
        #expect(picture["Content-Type"] == "image/png")
        let disposition = picture["Content-Disposition"] ?? ""
        #expect(disposition.contains("filename*=UTF-8''%E5%A0%B1%E5%91%8A%E6%9B%B8.png"), "\(disposition)")
        #expect(picture["Cache-Control"]?.contains("immutable") == true)
        let tag = try #require(picture["ETag"])
        let file = try await account.api.get("\(account.message(id))/attachments/\(ids[1])")
        #expect(file.body == Self.file)
        let again = try await account.api.get(
            "\(account.message(id))/attachments/\(ids[0])", headers: [("If-None-Match", tag)])
        #expect(again.status == 304)
        try await account.api.get("\(account.message(id))/attachments/99").problem(404, "attachment-not-found")
    }

    @Test(arguments: MailStore.allCases) func `the raw message is byte-exact, whole and in ranges`(
        store: MailStore
    ) async throws {
        let (account, id, raw) = try await japaneseMessage(store)
        let path = try "\(account.message(id))/raw"
        let whole = try await account.api.get(path)
        #expect(whole.status == 200)
        #expect(whole.body == raw)
        #expect(whole["Content-Type"] == "message/rfc822")
        #expect(whole["Accept-Ranges"] == "bytes")
        #expect(whole["Content-Length"] == "\(raw.count)")
        let ranges = [("bytes=0-9", 0..<10), ("bytes=100-", 100..<raw.count), ("bytes=-7", raw.count - 7..<raw.count)]
        for (text, range) in ranges {
            let part = try await account.api.get(path, headers: [("Range", text)])
            #expect(part.status == 206)
            #expect(part.body == Array(raw[range]), "\(text)")
            #expect(part["Content-Range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(raw.count)")
        }
        let beyond = try await account.api.get(path, headers: [("Range", "bytes=\(raw.count)-")])
        try beyond.problem(416, "range-not-satisfiable")
        #expect(beyond["Content-Range"] == "bytes */\(raw.count)")
        let stale = try await account.api.get(path, headers: [("Range", "bytes=0-9"), ("If-Range", "\"other\"")])
        #expect(stale.status == 200)
    }
}
