import Accounts
import Model
import Store
import Synchronization
import Wire

/// A token endpoint that replaces refresh tokens, accepts each once, and counts; and the clock of the test.
final class ScriptedProvider: Sendable {
    struct State {
        var now = Timestamp(milliseconds: 1_800_000_000_000)
        var refresh = "refresh-0"
        var issued = 0
        var requests: [[String: String]] = []
        /// What it answers instead, once.
        var next: [WebAnswer] = []
        var fault: WebFault?
        /// Called while a request is under way.
        var during: (@Sendable () async -> Void)?
    }

    let state = Mutex(State())

    var now: Timestamp { state.withLock { $0.now } }

    func advance(_ duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    static let settings = [
        "acme": OAuthProvider(
            name: "acme", authorizationURL: "https://acme.test/authorize", tokenURL: "https://acme.test/token",
            deviceURL: "https://acme.test/device", clientID: "mailbridge", clientSecret: Secret("s3cret"),
            scopes: ["mail"], domains: ["acme.test"])
    ]

    func client(_ providers: [String: OAuthProvider] = settings) -> OAuthClient {
        let send: WebSender = { request throws(WebFault) in try await self.answer(request) }
        return OAuthClient(providers: ProviderDirectory(providers, send: send), send: send) { self.now }
    }

    private func answer(_ request: WebRequest) async throws(WebFault) -> WebAnswer {
        let during = state.withLock { $0.during }
        await during?()
        if let fault = state.withLock({ $0.fault }) { throw fault }
        return state.withLock { state in
            var form = ["url": request.url]
            for field in request.form ?? [] { form[field.name] = field.value.revealed }
            if let authorization = request.authorization { form["authorization"] = authorization.revealed }
            state.requests.append(form)
            if !state.next.isEmpty { return state.next.removeFirst() }
            if form["grant_type"] == "refresh_token", form["refresh_token"] != state.refresh {
                return Self.json("{\"error\":\"invalid_grant\",\"error_description\":\"used already\"}", status: 400)
            }
            state.issued += 1
            state.refresh = "refresh-\(state.issued)"
            return Self.json(
                "{\"access_token\":\"access-\(state.issued)\",\"token_type\":\"Bearer\",\"expires_in\":3600,"
                    + "\"refresh_token\":\"\(state.refresh)\"}")
        }
    }

    static func json(_ text: String, status: Int = 200) -> WebAnswer {
        WebAnswer(status: status, body: Array(text.utf8))
    }
}
