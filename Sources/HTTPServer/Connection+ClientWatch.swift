import HTTP
import Transport
import Wire

/// The lookout for a client that goes away while its request is served.
///
/// Most requests are over before anybody could look, so they must not pay for it: one timer a connection, left armed
/// over many requests, finds the request that is still the same as last time and only then starts to read ahead.
struct ClientWatch {
    var isArmed = false
    /// The exchange that the timer saw last.
    var seen = 0
    var reader: Task<Void, Never>?
}

extension Connection {
    /// Begins to look; to be called when a request starts.
    func watchClient() {
        guard !watch.isArmed else { return }
        watch.isArmed = true
        eventLoop.schedule(at: .after(service.configuration.clientCheckInterval)) { [weak self] in
            self?.assumeIsolated { $0.checkClient() }
        }
    }

    private func checkClient() {
        watch.isArmed = false
        guard isServing, watch.reader == nil else { return }
        if watch.seen == exchange, machine.isBodyComplete, !isReading, stream.input.isEmpty {
            watch.reader = Task(name: "http client watch") { [weak self] in
                await self?.readAhead()
            }
        } else {
            watch.seen = exchange
            watchClient()
        }
    }

    /// Ends the look, before anybody else reads from the stream.
    func stopWatching() async {
        guard let reader = watch.reader else { return }
        reader.cancel()
        await reader.value
        watch.reader = nil
    }

    /// Waits for what a client sends that should have nothing to say: its end.
    ///
    /// A next request stays in the buffer.
    private func readAhead() async {
        do throws(TransportError) {
            guard try await stream.fill() == 0 else { return }
            var seen = -1
            while seen != written {
                seen = written
                try await eventLoop.sleep(for: service.configuration.halfCloseGrace)
            }
        } catch {
            // Anything else is a reset: nobody waits for the answer.
            if error == .cancelled { return }
        }
        cancel()
    }
}
