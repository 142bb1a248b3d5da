import FoundationEssentials
import JWTKit
import Model
import Representation

/// The keys of one issuer, read from its key set (RFC 7517) and kept: they change rarely, and their server may be away.
actor SigningKeys {
    private let issuer: JWTIssuer
    private let send: WebSender
    private let now: @Sendable () -> Timestamp
    private var keys: [String: JWK] = [:]
    /// A key without a name, where it is the only one.
    private var unnamed: JWK?
    private var readAt: Timestamp?
    private var triedAt: Timestamp?
    private var reading: Task<Bool, Never>?

    init(_ issuer: JWTIssuer, send: @escaping WebSender, now: @escaping @Sendable () -> Timestamp) {
        self.issuer = issuer
        self.send = send
        self.now = now
    }

    /// The key of that name; nil where the issuer has none.
    ///
    /// A name that is not known may be new: the set is read again, though not more often than every half minute, so that
    /// made-up names do not become a load for the issuer. Throws where no set could be had at all, or for too long.
    func key(_ name: String?) async throws(JWTFault) -> JWK? {
        if isOutdated { _ = await read() }
        if let key = known(name) { return key }
        if mayTry { _ = await read() }
        guard readAt != nil else { throw .keysUnavailable }
        return known(name)
    }

    private func known(_ name: String?) -> JWK? {
        // A set that is a day old may hold keys that were withdrawn since.
        guard let readAt, now() < readAt.advanced(by: Limits.keysTrusted) else { return nil }
        guard let name else { return unnamed ?? (keys.count == 1 ? keys.first?.value : nil) }
        return keys[name]
    }

    private var isOutdated: Bool {
        guard mayTry else { return false }
        guard let readAt else { return true }
        return now() >= readAt.advanced(by: Limits.keysFresh)
    }

    private var mayTry: Bool {
        guard let triedAt else { return true }
        return now() >= triedAt.advanced(by: Limits.keysPause)
    }

    /// One reading for all who ask.
    private func read() async -> Bool {
        if let reading { return await reading.value }
        triedAt = now()
        let task = Task(name: "signing keys") { await self.fetch() }
        reading = task
        let isRead = await task.value
        reading = nil
        return isRead
    }

    private func fetch() async -> Bool {
        guard let url = await location(), let answer = try? await send(WebRequest(url)),
            answer.status == 200, let set = try? JSONDecoder().decode(KeySet.self, from: Data(answer.body))
        else { return false }
        var found: [String: JWK] = [:]
        var single: JWK?
        for key in set.keys.compactMap(\.key) {
            if let name = key.keyIdentifier?.string { found[name] = key } else { single = key }
        }
        guard !found.isEmpty || single != nil else { return false }
        keys = found
        unnamed = found.isEmpty ? single : nil
        readAt = now()
        return true
    }

    private func location() async -> String? {
        if let url = issuer.keysURL { return url }
        let base = issuer.issuer.hasSuffix("/") ? String(issuer.issuer.dropLast()) : issuer.issuer
        guard let answer = try? await send(WebRequest(base + "/.well-known/openid-configuration")),
            answer.status == 200, let document = try? JSONParser.parse(answer.body),
            document["issuer"]?.text == issuer.issuer
        else { return nil }
        return document["jwks_uri"]?.text
    }
}

/// A key of a kind that we do not know spoils the others not, nor does one for encryption.
private struct KeySet: Decodable {
    struct Entry: Decodable {
        let key: JWK?

        init(from decoder: any Decoder) throws {
            let use = try? decoder.container(keyedBy: Name.self).decode(String.self, forKey: .use)
            key = use ?? "sig" == "sig" ? try? JWK(from: decoder) : nil
        }

        enum Name: String, CodingKey { case use }
    }

    let keys: [Entry]
}
