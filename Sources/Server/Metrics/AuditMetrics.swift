import Accounts
import Metrics

/// Whether the audit log has all that happened.
struct AuditMetrics {
    let audit: AuditService

    func families() -> [MetricFamily] {
        [
            MetricFamily(
                "mailbridge_audit_lost_total", .counter, "Entries of the audit log that could not be written.",
                Double(audit.lostCount))
        ]
    }
}
