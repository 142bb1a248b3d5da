internal import CLinux
internal import Synchronization

/// The event loops of the process, usually one a core.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let position = Atomic<Int>(0)

    /// Starts `count` loops; nil starts one for each core that the process may use.
    package init(loops count: Int? = nil) throws(TransportError) {
        var loops: [EventLoop] = []
        for index in 0..<max(1, count ?? Self.availableCores) {
            loops.append(try EventLoop(name: "loop-\(index)"))
        }
        self.loops = loops
    }

    /// Cores in the process's affinity mask, which containers narrow.
    package static var availableCores: Int { Int(mb_available_cores()) }

    /// The loops one after the other.
    package func next() -> EventLoop {
        loops[Int(UInt(bitPattern: position.add(1, ordering: .relaxed).oldValue) % UInt(loops.count))]
    }

    /// Wakes every wait with `closed`, runs what is left and ends the threads.
    package func shutdown() async {
        for loop in loops { loop.stop() }
        for loop in loops { await loop.shutdown() }
    }
}
