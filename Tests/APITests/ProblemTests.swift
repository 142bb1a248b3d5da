import API
import Accounts
import HTTP
import HTTPServer
import MailClient
import Model
import Outbox
import RemoteMail
import Representation
import Testing
import Transport

@Suite struct `Problems` {
    struct Row: Sendable, CustomTestStringConvertible {
        let error: any Error
        let slug: ProblemSlug
        let status: Int

        init(_ error: any Error, _ slug: ProblemSlug, _ status: Int) {
            self.error = error
            self.slug = slug
            self.status = status
        }

        var testDescription: String { "\(error)" }
    }

    static let rows: [Row] = [
        Row(AccountError.notFound(Sample.account.id), .accountNotFound, 404),
        Row(AccountError.alreadyExists(Sample.account.id), .accountExists, 409),
        Row(AccountError.revisionMismatch(current: 3), .preconditionFailed, 412),
        Row(AccountError.verificationFailed([.imap: .startTLSUnavailable(.imap)]), .verificationFailed, 422),
        Row(AccountError.invalid([FieldFault(pointer: "/email", detail: "is none")]), .invalidRequest, 422),
        // Sound: an error, not the trait of that name.
        Row(AccountError.disabled(Sample.account.id), .accountDisabled, 409),
        Row(AccountError.tokenNotFound(Sample.token.id), .tokenNotFound, 404),
        Row(RemoteMailError.mailboxNotFound("x"), .mailboxNotFound, 404),
        Row(RemoteMailError.roleNotFound(.trash), .mailboxNotFound, 404),
        Row(RemoteMailError.mailboxNotSelectable(Sample.folder.id), .mailboxNotSelectable, 422),
        Row(RemoteMailError.messageNotFound(Sample.message.id), .messageNotFound, 404),
        Row(RemoteMailError.attachmentNotFound(PartID(rawValue: "2")), .attachmentNotFound, 404),
        Row(RemoteMailError.mailboxExists("a/b"), .mailboxExists, 409),
        Row(RemoteMailError.mailboxNotEmpty(Sample.inbox.id), .mailboxNotEmpty, 409),
        Row(RemoteMailError.mailboxProtected(Sample.inbox.id), .mailboxProtected, 409),
        Row(RemoteMailError.notADraft(Sample.message.id), .notADraft, 409),
        Row(RemoteMailError.tooLarge(limit: 9), .contentTooLarge, 413),
        Row(RemoteMailError.staleCursor, .staleCursor, 422),
        Row(RemoteMailError.invalid([FieldFault(pointer: "/a", detail: "b")]), .invalidRequest, 422),
        Row(RemoteMailError.noMailStore(Sample.account.id), .protocolNotConfigured, 409),
        Row(OutboxError.notFound(Sample.submission.id), .submissionNotFound, 404),
        Row(OutboxError.invalid([]), .invalidRequest, 422),
        Row(OutboxError.cannotSend(Sample.account.id), .protocolNotConfigured, 409),
        Row(OutboxError.tooLarge(limit: 5), .contentTooLarge, 413),
        Row(MailClientError.startTLSUnavailable(.imap), .upstreamInsecure, 502),
        Row(MailClientError.startTLSInjection(.smtp), .upstreamInsecure, 502),
        Row(MailClientError.authenticationFailed(.imap, text: "no"), .upstreamAuthenticationFailed, 502),
        Row(MailClientError.noAuthenticationMechanism(.smtp, offered: ["NTLM"]), .upstreamAuthenticationFailed, 502),
        Row(MailClientError.rejected(.imap, code: "OVERQUOTA", text: "full"), .overQuota, 422),
        Row(MailClientError.rejected(.imap, code: "LIMIT", text: "no"), .upstreamLimit, 422),
        Row(MailClientError.rejected(.imap, code: "ALREADYEXISTS", text: "no"), .mailboxExists, 409),
        Row(MailClientError.rejected(.imap, code: "SERVERBUG", text: "no"), .upstreamBroken, 502),
        Row(MailClientError.rejected(.imap, code: "CORRUPTION", text: "no"), .upstreamBroken, 502),
        Row(MailClientError.rejected(.imap, code: "CONTACTADMIN", text: "no"), .upstreamBroken, 502),
        Row(MailClientError.rejected(.imap, code: "CLIENTBUG", text: "no"), .upstreamError, 502),
        Row(MailClientError.rejected(.smtp, code: nil, text: "no"), .upstreamError, 502),
        Row(
            MailClientError.rejected(.imap, code: "AUTHORIZATIONFAILED", text: "no"), .upstreamAuthenticationFailed, 502
        ),
        Row(MailClientError.rejected(.imap, code: "EXPIRED", text: "no"), .upstreamAuthenticationFailed, 502),
        Row(MailClientError.rejected(.imap, code: "PRIVACYREQUIRED", text: "no"), .upstreamInsecure, 502),
        Row(MailClientError.rejected(.imap, code: "INUSE", text: "no"), .accountUnavailable, 503),
        Row(MailClientError.rejected(.imap, code: "NONEXISTENT", text: "no"), .mailboxNotFound, 404),
        Row(MailClientError.rejected(.imap, code: "TRYCREATE", text: "no"), .mailboxNotFound, 404),
        Row(MailClientError.rejected(.imap, code: "EXPUNGEISSUED", text: "no"), .messageNotFound, 404),
        Row(MailClientError.rejected(.imap, code: "TOOBIG", text: "no"), .contentTooLarge, 413),
        Row(MailClientError.rejected(.imap, code: "CANNOT", text: "no"), .upstreamUnsupported, 502),
        Row(MailClientError.rejected(.imap, code: "NOPERM", text: "no"), .upstreamPermissionDenied, 403),
        Row(MailClientError.unavailable(.imap, text: "busy"), .accountUnavailable, 503),
        Row(MailClientError.timedOut(.imap, phase: "greeting"), .upstreamTimeout, 504),
        Row(MailClientError.disconnected(.imap, text: nil), .accountUnavailable, 503),
        Row(MailClientError.protocolViolation(.imap, detail: "tag"), .upstreamError, 502),
        Row(MailClientError.limitExceeded(.imap, limit: "lines"), .upstreamError, 502),
        Row(MailClientError.unsupported(.smtp, feature: "SMTPUTF8"), .upstreamUnsupported, 502),
        Row(MailClientError.notConfigured(.smtp), .protocolNotConfigured, 409),
        Row(MailClientError.cancelled, .serviceUnavailable, 503),
        Row(MailClientError.connect(.imap, .tls(.certificate(.expired))), .upstreamCertificateInvalid, 502),
        Row(MailClientError.connect(.imap, .tls(.certificate(.hostMismatch))), .upstreamCertificateInvalid, 502),
        Row(MailClientError.connect(.imap, .tls(.notTLS)), .upstreamInsecure, 502),
        Row(MailClientError.connect(.imap, .connectionRefused), .accountUnavailable, 503),
        Row(MailClientError.connect(.imap, .hostUnreachable), .accountUnavailable, 503),
        Row(MailClientError.connect(.imap, .resolveFailed(.noSuchHost)), .accountUnavailable, 503),
        Row(MailClientError.connect(.imap, .addressForbidden), .accountUnavailable, 503),
        Row(MailClientError.connect(.imap, .closed), .accountUnavailable, 503),
        Row(MailClientError.connect(.imap, .deadlineExceeded(.connect)), .upstreamTimeout, 504),
        Row(MailClientError.connect(.imap, .limitExceeded(.descriptors)), .serviceUnavailable, 503),
        Row(HTTPRefusal.malformed("bare LF"), .malformedRequest, 400),
        Row(HTTPRefusal.notFound, .notFound, 404),
        Row(HTTPRefusal.methodNotAllowed(allowed: [.get]), .methodNotAllowed, 405),
        Row(HTTPRefusal.timedOut, .requestTimeout, 408),
        Row(HTTPRefusal.bodyTooLarge(limit: 1), .contentTooLarge, 413),
        Row(HTTPRefusal.targetTooLong(limit: 1), .uriTooLong, 414),
        Row(HTTPRefusal.fieldsTooLarge, .headerFieldsTooLarge, 431),
        Row(HTTPRefusal.expectationFailed, .expectationFailed, 417),
        Row(HTTPRefusal.notImplemented("x"), .notImplemented, 501),
        Row(HTTPRefusal.versionNotSupported, .versionNotSupported, 505),
        Row(HTTPRefusal.unavailable("stopping"), .serviceUnavailable, 503),
        Row(CancellationError(), .serviceUnavailable, 503),
    ]

    @Test(arguments: rows)
    func `give each error its kind and its status`(row: Row) throws {
        let problem = try #require(Problem(expected: row.error))
        #expect(problem.slug == row.slug)
        #expect(problem.slug.status.code == row.status)
        #expect(!problem.detail.isEmpty)
        let response = problem.response(requestID: "req_9")
        #expect(response.fields[.contentType] == "application/problem+json")
        #expect(response.fields.contains(.retryAfter) == (row.status == 503))
    }

    @Test func `give every kind a title, a text and a page`() async throws {
        let client = Client()
        for slug in ProblemSlug.allCases {
            #expect((400...599).contains(slug.status.code))
            let page = try await client.send(.get, slug.path, token: nil)
            #expect(page.status == 200)
            #expect(page.fields[.contentType] == "text/plain; charset=utf-8")
            #expect(page.text.contains(slug.title) && page.text.contains(slug.explanation))
            let html = try await client.send(.get, slug.path, token: nil, fields: [.accept: "text/html,*/*;q=0.8"])
            #expect(html.fields[.contentType] == "text/html; charset=utf-8")
            #expect(html.text.hasPrefix("<!doctype html>"))
        }
        #expect(Set(ProblemSlug.allCases.map(\.title)).count == ProblemSlug.allCases.count)
        let index = try await client.send(.get, "/problems", token: nil)
        #expect(ProblemSlug.allCases.allSatisfy { index.text.contains($0.path) })
        #expect(try await client.send(.get, "/problems/none", token: nil).status == 404)
    }

    @Test func `say what the mail server said`() throws {
        let problem = try #require(Problem(expected: MailClientError.rejected(.imap, code: "OVERQUOTA", text: "full")))
        let body = try #require(json(problem))
        #expect(body["upstream"]?["protocol"] == .string("imap"))
        #expect(body["upstream"]?["code"] == .string("OVERQUOTA"))
        #expect(body["upstream"]?["text"] == .string("full"))
        #expect(body["requestId"] == .string("r"))
    }

    @Test func `name each protocol that failed verification`() throws {
        let error = AccountError.verificationFailed([
            .smtp: .authenticationFailed(.smtp, text: "535 wrong"),
            .imap: .connect(.imap, .tls(.certificate(.expired))),
        ])
        let problem = try #require(Problem(expected: error))
        #expect(problem.errors.map(\.location) == [.pointer("/imap"), .pointer("/smtp")])
        #expect(problem.errors[0].detail.contains("has expired"))
        #expect(problem.errors[0].code == "certificate-invalid")
        #expect(problem.errors[1].detail.contains("535 wrong"))
    }

    @Test func `tell nothing of an error that nobody expected`() async throws {
        struct Inner: Error { let password = "hunter2" }
        let client = Client()
        client.engines.fail(with: Inner())
        let answer = try await client.send(.get, "/v1/accounts")
        #expect(answer.status == 500 && answer.slug == "internal-error")
        #expect(!answer.text.contains("hunter2") && !answer.text.contains("Inner"))
        #expect(answer.json["requestId"] == .string("req_1"))
    }

    private func json(_ problem: Problem) -> JSONValue? {
        guard case .bytes(let bytes) = problem.response(requestID: "r").body else { return nil }
        return try? JSONParser.parse(bytes)
    }
}
