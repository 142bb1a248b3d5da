import FoundationEssentials
import Glibc
import Metrics
import Model

/// What the kernel knows about the process, under the names that Prometheus' own clients use.
struct ProcessMetrics {
    private let startedAt = Timestamp.now()

    func families() -> [MetricFamily] {
        let started = Double(startedAt.milliseconds) / 1000
        let uptime = Double(Timestamp.now().milliseconds - startedAt.milliseconds) / 1000
        var families = [
            MetricFamily(
                "process_start_time_seconds", .gauge, "Start of the process, in seconds since 1970.", started),
            MetricFamily("mailbridge_uptime_seconds", .gauge, "Time since the start.", uptime),
        ]
        if let resident = Self.residentOctets() {
            families.append(
                MetricFamily(
                    "process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM.", Double(resident)))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            families.append(
                MetricFamily("process_open_fds", .gauge, "Open file descriptors, sockets included.", Double(open)))
        }
        return families
    }

    /// The second number of `statm` (proc_pid_statm(5)), in pages; nil where there is no /proc.
    private static func residentOctets() -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let numbers = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
