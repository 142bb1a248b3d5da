import Synchronization

/// Where every part says how its numbers are asked for; they are asked for when somebody looks, and not before.
package final class MetricsRegistry: Sendable {
    package typealias Source = @Sendable () async -> [MetricFamily]

    private let sources = Mutex<[Source]>([])

    package init() {}

    /// Families come in the order of registration; no two sources may name the same one.
    package func register(_ source: @escaping Source) { sources.withLock { $0.append(source) } }

    package func gather() async -> [MetricFamily] {
        var families: [MetricFamily] = []
        for source in sources.withLock({ $0 }) { families += await source() }
        return families
    }
}
