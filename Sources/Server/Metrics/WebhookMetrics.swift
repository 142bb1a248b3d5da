import Metrics
import Store
import Webhooks

/// What webhooks were sent, and have still to get.
///
/// A store that does not answer leaves the queue out, so that the rest can still be seen.
struct WebhookMetrics {
    let store: MailStore
    let outcomes: OutcomeCounts

    func families() async -> [MetricFamily] {
        var families = [
            MetricFamily(
                "mailbridge_webhook_attempts_total", .counter,
                "Attempts to deliver an event that this process has made, by outcome.",
                OutcomeCounts.Outcome.allCases.map {
                    MetricSample(Double(outcomes[$0]), MetricLabel("outcome", $0.rawValue))
                })
        ]
        guard let counts = try? await store.deliveries.counts() else { return families }
        families += [
            MetricFamily(
                "mailbridge_webhooks", .gauge, "Webhooks by state.",
                [
                    MetricSample(Double(counts.enabled), MetricLabel("state", "enabled")),
                    MetricSample(Double(counts.disabled), MetricLabel("state", "disabled")),
                ]),
            MetricFamily(
                "mailbridge_webhook_deliveries", .gauge, "Deliveries that are not finished, by state.",
                [
                    MetricSample(Double(counts.pending), MetricLabel("state", "pending")),
                    MetricSample(Double(counts.waiting), MetricLabel("state", "waiting")),
                ]),
            MetricFamily(
                "mailbridge_webhook_open_circuits", .gauge,
                "Webhooks whose endpoint is left alone for a while, after it failed too often.",
                Double(counts.openCircuits)),
        ]
        return families
    }
}
