import Metrics
import Sync

/// How far this node's accounts are in step with their servers.
struct SyncMetrics {
    let board: SyncBoard

    func families() -> [MetricFamily] {
        let phases = board.phases
        return [
            MetricFamily(
                "mailbridge_sync_accounts", .gauge, "Accounts that this node keeps in step, by phase.",
                SyncStatus.Phase.allCases.map {
                    MetricSample(Double(phases[$0] ?? 0), MetricLabel("phase", $0.rawValue))
                }),
            MetricFamily(
                "mailbridge_sync_remaining_messages", .gauge, "Messages that first syncs have still to read.",
                Double(board.remaining)),
            MetricFamily(
                "mailbridge_sync_longest_lag_seconds", .gauge,
                "Longest time since a watched account was found up to date.", board.longestLag() / .seconds(1)),
        ]
    }
}
