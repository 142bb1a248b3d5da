import Synchronization

/// A number for each value of one label, that only grows.
package final class Counter: Sendable {
    private let name: String
    private let help: String
    private let label: String
    private let counts: Mutex<[String: Int]>

    /// `values` are shown from the start, with 0: a rate over a series that appears later would miss its first step.
    package init(_ name: String, _ help: String, label: String, values: [String] = []) {
        self.name = name
        self.help = help
        self.label = label
        counts = Mutex(Dictionary(uniqueKeysWithValues: values.map { ($0, 0) }))
    }

    package func add(_ value: String, _ amount: Int = 1) { counts.withLock { $0[value, default: 0] += amount } }

    package var family: MetricFamily {
        let counts = counts.withLock { $0 }
        return MetricFamily(
            name, .counter, help,
            counts.sorted { $0.key < $1.key }.map { MetricSample(Double($0.value), MetricLabel(label, $0.key)) })
    }
}
