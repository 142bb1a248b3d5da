import Metrics
import Transport

/// How late an event loop comes to what is due: what every request and session that lives on it waits besides.
///
/// A timer on each loop is due every second and looks how late it is.
final class LoopMetrics: Sendable {
    private let delays = Histogram(
        "mailbridge_event_loop_delay_seconds", "How late timers on the event loops fire.",
        bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5])
    private let loops: EventLoopGroup

    init(_ loops: EventLoopGroup) {
        self.loops = loops
        for loop in loops.loops { arm(loop) }
    }

    func families() -> [MetricFamily] {
        [delays.family, MetricFamily("mailbridge_event_loops", .gauge, "Event loops.", Double(loops.loops.count))]
    }

    private func arm(_ loop: EventLoop) {
        let due = Deadline.after(.seconds(1))
        loop.schedule(at: due) { [weak self, weak loop] in
            guard let self, let loop else { return }
            delays.observe(Deadline.now.duration(since: due) / .seconds(1))
            arm(loop)
        }
    }
}
