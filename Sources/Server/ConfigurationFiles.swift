package import Accounts
import HTTP
package import HTTPClient
import MailClient
package import Transport

/// Fetches files that a stranger's domain publishes.
package struct ConfigurationFiles: Sendable {
    /// Octets of a file, and hops to it.
    private static let octets = 128 << 10
    private static let redirects = 3

    private let client: HTTPClient

    package init(loops: EventLoopGroup, addresses: AddressPolicy, nameServer: NameServer = .system) {
        var limits = HTTPClientLimits()
        limits.keptBody = Self.octets
        limits.idle = 0
        client = HTTPClient(loops: loops, addresses: addresses, nameServer: nameServer, limits: limits)
    }

    package func close() async { await client.close() }

    /// Redirects are followed a few times, each to an address that is judged like the first; never from https to http.
    package func content(
        of text: String, until end: ContinuousClock.Instant
    ) async throws(DiscoveryFault) -> [UInt8] {
        var place = text
        for _ in 0...Self.redirects {
            let url: HTTPURL
            do throws(HTTPURL.Fault) { url = try HTTPURL(place) } catch {
                throw DiscoveryFault("the URL \(error.detail)")
            }
            let answer: HTTPClientAnswer
            do throws(HTTPClientError) {
                answer = try await client.send(
                    HTTPClientRequest(.get, url, isRepeatable: true), deadline: Deadline(end))
            } catch {
                throw DiscoveryFault(error.description)
            }
            switch answer.status.code {
            case 200:
                guard answer.isComplete else { throw DiscoveryFault("the file is too long, or broke off") }
                return answer.body
            case 301, 302, 303, 307, 308: place = try Self.target(of: answer, from: url)
            default: throw DiscoveryFault("HTTP \(answer.status.code)")
            }
        }
        throw DiscoveryFault("too many redirects")
    }

    private static func target(of answer: HTTPClientAnswer, from url: HTTPURL) throws(DiscoveryFault) -> String {
        guard let location = answer.fields[.location] else { throw DiscoveryFault("a redirect to nowhere") }
        let isRelative = location.hasPrefix("/") && !location.hasPrefix("//")
        let next = isRelative ? "http\(url.isSecure ? "s" : "")://\(url.authority)\(location)" : location
        guard !url.isSecure || next.hasPrefix("https://") else { throw DiscoveryFault("a redirect out of TLS") }
        return next
    }
}
