import MailClient
import Metrics
import Model

/// Sessions at mail servers, over all accounts.
struct SessionMetrics {
    let sessions: AccountSessions

    func families() -> [MetricFamily] {
        let counts = sessions.counts
        let byProtocol = MailProtocol.allCases.compactMap { name in counts[name].map { (name, $0) } }
        func sample(_ value: Int, _ name: MailProtocol, _ state: String) -> MetricSample {
            MetricSample(Double(value), MetricLabel("protocol", name.rawValue), MetricLabel("state", state))
        }
        return [
            MetricFamily(
                "mailbridge_sessions", .gauge, "Sessions at mail servers by protocol and state.",
                byProtocol.flatMap { name, count in
                    [
                        sample(count.lent, name, "lent"), sample(count.idle, name, "idle"),
                        sample(count.connecting, name, "connecting"),
                    ]
                }),
            MetricFamily(
                "mailbridge_session_waiters", .gauge, "Requests that wait for a free session, by protocol.",
                byProtocol.map { MetricSample(Double($1.waiting), MetricLabel("protocol", $0.rawValue)) }),
            MetricFamily(
                "mailbridge_session_pools", .gauge, "Accounts that have a pool of sessions, by protocol.",
                byProtocol.map { MetricSample(Double($1.pools), MetricLabel("protocol", $0.rawValue)) }),
        ]
    }
}
