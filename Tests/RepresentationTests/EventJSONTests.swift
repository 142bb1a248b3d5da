import Model
import Representation
import Testing

@Suite struct `Event envelope` {
    @Test func `holds the data as it was written, and null where no account is meant`() throws {
        let event = Event(
            id: EventID(rawValue: "evt_1"), sequence: 9_007_199_254_740_993, type: .accountAuthenticationFailed,
            timestamp: Timestamp(milliseconds: 5), accountID: nil, data: Array(#"{"a":[1,"é"]}"#.utf8))
        var writer = JSONWriter()
        writer.array([event, event]) { $0.value($1) }
        let envelope =
            #"{"id":"evt_1","sequence":9007199254740993,"type":"account.authentication_failed","#
            + #""timestamp":"1970-01-01T00:00:00.005Z","accountId":null,"data":{"a":[1,"é"]}}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[\(envelope),\(envelope)]")
        #expect(try JSONParser.parse(writer.bytes) != .null)
    }

    @Test func `other data can stand in it`() {
        let event = Event(
            id: EventID(rawValue: "evt_1"), sequence: 1, type: .messageCreated, timestamp: Timestamp(milliseconds: 0),
            accountID: AccountID(rawValue: "a"), data: Array("{}".utf8))
        var writer = JSONWriter()
        event.write(to: &writer, data: Array(#"{"text":"hi"}"#.utf8))
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text.hasSuffix(#""accountId":"a","data":{"text":"hi"}}"#))
    }
}
