package import Model

/// Finds out which servers an address has: what the domain publishes, what its provider does, and what is usual; all at once, each within
/// a time of its own.
package struct DiscoveryService: Sendable {
    private let sources: DiscoverySources
    /// Where a directory of many providers' files is, before the domain; nil where none is to be asked.
    private let directory: String?

    package init(sources: DiscoverySources, directory: String? = nil) {
        self.sources = sources
        self.directory = directory
    }

    /// What one place brought.
    private struct Finding: Sendable {
        var source: DiscoverySource
        var servers: [DiscoveredServer]
    }

    /// Never throws for what is not there: an address of which nothing can be found out has no candidates.
    package func discover(_ email: String, deadline: ContinuousClock.Instant) async throws -> Discovery {
        if let detail = AccountSettings.fault(inAddress: email) {
            throw AccountError.invalid([FieldFault(pointer: "/email", detail: detail)])
        }
        let at = email.lastIndex(of: "@") ?? email.startIndex
        let domain = email[email.index(after: at)...].lowercased()
        guard DomainName.isHost(domain), domain.contains(".") || domain == "localhost" else {
            throw AccountError.invalid([
                FieldFault(pointer: "/email", detail: "has a domain that is no name; write others in their xn-- form")
            ])
        }
        // Some of the time is left for the probes, and for the answer.
        let asking = ContinuousClock.now + min(Limits.discoveryAsking, ContinuousClock.now.duration(to: deadline) / 3)
        let (findings, exchange) = await ask(email, domain, until: asking)
        let published = findings.flatMap(\.servers)
        let guessed = UsualNames.servers(of: domain, mailExchange: exchange, username: email)
        let probing =
            ContinuousClock.now
            + min(Limits.discoveryProbing, ContinuousClock.now.duration(to: deadline) * 2 / 3)
        let candidates = await probe(Self.distinct(published + guessed), until: probing)
        return Discovery(
            email: email, candidates: Self.ranked(candidates).filter { $0.isReachable || $0.origin != .guess },
            sources: findings.map(\.source))
    }

    // MARK: Asking

    private func ask(
        _ email: String, _ domain: String, until asking: ContinuousClock.Instant
    ) async -> (findings: [Finding], mailExchange: String?) {
        async let published = files(AutoconfigFile.places(of: domain, email: email), email, .autoconfig, asking)
        async let records = services(email, domain, asking)
        async let listed = files(directory.map { [$0 + domain] } ?? [], email, .directory, asking)
        async let provided = provider(email, domain, asking)
        let (fromProvider, exchange) = await provided
        return (await published + records + listed + fromProvider, exchange)
    }

    private func services(
        _ email: String, _ domain: String, _ asking: ContinuousClock.Instant
    ) async -> [Finding] {
        await inOrder(ServiceNames.all) { service in
            let place = "\(service.name).\(domain)"
            do throws(DiscoveryFault) {
                let records = try await sources.services(place, asking)
                let servers = ServiceNames.servers(
                    records, service.mailProtocol, service.security, username: email, evidence: place)
                return Finding(source: .init(origin: .srv, place: place, servers: servers.count), servers: servers)
            } catch {
                return Finding(source: .init(origin: .srv, place: place, servers: nil, fault: error.text), servers: [])
            }
        }
    }

    private func provider(
        _ email: String, _ domain: String, _ asking: ContinuousClock.Instant
    ) async -> (findings: [Finding], mailExchange: String?) {
        let exchange: String?
        do throws(DiscoveryFault) {
            exchange = try await sources.mailExchanges(domain, asking).map { $0.lowercased() }
                .first { DomainName.isHost($0) }
        } catch {
            let source = DiscoverySource(origin: .mxAutoconfig, place: domain, servers: nil, fault: error.text)
            return ([Finding(source: source, servers: [])], nil)
        }
        guard let exchange else { return ([], nil) }
        let providers = DomainName.providers(of: exchange, domain: domain)
        let places = providers.flatMap { provider in
            AutoconfigFile.places(of: provider, email: email).filter { $0.hasPrefix("https://") }
        }
        async let listed = files(directory.map { base in providers.map { base + $0 } } ?? [], email, .directory, asking)
        return (await files(places, email, .mxAutoconfig, asking) + listed, exchange)
    }

    private func files(
        _ places: [String], _ email: String, _ origin: DiscoveredServer.Origin, _ asking: ContinuousClock.Instant
    ) async -> [Finding] {
        await inOrder(places) { place in
            // Whose address it is asked for is no part of the evidence.
            let shown = place.split(separator: "?").first.map(String.init) ?? place
            func finding(_ servers: [DiscoveredServer]?, _ fault: String?) -> Finding {
                Finding(
                    source: .init(origin: origin, place: shown, servers: servers?.count, fault: fault),
                    servers: servers ?? [])
            }
            do throws(DiscoveryFault) {
                let octets = try await sources.file(place, asking)
                do throws(XMLFault) {
                    return finding(
                        try AutoconfigFile.servers(octets, email: email, origin: origin, evidence: shown), nil)
                } catch {
                    return finding(nil, "the file \(error.text)")
                }
            } catch {
                return finding(nil, error.text)
            }
        }
    }

    /// All at once, the answers in the order of the questions.
    private func inOrder<Question: Sendable, Answer: Sendable>(
        _ questions: [Question], _ ask: @escaping @Sendable (Question) async -> Answer
    ) async -> [Answer] {
        await withTaskGroup(of: (Int, Answer).self) { group in
            for (index, question) in questions.enumerated() {
                group.addTask { (index, await ask(question)) }
            }
            var answers: [Int: Answer] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return answers.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    // MARK: Choosing

    /// Each server once, by whoever is to be trusted most.
    private static func distinct(_ servers: [DiscoveredServer]) -> [DiscoveredServer] {
        struct Key: Hashable {
            let mailProtocol: MailProtocol
            let endpoint: ServerEndpoint
        }
        var seen: Set<Key> = []
        let sorted = servers.enumerated().sorted {
            ($0.element.doubt, $0.offset) < ($1.element.doubt, $1.offset)
        }.map(\.element)
        return Array(
            sorted.filter { seen.insert(Key(mailProtocol: $0.mailProtocol, endpoint: $0.endpoint)).inserted }
                .prefix(Limits.probedServers))
    }

    private func probe(
        _ servers: [DiscoveredServer], until probing: ContinuousClock.Instant
    ) async -> [DiscoveredServer] {
        await inOrder(servers) { server in
            var server = server
            let fault = await sources.probe(server.mailProtocol, server.endpoint, probing)
            server.isReachable = fault == nil
            server.fault = fault?.text
            return server
        }
    }

    /// By protocol, those that answer first, then by who says so, then TLS from the first octet.
    private static func ranked(_ servers: [DiscoveredServer]) -> [DiscoveredServer] {
        func rank(_ server: DiscoveredServer) -> (Int, Int, Int, Int) {
            (
                MailProtocol.allCases.firstIndex(of: server.mailProtocol) ?? 0, server.isReachable ? 0 : 1,
                server.doubt,
                server.endpoint.security == .tls ? 0 : 1
            )
        }
        return servers.enumerated().sorted {
            let (left, right) = (rank($0.element), rank($1.element))
            return left == right ? $0.offset < $1.offset : left < right
        }.map(\.element)
    }
}
