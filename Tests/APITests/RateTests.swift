import API
import HTTP
import Model
import Synchronization
import Testing

/// A clock that stands until it is moved.
private final class StoppedClock: Sendable {
    private let moment = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { moment.withLock { $0 } }

    func advance(_ duration: Duration) { moment.withLock { $0 += duration } }
}

@Suite struct RateTests {
    private let clock = StoppedClock()
    private let account = AccountID(rawValue: "acc_1")

    private func limits(token: Int = 0, account: Int = 0, concurrency: Int = 0) -> RateLimits {
        var settings = RateLimits.Settings()
        settings.token = token
        settings.account = account
        settings.concurrency = concurrency
        return RateLimits(settings) { [clock] in clock.now }
    }

    private func principal(_ id: String = "tok_1", rate: Int? = nil) -> Principal {
        Principal(id: id, name: "t", scopes: [.read], accounts: nil, rateLimit: rate)
    }

    private func refusal(_ limits: RateLimits, _ principal: Principal, _ account: AccountID? = nil) -> Problem? {
        do throws(Problem) {
            _ = try limits.enter(principal, account)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a token has its requests, and gets them back evenly`() throws {
        let limits = limits(token: 60)
        let fields = try limits.enter(principal(), nil)
        #expect(fields[.rateLimitPolicy] == "\"token\";q=60;w=60")
        #expect(fields[.rateLimit] == "\"token\";r=59;t=1")
        for _ in 0..<59 { #expect(refusal(limits, principal()) == nil) }
        let problem = refusal(limits, principal())
        #expect(problem?.slug == .rateLimited && problem?.slug.status == .tooManyRequests)
        #expect(problem?.fields[.retryAfter] == "1" && problem?.fields[.rateLimit] == "\"token\";r=0;t=1")
        #expect(refusal(limits, principal("tok_2")) == nil, "others have their own")
        clock.advance(.seconds(2))
        #expect(refusal(limits, principal()) == nil && refusal(limits, principal()) == nil)
        #expect(refusal(limits, principal()) != nil)
    }

    @Test func `a token's own limit wins, and the operator has none`() {
        let limits = limits(token: 60, account: 1, concurrency: 1)
        #expect(refusal(limits, principal(rate: 1)) == nil && refusal(limits, principal(rate: 1)) != nil)
        let operatorsOwn = principal(Principal.settingsID)
        for _ in 0..<100 { #expect(refusal(limits, operatorsOwn, account) == nil) }
    }

    @Test func `all tokens together spend what an account has`() {
        let limits = limits(account: 4)
        for number in 0..<4 { #expect(refusal(limits, principal("tok_\(number)"), account) == nil) }
        let problem = refusal(limits, principal("tok_9"), account)
        #expect(problem?.fields[.retryAfter] == "15")
        #expect(refusal(limits, principal("tok_9"), AccountID(rawValue: "acc_2")) == nil)
    }

    @Test func `so many requests of an account run at once`() {
        let limits = limits(concurrency: 2)
        #expect(refusal(limits, principal(), account) == nil && refusal(limits, principal(), account) == nil)
        #expect(refusal(limits, principal(), account)?.slug == .rateLimited)
        limits.leave(principal(), account)
        #expect(refusal(limits, principal(), account) == nil)
    }

    @Test func `answers say what is left, refusals when to go on`() async throws {
        let client = Client(rates: limits(token: 2))
        let first = try await client.send(.get, "/v1/accounts", token: "read")
        #expect(first.status == 200 && first.fields[.rateLimit] == "\"token\";r=1;t=30")
        _ = try await client.send(.get, "/v1/accounts", token: "read")
        let third = try await client.send(.get, "/v1/accounts", token: "read")
        #expect(third.status == 429 && third.slug == "rate-limited")
        #expect(third.fields.values(of: .retryAfter) == ["30"])
        // Also what goes wrong counts, and says so.
        let wrong = try await client.send(.get, "/v1/tokens", token: "send")
        #expect(wrong.status == 403 && wrong.fields[.rateLimitPolicy] == "\"token\";q=2;w=60")
    }

    @Test func `who may not use an account does not use up what it may be asked`() async throws {
        let client = Client(rates: limits(token: 0, account: 1))
        for _ in 0..<5 {
            #expect(try await client.send(.get, "/v1/accounts/acc_1", token: "read~acc_2").status == 403)
        }
        #expect(try await client.send(.get, "/v1/accounts/acc_1", token: "read").status == 200)
        #expect(try await client.send(.get, "/v1/accounts/acc_1", token: "read").status == 429)
    }

    @Test func `what changes something is noted, with its account, and reading is not`() async throws {
        let client = Client()
        _ = try await client.send(.get, "/v1/accounts/acc_1")
        _ = try await client.send(
            .post, "/v1/accounts/acc_1/messages/search", token: "read", #"{"filter":{"from":"a"}}"#)
        _ = try await client.send(.delete, "/v1/accounts/acc_1", token: "read")
        _ = try await client.send(.delete, "/v1/accounts/acc_1")
        _ = try await client.send(
            .post, "/v1/accounts",
            #"{"email":"a@b.c","imap":{"host":"h"},"credentials":{"username":"u","password":"p"}}"#)
        let noted = client.engines.audited.withLock { $0 }
        #expect(
            noted.map { "\($0.principal) \($0.operation) \($0.account?.rawValue ?? "-") \($0.status)" } == [
                "read deleteAccount acc_1 403", "admin deleteAccount acc_1 204", "admin createAccount acc_1 201",
            ])
    }
}

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("192.0.2.0/24", "::ffff:192.0.2.7", true), ("::1", "::1", true), ("fe80::/10", "febf::1", true),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", true), ("10.0.0.0/8", "", false), ("10.0.0.0/8", "nonsense", false),
    ]) func `holds what it says`(range: String, address: String, isIn: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isIn)
    }

    @Test(arguments: [
        "", "x", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "::/129",
        "1::2::3", "1:2:3:4:5:6:7:8:9", "12345::", ":1:2:3:4:5:6:7", "+1::", "192.0.2.0/+8",
    ]) func `is none`(text: String) { #expect(AddressRange(text) == nil) }

    @Test func `lets a token in from there, and from nowhere else`() async throws {
        let range = try #require(AddressRange("192.0.2.0/24"))
        let principal = Principal(id: "t", name: "t", scopes: [.admin], accounts: nil, addresses: [range])
        #expect(principal.may(comeFrom: "192.0.2.9"))
        for address in ["198.51.100.1", ""] { #expect(!principal.may(comeFrom: address)) }
    }
}
