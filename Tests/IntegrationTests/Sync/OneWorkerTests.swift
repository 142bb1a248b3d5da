import MailServers
import Synchronization
import Testing

/// Two workers never work on one account.
@Suite(.timeLimit(.minutes(2))) struct OneWorkerTests {
    /// Workers that read the account's mail at the same time; the first of them stays until it is let go.
    private actor Readers {
        private(set) var count = 0
        private(set) var most = 0
        private var isOpen = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func note(_ isReading: Bool) async {
            count += isReading ? 1 : -1
            most = max(most, count)
            if isReading, !isOpen { await withCheckedContinuation { waiting.append($0) } }
        }

        func open() {
            isOpen = true
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    @Test func `a worker that takes long to end is not joined by another`() async throws {
        let server = SyncServer.dovecot
        let readers = Readers()
        let user = try await server.newUser()
        try await server.deliver(user, "there already")
        let account = try await SyncedAccount.begin(server, user: user) { _, isReading in await readers.note(isReading)
        }
        try await eventually("its mail is read") { await readers.count == 1 }
        // Has begun when this returns, though the machine is busy.
        let changed = Task.immediate { await account.change() }
        for _ in 0..<20 {
            account.look()
            // Sound: nothing is to happen; what should not would take some milliseconds
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await readers.count == 1)
        await readers.open()
        await changed.value
        try await account.settle()
        #expect(await readers.most == 1)
        try await account.stop()
    }
}
