import Synchronization

/// How many observations were at most so large, for each of some bounds.
package final class Histogram: Sendable {
    private struct State {
        var counts: [Int]
        var sum = 0.0
    }

    private let name: String
    private let help: String
    private let bounds: [Double]
    private let state: Mutex<State>

    /// `bounds` ascend; the one without end is added.
    package init(_ name: String, _ help: String, bounds: [Double]) {
        self.name = name
        self.help = help
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    package func observe(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    package var family: MetricFamily {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total = 0
        var samples: [MetricSample] = []
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? bounds[index] : .infinity
            samples.append(
                MetricSample(Double(total), MetricLabel("le", MetricsText.number(bound)), suffix: "_bucket"))
        }
        samples.append(MetricSample(sum, suffix: "_sum"))
        samples.append(MetricSample(Double(total), suffix: "_count"))
        return MetricFamily(name, .histogram, help, samples)
    }
}
