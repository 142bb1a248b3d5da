import HTTP
import Representation
import Testing

@Suite struct DiscoveryTests {
    @Test func `proposes what was found, and shows the evidence`() async throws {
        let client = Client()
        let answer = try await client.send(.post, "/v1/discover", #"{"email":"jane@example.org"}"#)
        #expect(answer.status == 200)
        #expect(answer.json["imap"]?["host"] == .string("mail.example.org"))
        #expect(answer.json["imap"]?["username"] == .string("jane@example.org"))
        #expect(answer.json["pop3"] == .null)
        // What somebody published is proposed although it did not answer now.
        #expect(answer.json["smtp"]?["port"] == .number("465"))
        guard case .array(let candidates)? = answer.json["candidates"] else {
            Issue.record("no candidates")
            return
        }
        #expect(candidates[0]["evidence"] == .string("_imaps._tcp.example.org"))
        #expect(candidates[1]["isReachable"] == .bool(false))
        #expect(candidates[1]["fault"] == .string("the server refused the connection"))
    }

    @Test(arguments: ["{}", #"{"email":1}"#, #"{"email":"a@b.c","x":1}"#]) func `refuses other bodies`(body: String)
        async throws
    {
        let answer = try await Client().send(.post, "/v1/discover", body)
        #expect(answer.status == 422)
    }
}
