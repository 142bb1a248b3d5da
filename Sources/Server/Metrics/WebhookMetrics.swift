import Metrics
import Store
import Webhooks

/// What webhooks were sent, and have still to get.
///
/// A store that does not answer leaves the queue out, so that the rest can still be seen.
struct WebhookMetrics {
    let store: MailStore
    let counts: WebhookCounts

    func families() async -> [MetricFamily] {
        let values = counts.values
        let attempts = [
            MetricFamily(
                "mailbridge_webhook_attempts_total", .counter,
                "Attempts to deliver an event to a webhook, by what they came to.",
                [
                    MetricSample(Double(values.delivered), MetricLabel("result", "delivered")),
                    MetricSample(Double(values.repeated), MetricLabel("result", "to_be_repeated")),
                    MetricSample(Double(values.failed), MetricLabel("result", "failed")),
                ]),
            MetricFamily(
                "mailbridge_webhook_attempts", .gauge, "Attempts that are being made.", Double(values.underWay)),
        ]
        guard let queue = try? await store.deliveries.counts() else { return attempts }
        return attempts + [
            MetricFamily(
                "mailbridge_webhooks", .gauge, "Webhooks by state.",
                [
                    MetricSample(Double(queue.enabled), MetricLabel("state", "enabled")),
                    MetricSample(Double(queue.disabled), MetricLabel("state", "disabled")),
                ]),
            MetricFamily(
                "mailbridge_webhook_deliveries", .gauge, "Deliveries that are not finished, by state.",
                [
                    MetricSample(Double(queue.pending), MetricLabel("state", "pending")),
                    MetricSample(Double(queue.waiting), MetricLabel("state", "waiting")),
                ]),
            MetricFamily(
                "mailbridge_webhook_open_circuits", .gauge,
                "Webhooks whose endpoint is left alone for a while, after it failed too often.",
                Double(queue.openCircuits)),
        ]
    }
}
