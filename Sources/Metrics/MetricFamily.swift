/// One metric with all its samples, as Prometheus groups them.
package struct MetricFamily: Sendable, Equatable {
    /// What its numbers mean.
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    package let name: String
    package let kind: Kind
    /// One sentence.
    package let help: String
    package let samples: [MetricSample]

    package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [MetricSample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// A metric of one number.
    package init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help, [MetricSample(value)])
    }
}

/// One number, and what tells it from the others of its metric.
package struct MetricSample: Sendable, Equatable {
    /// What a histogram puts behind its name: `_bucket`, `_sum`, `_count`.
    package let suffix: String
    package let labels: [MetricLabel]
    package let value: Double

    package init(_ value: Double, _ labels: MetricLabel..., suffix: String = "") {
        self.suffix = suffix
        self.labels = labels
        self.value = value
    }
}

/// A name and its value, which may be any text.
package struct MetricLabel: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
