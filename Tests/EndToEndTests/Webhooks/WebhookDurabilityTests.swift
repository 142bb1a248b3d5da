import Foundation
import MailServers
import Testing

/// Whatever happens to the program, each event arrives at least once, and always under its one id.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct WebhookDurabilityTests {
    @Test func `power failures in the midst of deliveries lose no event and rename none`() async throws {
        var bridge = try await WebhookBridge.start()
        let receiver = try await WebhookReceiver.start()
        let hooks = [
            try await WebhookAtReceiver.make(bridge.api, receiver, "/flaky/a"),
            try await WebhookAtReceiver.make(bridge.api, receiver, "/slow/20/b"),
        ]
        for number in 0..<10 { _ = try await WebhookAtReceiver.make(bridge.api, receiver, "/hang/\(number)") }
        try await bridge.addAccount("a")
        var names: Set<String> = []
        for round in 0..<6 {
            let running = bridge
            // Killed while names are still being given: an answer that did not come proves nothing either way.
            async let killed: Void = {
                try await eventually("deliveries are under way") {
                    try await receiver.count("/slow/20/b") >= 15 * (round + 1)
                }
                try await running.process.kill()
            }()
            for number in 0..<40 {
                let name = "\(round)-\(number)"
                do {
                    try await running.rename("a", to: name)
                    names.insert(name)
                } catch {
                    break
                }
            }
            try await killed
            bridge = try await running.restart()
        }
        #expect(names.count > 30)
        for hook in hooks {
            let calls = try await eventually("every event arrived at \(hook.path)", within: .seconds(120)) {
                try await hook.calls()
            } until: { calls in
                let taken = Set(calls.filter { $0.status == 200 }.compactMap { $0.event["data"]["name"].string })
                return names.isSubset(of: taken)
            }
            #expect(calls.allSatisfy { $0.verified == [0] && $0.event["id"].string == $0.id })
            var ids: [String: Set<String>] = [:]
            for call in calls { ids[call.event["data"]["name"].string ?? "", default: []].insert(call.id) }
            for name in names { #expect(ids[name]?.count == 1, "\(name) came as \(ids[name] ?? [])") }
            // The log has no hole, and everything in it came.
            let sequences = Set(calls.compactMap { $0.event["sequence"].int })
            #expect(sequences == Set(1...(sequences.max() ?? 0)))
        }
        try await bridge.process.stop()
    }
}
