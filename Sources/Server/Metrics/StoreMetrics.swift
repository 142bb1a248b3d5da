import Metrics
import Model
import Store

/// What waits in the store, and what was written to its event log.
///
/// A store that does not answer leaves these out, so that the rest can still be seen.
struct StoreMetrics {
    let store: MailStore

    func families() async -> [MetricFamily] {
        var families: [MetricFamily] = []
        if let accounts = try? await store.accounts.countByState() {
            families.append(
                MetricFamily(
                    "mailbridge_accounts", .gauge, "Accounts by state.",
                    AccountState.allCases.map {
                        MetricSample(Double(accounts[$0] ?? 0), MetricLabel("state", $0.rawValue))
                    }))
        }
        if let submissions = try? await store.submissions.countOpen() {
            families.append(
                MetricFamily(
                    "mailbridge_submissions", .gauge, "Submissions that are not final, by state.",
                    SubmissionState.allCases.compactMap { state in
                        submissions[state].map { MetricSample(Double($0), MetricLabel("state", state.rawValue)) }
                    }))
        }
        let counts = store.events.counts.byType
        families.append(
            MetricFamily(
                "mailbridge_events_total", .counter, "Events that this process has written, by type.",
                EventType.allCases.map {
                    MetricSample(Double(counts[$0] ?? 0), MetricLabel("type", $0.rawValue))
                }))
        if let ends = try? await store.events.ends() {
            families.append(
                MetricFamily(
                    "mailbridge_event_log_sequence", .gauge, "Sequences of the oldest and the newest event kept.",
                    [
                        MetricSample(Double(ends.oldest), MetricLabel("end", "oldest")),
                        MetricSample(Double(ends.newest), MetricLabel("end", "newest")),
                    ]))
        }
        return families
    }
}
