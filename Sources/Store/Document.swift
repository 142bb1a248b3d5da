import FoundationEssentials

/// JSON as it is kept in a column: keys sorted, so that the same value is the same text.
enum Document {
    static func octets(_ value: some Encodable) throws(StoreError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw .unreadable(String(describing: type(of: value)))
        }
    }

    static func text(_ value: some Encodable) throws(StoreError) -> String {
        String(decoding: try octets(value), as: UTF8.self)
    }

    /// `place` names the column in the error.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from octets: [UInt8], place: String
    ) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(octets))
        } catch {
            throw .unreadable(place)
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from text: String, place: String
    ) throws(StoreError) -> Value {
        try decode(type, from: Array(text.utf8), place: place)
    }
}
