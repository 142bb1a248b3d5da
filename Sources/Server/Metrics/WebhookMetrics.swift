import Metrics
import Webhooks

/// Deliveries to webhooks.
struct WebhookMetrics {
    let counts: WebhookCounts

    func families() -> [MetricFamily] {
        let values = counts.values
        return [
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
    }
}
