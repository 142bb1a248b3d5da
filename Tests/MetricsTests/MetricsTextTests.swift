import Metrics
import Testing

@Suite struct MetricsTextTests {
    private static func text(_ families: MetricFamily...) -> String {
        String(decoding: MetricsText.octets(families), as: UTF8.self)
    }

    @Test func `writes help, type and samples`() {
        let text = Self.text(
            MetricFamily("up", .gauge, "Whether it is.", 1),
            MetricFamily(
                "requests_total", .counter, "Requests.",
                [MetricSample(3, MetricLabel("status", "2xx"), MetricLabel("path", "/a")), MetricSample(0.5)]))
        #expect(
            text == """
                # HELP up Whether it is.
                # TYPE up gauge
                up 1
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{status="2xx",path="/a"} 3
                requests_total 0.5

                """)
    }

    @Test func `escapes help and labels, each in its own way`() {
        let text = Self.text(
            MetricFamily("x", .gauge, "a\\b\nc \"d\"", [MetricSample(1, MetricLabel("l", "a\\b\nc \"d\" ä"))]))
        #expect(
            text == "# HELP x a\\\\b\\nc \"d\"\n# TYPE x gauge\nx{l=\"a\\\\b\\nc \\\"d\\\" ä\"} 1\n")
    }

    @Test(arguments: [
        (0.0, "0"), (-2.0, "-2"), (1e15, "1000000000000000"), (0.001, "0.001"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `writes numbers as the format wants them`(number: Double, text: String) {
        #expect(MetricsText.number(number) == text)
    }

    @Test func `a histogram counts up to its last bucket`() {
        let histogram = Histogram("delay", "Delay.", bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        #expect(
            Self.text(histogram.family).split(separator: "\n").suffix(5) == [
                "delay_bucket{le=\"0.1\"} 2", "delay_bucket{le=\"1\"} 3", "delay_bucket{le=\"+Inf\"} 4",
                "delay_sum 7.65", "delay_count 4",
            ])
    }

    @Test func `a counter shows what it will count`() async {
        let counter = Counter("hits_total", "Hits.", label: "kind", values: ["b", "a"])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { counter.add("b") } }
        }
        counter.add("c", 5)
        #expect(
            counter.family.samples == [
                MetricSample(0, MetricLabel("kind", "a")), MetricSample(100, MetricLabel("kind", "b")),
                MetricSample(5, MetricLabel("kind", "c")),
            ])
    }

    @Test func `the registry asks every source when it is asked`() async {
        let registry = MetricsRegistry()
        let counter = Counter("n", "N.", label: "l")
        registry.register { [counter.family] }
        registry.register { [MetricFamily("m", .gauge, "M.", 2)] }
        counter.add("x")
        let families = await registry.gather()
        #expect(families.map(\.name) == ["n", "m"])
        #expect(families[0].samples.map(\.value) == [1])
    }
}
